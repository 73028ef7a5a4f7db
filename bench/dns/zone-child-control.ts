import { forkChild, type ForkedChild } from '../support/forked-child.ts'
import { MEASURED_CPU } from '../support/program.ts'
import type { Bench } from './bench.ts'
import { LeftOut } from './subject.ts'
import type { ZoneAsked, ZoneReady, ZoneTold } from './zone-child.ts'

export type ZoneChild = ForkedChild<ZoneReady, ZoneAsked, ZoneTold>

/**
 * Start one with all of the work's zone.
 * @throws LeftOut when it cannot read and write packets in this way here
 */
export async function startZoneChild({ work, files }: Bench, io: 'dgram' | 'batch'): Promise<ZoneChild> {
  const script = new URL('./zone-child.ts', import.meta.url)
  const child: ZoneChild = await forkChild(script, [work.origin, files.zone, io], MEASURED_CPU)
  const [warning] = child.ready.warnings
  if (warning === undefined) return child
  await child.stop()
  throw new LeftOut(warning)
}

/** From now on so many changes a second. @returns how many there were at the rate before */
export async function setRate(child: ZoneChild, perSecond: number): Promise<number> {
  const answer = child.next(({ kind }) => kind === 'rate')
  child.send({ kind: 'rate', perSecond })
  const told = await answer
  return told.kind === 'rate' ? told.changes : 0
}
