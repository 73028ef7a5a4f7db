import { EMPTY_SET, setOfPaths } from '../../../../../src/sandbox/apiserver/fields/field-set.ts'
import type { FieldSet } from '../../../../../src/sandbox/apiserver/fields/field-set.ts'
import { applied } from '../../../../../src/sandbox/apiserver/ownership/apply.ts'
import type { Applied } from '../../../../../src/sandbox/apiserver/ownership/apply.ts'
import type { Tracking } from '../../../../../src/sandbox/apiserver/ownership/change.ts'
import { NO_OWNERS } from '../../../../../src/sandbox/apiserver/ownership/owners.ts'
import type { Owner, Owners } from '../../../../../src/sandbox/apiserver/ownership/owners.ts'
import { ownersAfterUpdate } from '../../../../../src/sandbox/apiserver/ownership/update.ts'
import { RULES } from '../fields/fixtures.ts'

export const TIME = '2026-01-01T00:00:00Z'
export const LATER = '2026-01-01T00:00:01Z'

/** Tracking of the objects that the fixtures of fields describe. */
export const TRACKING: Tracking = {
  apiVersion: 'v1',
  types: RULES,
  subresource: '',
  ignored: EMPTY_SET,
  version: () => undefined,
}

/** The same for a place of it that is written elsewhere. */
export function ignoring(...names: readonly string[]): Tracking {
  return { ...TRACKING, ignored: setOfPaths(names.map((name) => [`f:${name}`])) }
}

/** An object with its owners, on which writes are tried. */
export interface State {
  readonly object: unknown
  readonly owners: Owners
}

export const NOTHING: State = { object: {}, owners: NO_OWNERS }

/** The state after an apply that must go through. */
export function afterApply(
  state: State,
  manager: string,
  {
    config,
    force = false,
    time = TIME,
  }: { readonly config: unknown; readonly force?: boolean; readonly time?: string },
): State {
  const result = tryApply(state, manager, { config, force, time })
  if (result.kind === 'conflict') throw new Error('the apply conflicts')
  const object = result.object === undefined ? state.object : (result.object ?? {})
  return { object, owners: result.owners }
}

/** What an apply does. */
export function tryApply(
  state: State,
  manager: string,
  {
    config,
    force = false,
    time = TIME,
  }: { readonly config: unknown; readonly force?: boolean; readonly time?: string },
): Applied {
  return applied(TRACKING, state.owners, { manager, live: state.object, config, force, time })
}

/** The state after an update to `next`. */
export function afterUpdate(state: State, manager: string, next: unknown): State {
  const change = { manager, old: state.object, next, time: TIME }
  return { object: next, owners: ownersAfterUpdate(TRACKING, state.owners, change) }
}

/** `manager operation` → what it owns. */
export function ownedBy(owners: Owners): Readonly<Record<string, FieldSet>> {
  return Object.fromEntries(
    [...owners.values()].map((owner: Owner) => [`${owner.manager} ${owner.operation}`, owner.fields]),
  )
}
