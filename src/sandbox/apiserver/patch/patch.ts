import type { KubeObject } from '../../../api/object.ts'
import { failure } from '../model/status.ts'
import type { StatusError } from '../model/status.ts'
import type { MergeSchema } from '../resource/resource.ts'
import { applyJsonPatch } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { applyStrategicPatch } from './strategic.ts'

/** The kinds of patch that this server applies. */
export type PatchKind = 'json' | 'merge' | 'strategic'

const MEDIA_TYPES: Readonly<Record<string, PatchKind | 'apply'>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/**
 * The kind of patch that a content type names.
 * @param accepts - the resource's version; a kind without merge schema takes no strategic patches
 * @throws StatusError 415
 */
export function patchKindOf(
  mediaType: string,
  accepts: { readonly merge?: MergeSchema; readonly scale?: unknown },
): PatchKind | 'apply' {
  const kind = MEDIA_TYPES[mediaType]
  const strategic = accepts.merge !== undefined || accepts.scale === true
  if (kind !== undefined && (kind !== 'strategic' || strategic)) return kind
  if (strategic) throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', { details: {} })
  const accepted = Object.keys(MEDIA_TYPES).filter((type) => MEDIA_TYPES[type] !== 'strategic')
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )
}

/**
 * Apply a patch to an object as its client sees it.
 * @throws StatusError 400 (no patch of this kind), 422 (a JSON patch that cannot be applied)
 */
export function applyPatch(
  how: {
    readonly kind: PatchKind
    readonly version?: { readonly merge?: MergeSchema }
    readonly resourceKind: string
  },
  current: KubeObject | undefined,
  patch: unknown,
): unknown {
  switch (how.kind) {
    case 'json':
      return applyJsonPatch(current, patch)
    case 'merge':
      return applyMergePatch(current, patch, how.resourceKind)
    case 'strategic':
      return applyStrategicPatch(current, patch, how.version?.merge)
  }
}

function unsupportedMediaType(message: string): StatusError {
  return failure(415, 'UnsupportedMediaType', message)
}
