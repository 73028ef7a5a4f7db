import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initialState, MAX_RETRY_AFTER_MS, step } from '../../../src/kube/list-watch-machine.ts'
import type { Effect, Input, MachineState, Step } from '../../../src/kube/list-watch-machine.ts'

const env = { nowMs: 0, random: 0 }

/** Feed inputs, each with the time at which it comes; the last step is what counts. */
function run(inputs: readonly (readonly [number, Input])[], from: MachineState = initialState): Step {
  let last: Step = { state: from, effects: [] }
  for (const [nowMs, input] of inputs) last = step(last.state, input, { nowMs, random: 0 })
  return last
}

/** Short words for effects, so that tables can be read. */
function words(effects: readonly Effect[]): readonly string[] {
  return effects.map((effect) => {
    switch (effect.kind) {
      case 'open': {
        const { mode } = effect
        if (mode.kind === 'watch')
          return `watch from ${mode.version}${mode.verify === true ? ', verified' : ''}`
        return mode.kind === 'page' ? `page ${mode.from ?? 'one'}` : 'stream'
      }
      case 'wait':
        return `wait ${effect.delayMs}`
      case 'member':
        return `${effect.state}: ${effect.reason}`
      default:
        return effect.kind
    }
  })
}

const start: Input = { kind: 'start' }
const listed: Input = { kind: 'initial-end', version: '100' }
const heard: Input = { kind: 'heard' }
/** A watch that has lasted. */
const watching: readonly (readonly [number, Input])[] = [
  [0, start],
  [0, listed],
  [10_000, heard],
]
/** A server without streamed lists, whose first page is asked for. */
const paging: readonly (readonly [number, Input])[] = [
  [0, start],
  [0, { kind: 'failed', failure: 'unsupported' }],
]

interface Case {
  readonly name: string
  readonly given: readonly (readonly [number, Input])[]
  readonly input: Input
  readonly want: readonly string[]
}

describe('step', () => {
  test.each<Case>([
    {
      name: 'a start lists, streamed',
      given: [],
      input: start,
      want: ['listing: started', 'begin-list', 'stream'],
    },
    { name: 'a second start does nothing', given: [[0, start]], input: start, want: [] },
    {
      name: 'the end of the initial events completes the list on the same stream',
      given: [[0, start]],
      input: listed,
      want: ['delete-unseen', 'synced: listed'],
    },
    {
      name: 'a server without streamed lists is asked for pages at once',
      given: [[0, start]],
      input: { kind: 'failed', failure: 'unsupported' },
      want: ['begin-list', 'page one'],
    },
    {
      name: 'a page leads to the next',
      given: paging,
      input: { kind: 'page', version: '5', next: 'two' },
      want: ['page two'],
    },
    {
      name: 'the last page leads to the watch',
      given: paging,
      input: { kind: 'page', version: '5' },
      want: ['delete-unseen', 'synced: listed', 'watch from 5'],
    },
    {
      name: 'a page that fails is asked for again',
      given: [
        ...paging,
        [0, { kind: 'page', version: '5', next: 'two' }],
        [0, { kind: 'failed', failure: 'transient' }],
      ],
      input: { kind: 'again' },
      want: ['page two'],
    },
    {
      name: 'a continuation that has expired begins anew',
      given: [
        ...paging,
        [0, { kind: 'page', version: '5', next: 'two' }],
        [0, { kind: 'failed', failure: 'expired' }],
      ],
      input: { kind: 'again' },
      want: ['begin-list', 'page one'],
    },
    {
      name: 'a lasting watch that ends is reopened at once',
      given: watching,
      input: { kind: 'ended' },
      want: ['watch from 100'],
    },
    {
      name: 'a watch that ends at once is reopened after a wait',
      given: [
        [0, start],
        [0, listed],
      ],
      input: { kind: 'ended' },
      want: ['wait 800'],
    },
    {
      name: 'a lasting watch that breaks is resumed after the shortest wait',
      given: watching,
      input: { kind: 'failed', failure: 'transient' },
      want: ['wait 800'],
    },
    {
      name: 'and from where it was',
      given: [
        ...watching,
        [10_000, { kind: 'heard', version: '120' }],
        [10_000, { kind: 'failed', failure: 'transient' }],
      ],
      input: { kind: 'again' },
      want: ['watch from 120'],
    },
    {
      name: 'a server that asks for patience gets it',
      given: watching,
      input: { kind: 'failed', failure: 'transient', retryAfterMs: 20_000 },
      want: ['wait 20000'],
    },
    {
      name: 'but not without limit',
      given: watching,
      input: { kind: 'failed', failure: 'transient', retryAfterMs: 86_400_000 },
      want: [`wait ${MAX_RETRY_AFTER_MS}`],
    },
    {
      name: 'a version that has expired after a lasting watch is listed at once',
      given: watching,
      input: { kind: 'failed', failure: 'expired' },
      want: ['begin-list', 'stream'],
    },
    {
      name: 'being refused ends the session, waits, and lists when it is over',
      given: watching,
      input: { kind: 'failed', failure: 'denied' },
      want: ['stale: denied', 'wait 800'],
    },
    {
      name: 'being refused while listing is no change of state',
      given: [[0, start]],
      input: { kind: 'failed', failure: 'denied' },
      want: ['wait 800'],
    },
    {
      name: 'quiet for a while, a watch is opened anew after it was asked whether the server has reached its version',
      given: watching,
      input: { kind: 'quiet' },
      want: ['abort', 'watch from 100, verified'],
    },
    {
      name: 'quiet while waiting for the next try, nothing more is done',
      given: [...watching, [10_000, { kind: 'failed', failure: 'transient' }]],
      input: { kind: 'quiet' },
      want: [],
    },
    {
      name: 'silence ends the session and the stream, and lists',
      given: watching,
      input: { kind: 'unheard' },
      want: ['abort', 'stale: silent', 'begin-list', 'stream'],
    },
    {
      name: 'silence while waiting for the next try ends the session, and that try is a list',
      given: [...watching, [10_000, { kind: 'failed', failure: 'transient' }], [95_000, { kind: 'unheard' }]],
      input: { kind: 'again' },
      want: ['begin-list', 'stream'],
    },
    {
      name: 'silence before the first list is nothing new',
      given: [[0, start]],
      input: { kind: 'unheard' },
      want: [],
    },
    {
      name: 'a list that is stuck is begun anew after a wait',
      given: paging,
      input: { kind: 'stuck' },
      want: ['abort', 'wait 800'],
    },
    {
      name: 'an older list deletes nothing',
      given: [...watching, [20_000, { kind: 'failed', failure: 'expired' }]],
      input: { kind: 'initial-end', version: '99' },
      want: ['stale: version-went-backwards', 'synced: listed'],
    },
    {
      name: 'a list of equal age is believed',
      given: [...watching, [20_000, { kind: 'failed', failure: 'expired' }]],
      input: { kind: 'initial-end', version: '100' },
      want: ['delete-unseen', 'synced: listed'],
    },
    {
      name: 'an older event ends the session',
      given: watching,
      input: { kind: 'heard', version: '99' },
      want: ['abort', 'stale: version-went-backwards', 'wait 800'],
    },
    {
      name: 'versions that are no numbers have no order',
      given: [
        [0, start],
        [0, { kind: 'initial-end', version: 'zebra' }],
      ],
      input: { kind: 'heard', version: 'aardvark' },
      want: [],
    },
    {
      name: 'a doubtful list deletes nothing',
      given: [
        [0, start],
        [0, { kind: 'doubt' }],
      ],
      input: listed,
      want: ['synced: listed'],
    },
    {
      name: 'and the end of its watch leads to a list',
      given: [
        [0, start],
        [0, { kind: 'doubt' }],
        [0, listed],
        [10_000, heard],
      ],
      input: { kind: 'ended' },
      want: ['begin-list', 'stream'],
    },
    {
      name: 'better credentials end a wait',
      given: [
        [0, start],
        [0, { kind: 'failed', failure: 'denied' }],
      ],
      input: { kind: 'kick' },
      want: ['begin-list', 'stream'],
    },
    { name: 'and disturb nothing that runs', given: watching, input: { kind: 'kick' }, want: [] },
    {
      name: 'another address lists at once, whatever runs',
      given: watching,
      input: { kind: 'relist' },
      want: ['stale: address-replaced', 'abort', 'begin-list', 'stream'],
    },
    { name: 'nothing to relist before the start', given: [], input: { kind: 'relist' }, want: [] },
    { name: 'a stop aborts', given: watching, input: { kind: 'stop' }, want: ['abort'] },
  ])('$name', ({ given, input, want }) => {
    const { state } = run(given)
    const { effects } = step(state, input, { nowMs: given.at(-1)?.[0] ?? 0, random: 0 })

    expect(words(effects)).toEqual(want)
  })

  test('failures in a row wait longer, up to 30 s, and jitter at most doubles it', () => {
    const delays: number[] = []
    let { state } = step(initialState, start, env)
    for (let i = 0; i < 8; i += 1) {
      const failed = step(state, { kind: 'failed', failure: 'transient' }, { nowMs: 0, random: i % 2 })
      const [wait] = failed.effects
      delays.push(wait?.kind === 'wait' ? wait.delayMs : -1)
      ;({ state } = step(failed.state, { kind: 'again' }, env))
    }

    expect(delays).toEqual([800, 3200, 3200, 12_800, 12_800, 51_200, 30_000, 60_000])
  })
})

const inputs: fc.Arbitrary<Input> = fc.oneof(
  fc.constantFrom<Input>(
    { kind: 'start' },
    { kind: 'heard' },
    { kind: 'doubt' },
    { kind: 'ended' },
    { kind: 'stuck' },
    { kind: 'unheard' },
    { kind: 'quiet' },
    { kind: 'again' },
    { kind: 'kick' },
    { kind: 'relist' },
  ),
  fc.record({ kind: fc.constant('page' as const), version: fc.nat(20).map(String) }),
  fc.record({
    kind: fc.constant('page' as const),
    version: fc.nat(20).map(String),
    next: fc.constant('more'),
  }),
  fc.record({ kind: fc.constant('initial-end' as const), version: fc.nat(20).map(String) }),
  fc.record({ kind: fc.constant('heard' as const), version: fc.nat(20).map(String) }),
  fc.record({
    kind: fc.constant('failed' as const),
    failure: fc.constantFrom(
      'expired' as const,
      'unsupported' as const,
      'denied' as const,
      'transient' as const,
    ),
  }),
)
const timed = fc.tuple(fc.nat(10_000), inputs)

describe('any sequence of inputs', () => {
  /** What a driver would see: is a request under way, does a wait run, which state was told last? */
  function drive(
    sequence: readonly (readonly [number, Input])[],
    check: (step: Step, seen: Seen) => void,
  ): void {
    let state = initialState
    let nowMs = 0
    const seen: Seen = { open: false, waiting: false, member: 'listing', began: false, wasSynced: false }
    for (const [gapMs, input] of sequence) {
      nowMs += gapMs
      const next = step(state, input, { nowMs, random: 0.5 })
      state = next.state
      for (const effect of next.effects) note(seen, effect)
      check(next, seen)
    }
  }

  interface Seen {
    open: boolean
    waiting: boolean
    member: string
    began: boolean
    wasSynced: boolean
  }

  function note(seen: Seen, effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        seen.open = true
        seen.waiting = false
        return
      case 'abort':
        seen.open = false
        return
      case 'wait':
        seen.open = false
        seen.waiting = true
        return
      case 'member':
        seen.member = effect.state
        seen.wasSynced ||= effect.state === 'synced'
        return
      case 'begin-list':
        seen.began = true
        return
      case 'delete-unseen':
        return
    }
  }

  test('once started it never stands still: a request is under way or a wait runs', () => {
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 40 }), (sequence) => {
        drive([[0, start], ...sequence], ({ state }, seen) => {
          const alive = state.phase === 'open' ? seen.open : state.phase === 'waiting' && seen.waiting
          expect(alive).toBe(true)
        })
      }),
      { numRuns: 1000 },
    )
  })

  test('the state that was told is the state that holds, and listing never comes back', () => {
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 40 }), (sequence) => {
        drive([[0, start], ...sequence], ({ state }, seen) => {
          expect(seen.member).toBe(state.member)
          expect(seen.wasSynced && state.member === 'listing').toBe(false)
        })
      }),
      { numRuns: 1000 },
    )
  })

  test('a watch runs only on a complete list', () => {
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 40 }), (sequence) => {
        drive([[0, start], ...sequence], ({ state, effects }) => {
          const watches = effects.some((effect) => effect.kind === 'open' && effect.mode.kind === 'watch')
          expect(watches && state.member !== 'synced').toBe(false)
        })
      }),
      { numRuns: 1000 },
    )
  })

  test('what a list lacks is deleted only by a list without doubt', () => {
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 40 }), (sequence) => {
        let doubted = false
        let state = initialState
        let nowMs = 0
        for (const [gapMs, input] of [[0, start] as const, ...sequence]) {
          nowMs += gapMs
          const next = step(state, input, { nowMs, random: 0 })
          if (input.kind === 'doubt') doubted = true
          const deletes = next.effects.some(({ kind }) => kind === 'delete-unseen')
          expect(deletes && doubted, 'a doubtful list deletes nothing').toBe(false)
          const complete = input.kind === 'initial-end' || (input.kind === 'page' && !('next' in input))
          expect(deletes && !complete, 'only the end of a list deletes').toBe(false)
          if (next.effects.some(({ kind }) => kind === 'begin-list')) doubted = false
          state = next.state
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a stopped one does nothing, ever', () => {
    fc.assert(
      fc.property(fc.array(timed), fc.array(timed), (before, after) => {
        const { state } = run([...before, [0, { kind: 'stop' }]])
        for (const [nowMs, input] of after)
          expect(step(state, input, { nowMs, random: 0 })).toEqual({ state, effects: [] })
      }),
    )
  })
})
