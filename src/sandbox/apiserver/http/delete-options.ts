import { DELETION_POLICIES } from '../model/deletion-policy.ts'
import type { DeletionPolicy } from '../model/deletion-policy.ts'
import { failure, invalid } from '../model/status.ts'
import { fieldsOf, isFields, listOf, textOf } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { Preconditions } from '../resource/delete.ts'
import type { FieldProblem } from '../types.ts'
import type { ResourceRequest } from './asked.ts'
import { parseDeleteOptions } from './body.ts'
import { dryRunProblems } from './write-options.ts'

const NO_POLICY =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

/** What a DELETE asks for. */
export interface DeleteOptions {
  readonly dryRun: boolean
  readonly preconditions: Preconditions
  /** Absent: none was said. */
  readonly policy?: DeletionPolicy
  /** Words of `Warning:` headers. */
  readonly warnings: readonly string[]
}

/**
 * Options of a DELETE: from its body, or where it has none from its query.
 * @throws StatusError 400, 422
 */
export function deleteOptionsOf({ request, target }: ResourceRequest): DeleteOptions {
  const body = parseDeleteOptions(request)
  const inQuery = request.body.byteLength === 0
  const said = inQuery ? Object.fromEntries(request.query) : body
  const dryRun = (inQuery ? request.query.getAll('dryRun') : listOf(body['dryRun']).map(textOf)).filter(
    (value) => value !== '',
  )
  const problems = [...dryRunProblems(dryRun), ...policyProblems(said)]
  if (problems.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', problems)
  const policy = policyOf(said)
  const orphans = target.type.defaultDeletionPolicy === 'Orphan'
  return {
    dryRun: dryRun.length > 0,
    preconditions: preconditionsOf(body),
    ...(policy === undefined ? {} : { policy }),
    warnings: orphans && policy === undefined ? [NO_POLICY] : [],
  }
}

function preconditionsOf(body: Readonly<Fields>): Preconditions {
  const wanted = fieldsOf(body['preconditions'])
  if (body['preconditions'] !== undefined && !isFields(body['preconditions'])) {
    throw failure(400, 'BadRequest', 'preconditions must be an object')
  }
  const uid = textOf(wanted['uid'])
  const resourceVersion = textOf(wanted['resourceVersion'])
  return { ...(uid === '' ? {} : { uid }), ...(resourceVersion === '' ? {} : { resourceVersion }) }
}

/** `orphanDependents` is what `propagationPolicy` was before; a query has it as text. */
function policyOf(said: Readonly<Fields>): DeletionPolicy | undefined {
  const orphans = said['orphanDependents'] ?? ''
  if (orphans !== '') return orphans === true || orphans === 'true' ? 'Orphan' : 'Background'
  return DELETION_POLICIES.find((policy) => policy === said['propagationPolicy'])
}

function policyProblems(said: Readonly<Fields>): readonly FieldProblem[] {
  const field = 'propagationPolicy'
  const value = textOf(said[field])
  if (value === '') return []
  if ((said['orphanDependents'] ?? '') !== '') {
    const detail = 'orphanDependents and deletionPropagation cannot be both set'
    return [{ field, kind: 'invalid', detail, value }]
  }
  if (DELETION_POLICIES.some((policy) => policy === value)) return []
  const detail = 'supported values: "Foreground", "Background", "Orphan", "nil"'
  return [{ field, kind: 'unsupported', detail, value }]
}
