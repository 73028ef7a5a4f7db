import type { KubeObject } from '../../../api/object.ts'
import { missing, wrong } from '../builtin/problems.ts'
import type { FieldProblem } from '../types.ts'

const APPROVAL = 'api-approved.kubernetes.io'

/** How an API of a group of the Kubernetes project stands to its approval; undefined for other groups (KEP-1111). */
export function approvalOf(
  group: string,
  crd: KubeObject,
): { readonly kind: 'missing' | 'invalid' | 'approved' | 'unapproved'; readonly words: string } | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return undefined
  const words = crd.metadata.annotations?.[APPROVAL] ?? ''
  if (words === '') return { kind: 'missing', words }
  if (words.startsWith('unapproved')) return { kind: 'unapproved', words }
  const isUrl = URL.canParse(words) && new URL(words).host !== ''
  return { kind: isUrl ? 'approved' : 'invalid', words }
}

/** What is wrong with the approval of a CRD. */
export function approvalProblems(group: string, crd: KubeObject): readonly FieldProblem[] {
  const approval = approvalOf(group, crd)
  const field = `metadata.annotations[${APPROVAL}]`
  const words = `protected groups must have approval annotation "${APPROVAL}"`
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  switch (approval?.kind) {
    case 'missing':
      return [missing(field, `${words}, ${see}`)]
    case 'invalid': {
      const detail = `${words} with either a URL or a reason starting with "unapproved", ${see}`
      return [wrong(field, approval.words, detail)]
    }
    default:
      return []
  }
}
