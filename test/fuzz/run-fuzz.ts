import { Random } from './random.ts'
import type { FuzzTarget } from './target.ts'
import { answersTarget } from './targets/answers.ts'
import { dnssecTarget } from './targets/dnssec.ts'
import { messageTarget } from './targets/message.ts'
import { rdataTarget } from './targets/rdata.ts'
import { serverTarget } from './targets/server.ts'
import { textTarget } from './targets/text.ts'
import { transferInTarget } from './targets/transfer-in.ts'
import { transferOutTarget } from './targets/transfer-out.ts'
import { tsigTarget } from './targets/tsig.ts'
import { updateTarget } from './targets/update.ts'
import { zoneFileTarget } from './targets/zone-file.ts'

/** What became of so many cases. */
export interface FuzzReport {
  readonly seed: number
  readonly cases: number
  /** By target: cases, and those that got past the first look. */
  readonly targets: Readonly<Record<string, { readonly cases: number; readonly deep: number }>>
}

export function allTargets(): readonly FuzzTarget[] {
  return [
    serverTarget(),
    messageTarget(),
    rdataTarget(),
    textTarget(),
    zoneFileTarget(),
    tsigTarget(),
    updateTarget(),
    transferInTarget(),
    transferOutTarget(),
    dnssecTarget(),
    answersTarget(),
  ]
}

/**
 * Run cases against all targets, by their shares, until `more` says no.
 * @throws FuzzFault at the first case that shows a fault
 */
export function runFuzz(
  seed: number,
  more: (cases: number) => boolean,
  targets: readonly FuzzTarget[] = allTargets(),
): FuzzReport {
  const random = new Random(seed)
  const lots = targets.flatMap((target) => Array.from({ length: target.share }, () => target))
  const cases = new Map(targets.map(({ name }) => [name, 0]))
  let total = 0
  for (; more(total); total += 1) {
    const target = random.pick(lots)
    target.run(random)
    cases.set(target.name, (cases.get(target.name) ?? 0) + 1)
  }
  const counted = targets.map(
    ({ name, deep }) => [name, { cases: cases.get(name) ?? 0, deep: deep() }] as const,
  )
  return { seed, cases: total, targets: Object.fromEntries(counted) }
}
