import { shownPath } from '../fields/element.ts'
import { pathsOf } from '../fields/field-set.ts'
import { failure } from '../model/status.ts'
import type { StatusError } from '../model/status.ts'
import type { Conflict } from './change.ts'
import type { Owner } from './owners.ts'

/** 409: the configuration changes fields of others. One cause for each path. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const all = conflicts
    .flatMap(({ owner, fields }) =>
      pathsOf(fields).map((path) => ({
        owner: shownOwner(owner),
        field: shownPath(path),
        rank: rankOf(owner),
      })),
    )
    .toSorted((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
  const causes = all.map(({ owner, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${owner}`,
    field,
  }))
  return failure(409, 'Conflict', messageOf(all), { details: { causes } })
}

/** An owner as messages name it: `"kubectl-edit" using v1`. */
export function shownOwner(owner: Owner): string {
  const via = owner.subresource === '' ? '' : ` with subresource ${JSON.stringify(owner.subresource)}`
  const using = owner.operation === 'Update' ? ` using ${owner.apiVersion}` : ''
  return `${JSON.stringify(owner.manager)}${via}${using}`
}

/** Owners are named in the order of their entries as JSON. */
function rankOf({ manager, operation, apiVersion, subresource }: Owner): string {
  return JSON.stringify({
    manager,
    operation,
    ...(operation === 'Update' ? { apiVersion } : {}),
    ...(subresource === '' ? {} : { subresource }),
  })
}

function messageOf(all: readonly { readonly owner: string; readonly field: string }[]): string {
  const [first] = all
  if (all.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.owner}: ${first.field}`
  }
  const lines = [...new Set(all.map(({ owner }) => owner))].flatMap((owner) => [
    `conflicts with ${owner}:`,
    ...all.filter((conflict) => conflict.owner === owner).map(({ field }) => `- ${field}`),
  ])
  return `Apply failed with ${all.length} conflicts: ${lines.join('\n')}`
}
