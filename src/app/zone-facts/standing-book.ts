import type { DomainName } from '../../dns/names.ts'
import { NO_KEY_STANDING, type KeyStanding, type KeyStandings } from './key-standing.ts'

/** How zones are signed, as of the last look at the keys. */
export class StandingBook implements KeyStandings {
  #standings: ReadonlyMap<DomainName, KeyStanding> = new Map()
  #folderFault: string | undefined
  /** All of it, to know it again. */
  #words = ''
  readonly #watchers: (() => void)[] = []

  /** @param folderFault - of all zones, those without keys too: theirs may be what cannot be read */
  set(standings: ReadonlyMap<DomainName, KeyStanding>, folderFault: string | undefined): void {
    const words = JSON.stringify([[...standings], folderFault])
    if (words === this.#words) return
    this.#words = words
    this.#standings = standings
    this.#folderFault = folderFault
    for (const changed of this.#watchers) changed()
  }

  of(zone: DomainName): KeyStanding {
    const standing = this.#standings.get(zone) ?? NO_KEY_STANDING
    return this.#folderFault === undefined ? standing : { ...standing, folderFault: this.#folderFault }
  }

  watch(changed: () => void): void {
    this.#watchers.push(changed)
  }
}
