import { forkChild, type ForkedChild } from '../support/forked-child.ts'
import { MEASURED_CPU } from '../support/program.ts'
import type { Bench } from './bench.ts'
import type { ZoneAsked, ZoneReady, ZoneTold } from './zone-child.ts'

export type ZoneChild = ForkedChild<ZoneReady, ZoneAsked, ZoneTold>

/** Start one with all of the work's zone. */
export function startZoneChild({ work, files }: Bench): Promise<ZoneChild> {
  const script = new URL('./zone-child.ts', import.meta.url)
  return forkChild(script, [work.origin, files.zone], MEASURED_CPU)
}

/** From now on so many changes a second. @returns how many there were at the rate before */
export async function setRate(child: ZoneChild, perSecond: number): Promise<number> {
  const answer = child.next(({ kind }) => kind === 'rate')
  child.send({ kind: 'rate', perSecond })
  const told = await answer
  return told.kind === 'rate' ? told.changes : 0
}
