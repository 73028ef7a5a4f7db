import { backoffMs } from '../runtime/backoff.ts'
import { compareVersions } from './resource-version.ts'
import type { MemberState } from './types.ts'

/** What one request asks for. */
export type Mode =
  /** The whole list as initial events of a watch, which then goes on. */
  | { readonly kind: 'stream-list' }
  /** A page of the list; without `from` the first. */
  | { readonly kind: 'page'; readonly from?: string }
  /** With `verify` it is asked first whether the server has reached the version. */
  | { readonly kind: 'watch'; readonly version: string; readonly verify?: true }

/** Why a request failed, as far as it decides what comes next. */
export type Failure =
  /** The version or the list's continuation is no longer kept, or not yet known: begin anew. */
  | 'expired'
  /** The server does not stream lists. */
  | 'unsupported'
  /** 401, 403, no such API, another cluster at this address: the session is over, nothing is absent. */
  | 'denied'
  /** All others: the network, time, 429, 5xx. */
  | 'transient'

export type Input =
  | { readonly kind: 'start' }
  /** A page has been taken over; without `next` it was the last, and `version` is the list's. */
  | { readonly kind: 'page'; readonly version: string; readonly next?: string }
  /** The initial events of a streamed list are complete. */
  | { readonly kind: 'initial-end'; readonly version: string }
  /** Something came; `version` is that of the last event or bookmark of a watch. */
  | { readonly kind: 'heard'; readonly version?: string }
  /** An object without a name was seen: what the list lacks may be that one. */
  | { readonly kind: 'doubt' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retryAfterMs?: number }
  /** A list that was being read has stopped moving. */
  | { readonly kind: 'stuck' }
  /** Nothing was heard for a while: perhaps there is no news, perhaps the watch is dead. */
  | { readonly kind: 'quiet' }
  /** Nothing was heard for so long that what is held may be wrong. */
  | { readonly kind: 'unheard' }
  /** The wait is over. */
  | { readonly kind: 'again' }
  /** Credentials were replaced: do not wait any longer. */
  | { readonly kind: 'kick' }
  /** The address was replaced: list anew, whatever runs. */
  | { readonly kind: 'relist' }
  | { readonly kind: 'stop' }

export type Effect =
  | { readonly kind: 'open'; readonly mode: Mode }
  | { readonly kind: 'abort' }
  | { readonly kind: 'wait'; readonly delayMs: number }
  /** Forget which keys were seen. */
  | { readonly kind: 'begin-list' }
  /** Delete what the complete list lacks. */
  | { readonly kind: 'delete-unseen' }
  | { readonly kind: 'member'; readonly state: MemberState; readonly reason: StateReason }

/** Why a member's state changed. A closed set: it is a metric label. */
export type StateReason =
  | 'started'
  | 'listed'
  | 'denied'
  | 'silent'
  | 'version-went-backwards'
  | 'address-replaced'

export interface MachineState {
  /** open: a request is under way · waiting: for its next try. */
  readonly phase: 'idle' | 'open' | 'waiting' | 'stopped'
  readonly mode: Mode
  readonly member: MemberState
  /** False once the server has shown that it does not stream lists. */
  readonly streams: boolean
  /** Requests in a row that brought nothing lasting. */
  readonly failures: number
  /** Highest version ever taken over. */
  readonly highest: string
  /** The last list may not prove absence: the next end of the watch leads to a list. */
  readonly doubtful: boolean
  readonly openedAtMs: number
  /** Whether anything came on the open request. */
  readonly heard: boolean
}

export interface Step {
  readonly state: MachineState
  readonly effects: readonly Effect[]
}

/** What a step may know of the world. */
export interface StepEnv {
  readonly nowMs: number
  /** From 0 to 1. */
  readonly random: number
}

export const BACKOFF = { baseMs: 800, maxMs: 30_000, jitter: 1 } as const
/** A stream that lasted this long and brought something was no failure: its successor is opened at once. */
export const LASTING_MS = 5_000
/** A server that asks for more patience than this is asked again anyway. */
export const MAX_RETRY_AFTER_MS = 120_000

export const initialState: MachineState = {
  phase: 'idle',
  mode: { kind: 'stream-list' },
  member: 'listing',
  streams: true,
  failures: 0,
  highest: '',
  doubtful: false,
  openedAtMs: 0,
  heard: false,
}

/** The next state and what to do, in order. Pure; every input is allowed in every state, and none revives a stopped one. */
export function step(state: MachineState, input: Input, env: StepEnv): Step {
  if (state.phase === 'stopped') return { state, effects: [] }
  switch (input.kind) {
    case 'start':
      return state.phase === 'idle' ? withMember(list(state, env), 'listing', 'started') : stay(state)
    case 'page':
      return input.next === undefined ? finish(state, input.version, env) : nextPage(state, input.next, env)
    case 'initial-end':
      return finish(state, input.version, env)
    case 'heard':
      return hear(state, input.version, env)
    case 'doubt':
      return stay({ ...state, doubtful: true })
    case 'ended':
      return end(state, env)
    case 'failed':
      return fail(state, input, env)
    case 'stuck':
      return stuck(state, env)
    case 'quiet':
      return quiet(state, env)
    case 'unheard':
      return unheard(state, env)
    case 'again':
      return state.phase === 'waiting' ? resume(state, env) : stay(state)
    case 'kick':
      return state.phase === 'waiting' ? resume({ ...state, failures: 0 }, env) : stay(state)
    case 'relist':
      return relist(state, env)
    case 'stop':
      return { state: { ...state, phase: 'stopped' }, effects: [{ kind: 'abort' }] }
  }
}

function stay(state: MachineState): Step {
  return { state, effects: [] }
}

function open(state: MachineState, mode: Mode, env: StepEnv): Step {
  return {
    state: { ...state, phase: 'open', mode, openedAtMs: env.nowMs, heard: false },
    effects: [{ kind: 'open', mode }],
  }
}

/** Begin a list from its start. */
function list(state: MachineState, env: StepEnv): Step {
  return prefixed([{ kind: 'begin-list' }], open({ ...state, doubtful: false }, listMode(state), env))
}

function listMode(state: MachineState): Mode {
  return state.streams ? { kind: 'stream-list' } : { kind: 'page' }
}

function nextPage(state: MachineState, from: string, env: StepEnv): Step {
  return open(state, { kind: 'page', from }, env)
}

/** Try again what was waited for. A list begins anew unless it stands at a page. */
function resume(state: MachineState, env: StepEnv): Step {
  const { mode } = state
  return mode.kind === 'watch' || (mode.kind === 'page' && mode.from !== undefined)
    ? open(state, mode, env)
    : list(state, env)
}

/**
 * A list is complete. One that is older than what was known before comes of a restored cluster: it ends the session,
 * and what it lacks stays until the next list (DESIGN 5.2: never an absence).
 */
function finish(state: MachineState, version: string, env: StepEnv): Step {
  const wentBackwards = compareVersions(version, state.highest) < 0
  const doubtful = state.doubtful || wentBackwards
  const mode: Mode = { kind: 'watch', version }
  const streaming = state.mode.kind === 'stream-list'
  const listed: MachineState = {
    ...state,
    mode,
    doubtful,
    highest: version,
    member: 'synced',
    heard: true,
  }
  const effects: Effect[] = [
    ...(wentBackwards && state.member === 'synced' ? [staleBecause('version-went-backwards')] : []),
    ...(doubtful ? [] : [{ kind: 'delete-unseen' } as const]),
    { kind: 'member', state: 'synced', reason: 'listed' },
  ]
  return prefixed(effects, streaming ? stay(listed) : open(listed, mode, env))
}

function hear(state: MachineState, version: string | undefined, env: StepEnv): Step {
  if (state.phase !== 'open') return stay(state)
  if (version === undefined || state.mode.kind !== 'watch') return stay({ ...state, heard: true })
  if (compareVersions(version, state.mode.version) < 0) {
    const back = { ...state, member: 'stale' } as const
    return prefixed(
      [{ kind: 'abort' }, staleBecause('version-went-backwards')],
      pause(back, listMode(state), env),
    )
  }
  const highest = compareVersions(version, state.highest) > 0 ? version : state.highest
  return stay({ ...state, heard: true, highest, mode: { kind: 'watch', version } })
}

function end(state: MachineState, env: StepEnv): Step {
  if (state.phase !== 'open') return stay(state)
  // A server that ignores `sendInitialEvents` never says that the list is complete.
  if (state.mode.kind === 'stream-list') return unsupported(state, env)
  if (state.mode.kind === 'page') return pause(state, state.mode, env)
  const settled = settle(state, env)
  const next = state.doubtful ? listMode(state) : state.mode
  return settled.failures === 0
    ? resume({ ...settled, mode: next }, env)
    : pause(settled, next, env, settled.failures)
}

function fail(
  state: MachineState,
  input: { readonly failure: Failure; readonly retryAfterMs?: number },
  env: StepEnv,
): Step {
  if (state.phase !== 'open') return stay(state)
  const settled = settle(state, env)
  switch (input.failure) {
    case 'unsupported':
      return unsupported(state, env)
    case 'expired':
      // At once when the stream had been a good one; a server that forgets faster than it lists is not hammered.
      return settled.failures === 0
        ? list(settled, env)
        : pause(settled, listMode(state), env, settled.failures)
    case 'denied':
      return denied(settled, input.retryAfterMs, env)
    case 'transient':
      return pause(settled, state.mode, env, Math.max(1, settled.failures), input.retryAfterMs)
  }
}

function unsupported(state: MachineState, env: StepEnv): Step {
  if (!state.streams) return pause(state, { kind: 'page' }, env)
  return list({ ...state, streams: false }, env)
}

function denied(state: MachineState, retryAfterMs: number | undefined, env: StepEnv): Step {
  const next = pause(lost(state), listMode(state), env, Math.max(1, state.failures), retryAfterMs)
  return state.member === 'synced' ? prefixed([staleBecause('denied')], next) : next
}

function stuck(state: MachineState, env: StepEnv): Step {
  if (state.phase !== 'open' || state.mode.kind === 'watch') return stay(state)
  // A stream that brought objects and no end: perhaps the server does not know that we wait for one.
  const streams = state.streams && !(state.mode.kind === 'stream-list' && state.heard)
  return prefixed([{ kind: 'abort' }], pause({ ...state, streams }, listMode({ ...state, streams }), env))
}

/**
 * A server whose etcd tells of no progress sends no bookmarks where nothing changes. The watch is opened anew, once the server has said that
 * it has reached the version: that is news enough for another while, and a watch that has died meanwhile is made good.
 */
function quiet(state: MachineState, env: StepEnv): Step {
  if (state.phase !== 'open' || state.mode.kind !== 'watch') return stay(state)
  return prefixed([{ kind: 'abort' }], open(state, { ...state.mode, verify: true }, env))
}

function unheard(state: MachineState, env: StepEnv): Step {
  if (state.member !== 'synced') return stay(state)
  const stale = lost(state)
  if (state.mode.kind !== 'watch') return { state: stale, effects: [staleBecause('silent')] }
  if (state.phase !== 'open')
    return { state: { ...stale, mode: listMode(state) }, effects: [staleBecause('silent')] }
  return prefixed([{ kind: 'abort' }, staleBecause('silent')], list(stale, env))
}

function relist(state: MachineState, env: StepEnv): Step {
  if (state.phase === 'idle') return stay(state)
  const next = prefixed(
    [{ kind: 'abort' }],
    list({ ...lost(state), failures: 0, highest: '', streams: true }, env),
  )
  return state.member === 'synced' ? prefixed([staleBecause('address-replaced')], next) : next
}

function lost(state: MachineState): MachineState {
  return state.member === 'synced' ? { ...state, member: 'stale' } : state
}

/** Book the end of a request: a lasting one resets the count of failures. */
function settle(state: MachineState, env: StepEnv): MachineState {
  const lasting = state.heard && env.nowMs - state.openedAtMs >= LASTING_MS
  return { ...state, failures: lasting ? 0 : state.failures + 1 }
}

function pause(
  state: MachineState,
  mode: Mode,
  env: StepEnv,
  failures = state.failures + 1,
  retryAfterMs = 0,
): Step {
  const delayMs = Math.max(
    backoffMs(failures, BACKOFF, env.random),
    Math.min(retryAfterMs, MAX_RETRY_AFTER_MS),
  )
  return { state: { ...state, phase: 'waiting', mode, failures }, effects: [{ kind: 'wait', delayMs }] }
}

function staleBecause(reason: StateReason): Effect {
  return { kind: 'member', state: 'stale', reason }
}

function withMember(next: Step, state: MemberState, reason: StateReason): Step {
  return prefixed([{ kind: 'member', state, reason }], next)
}

function prefixed(effects: readonly Effect[], next: Step): Step {
  return { state: next.state, effects: [...effects, ...next.effects] }
}
