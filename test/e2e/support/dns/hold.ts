import { setTimeout as sleep } from 'node:timers/promises'
import { ask, describeTold, type Told } from './ask.ts'

export interface HoldOptions {
  readonly server: string
  readonly port?: number
  readonly name: string
  /** Every answer must be NOERROR with exactly one of these sets of addresses. */
  readonly allowed: readonly (readonly string[])[]
  /** Further texts of describeTold that are let pass, such as `TIMEOUT` while nothing runs. */
  readonly tolerated?: readonly string[]
  /** How long each question waits; default 2 s. */
  readonly timeoutMs?: number
  /** From question to question; default 50 ms. A slow answer delays the next question, so that load is bounded. */
  readonly everyMs?: number
}

/** Someone who goes on asking one name. */
export interface Hold {
  /** Questions answered so far. */
  readonly asked: number
  /** What was told, each change with when it came. */
  seen(): readonly (readonly [atMs: number, told: string])[]
  /** Answers that were not allowed: how often each. */
  wrong(): ReadonlyMap<string, number>
  /** Ask no more. @returns one line for each kind of wrong answer, with when it came first; none when all were right. @throws when nothing was ever asked */
  end(): Promise<readonly string[]>
}

/** Ask until ended, and hold every answer to what is allowed. */
export function hold(options: HoldOptions): Hold {
  const { allowed, tolerated = [], everyMs = 50 } = options
  const right = new Set([
    ...allowed.map((addresses) => ['NOERROR', ...[...addresses].sort()].join(' ')),
    ...tolerated,
  ])
  const startedMs = performance.now()
  const changes: [number, string][] = []
  const wrong = new Map<string, number>()
  let asked = 0
  const stop = new AbortController()

  const note = (told: Told): void => {
    const text = describeTold(told)
    asked += 1
    if (changes.at(-1)?.[1] !== text) changes.push([Math.round(performance.now() - startedMs), text])
    if (!right.has(text)) wrong.set(text, (wrong.get(text) ?? 0) + 1)
  }
  const loop = (async () => {
    while (!stop.signal.aborted) {
      const [told] = await Promise.all([ask(options), sleep(everyMs)])
      note(told)
    }
  })()

  return {
    get asked() {
      return asked
    },
    seen: () => changes,
    wrong: () => wrong,
    async end() {
      stop.abort()
      await loop
      if (asked === 0) throw new Error(`${options.name} was never asked`)
      return [...wrong].map(([text, count]) => {
        const firstMs = changes.find(([, told]) => told === text)?.[0]
        return `${options.server} said of ${options.name} ${count} times in ${asked}, first after ${firstMs} ms: ${text}`
      })
    },
  }
}
