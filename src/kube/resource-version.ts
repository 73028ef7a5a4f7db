/**
 * Order of two resourceVersions of one kind in one cluster: negative, 0 or positive; 0 when one is absent or no number.
 * Real API servers give decimal numbers that grow (Kubernetes 1.35 promises to); others are taken as opaque.
 */
export function compareVersions(left: string, right: string): number {
  if (!isNumber(left) || !isNumber(right)) return 0
  if (left.length !== right.length) return left.length - right.length
  if (left === right) return 0
  return left < right ? -1 : 1
}

function isNumber(version: string): boolean {
  return /^(?:0|[1-9]\d{0,39})$/.test(version)
}
