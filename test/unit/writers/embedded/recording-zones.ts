import type { DomainName } from '../../../../src/dns/names.ts'
import type { Alias, Answer, NameChange } from '../../../../src/dns/records.ts'
import type { ZoneState, ZoneWriter } from '../../../../src/nameserver/types.ts'
import { ZoneStoreError } from '../../../../src/nameserver/zone-store/zone-writer.ts'

/** A zone store as a Map: what is published, in which order it came, and what readers saw between two changes. */
export class RecordingZones implements ZoneWriter {
  readonly names = new Map<DomainName, Answer>()
  readonly states = new Map<DomainName, ZoneState>()
  /** Every change stored, one line each: `name -> answer`. */
  readonly lines: string[] = []
  /** `alias -> target` for every moment between two changes at which an alias pointed at nothing. */
  readonly dangling: string[] = []
  /** Names beyond this many are refused, as by a full store. */
  room = Number.POSITIVE_INFINITY
  calls = 0

  publish(changes: readonly NameChange[]): void {
    this.calls += 1
    const refused = changes.flatMap((change) => (this.#store(change) ? [] : [change.name]))
    if (refused.length > 0) throw new ZoneStoreError('full', refused, { usedBytes: 0, reservedBytes: 0 })
  }

  setState(origin: DomainName, state: ZoneState): void {
    if (state !== 'gone' && !this.states.has(origin) && !this.#hasRoom(origin))
      throw new ZoneStoreError('full', [origin], { usedBytes: 0, reservedBytes: 0 })
    if (state === 'gone') this.states.delete(origin)
    else this.states.set(origin, state)
    this.lines.push(`${origin} is ${state}`)
  }

  usage(): { readonly usedBytes: number; readonly reservedBytes: number; readonly names: number } {
    return { usedBytes: 0, reservedBytes: 0, names: this.names.size }
  }

  #store({ name, answer }: NameChange): boolean {
    if (answer === undefined) this.names.delete(name)
    else if (this.#hasRoom(name)) this.names.set(name, answer)
    else return false
    this.lines.push(`${name} -> ${wordsOf(answer)}`)
    for (const [alias, held] of this.names) {
      if (held.kind === 'alias' && !this.names.has(held.target))
        this.dangling.push(`${alias} -> ${held.target}`)
    }
    return true
  }

  #hasRoom(name: DomainName): boolean {
    return this.names.has(name) || this.names.size < this.room
  }
}

function insteadWords({ a, aaaa }: NonNullable<Alias['instead']>): string {
  return ` [${[...a, ...aaaa].join(' ')}]`
}

/** An answer in a few words; in brackets what outputs write instead of an alias. */
export function wordsOf(answer: Answer | undefined): string {
  switch (answer?.kind) {
    case undefined:
      return 'withdrawn'
    case 'addresses':
      return [...answer.a, ...answer.aaaa].join(' ') || 'nothing'
    case 'alias':
      return `alias ${answer.target}${answer.instead === undefined ? '' : insteadWords(answer.instead)}`
    case 'records':
      return `types ${answer.sets.map(({ type }) => type).join(' ')}`
  }
}
