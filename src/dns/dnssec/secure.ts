import { positive, recordsOf, type Reply } from '../answer/reply.ts'
import { lookUp, zoneFor, type Lookup, type ReadyZone, type ZoneView } from '../lookup.ts'
import { CLASS, EXTENDED_ERROR, RCODE, TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'
import type { Question, ResourceRecord, WireName } from '../wire/message.ts'
import { foldName, nameKey } from '../wire/name.ts'
import { denialOf } from './denial.ts'
import type { ZoneSigner } from './signer.ts'

/** What was asked, and by whom. */
export interface SecureQuery {
  readonly question: Question
  /** DO: signatures are wanted (RFC 3225, 3). */
  readonly dnssecOk: boolean
  /** CO: so is the true response code (RFC 9824, 5.1). */
  readonly compactOk: boolean
  /** The address is not forged. */
  readonly isProven: boolean
  readonly nowSeconds: number
}

/** What a reply is secured with. */
export interface Securing {
  /** What the reply was composed of. */
  readonly found: Lookup
  readonly query: SecureQuery
  readonly view: ZoneView
  readonly signer: ZoneSigner
}

/** More sets in the additional section are left unsigned: one query must not cost more signatures than that. */
const MAX_EXTRA_SETS = 8

/**
 * The reply as a signed zone gives it: a signature for every set of answer and authority, proof of what is not there, DS or its denial
 * at a delegation (RFC 4035, 3.1; RFC 9824, 3). A reply from zones that are not signed, or to someone who did not ask for signatures,
 * stays as it is. Where signatures cannot be made now, whoever may have forged the address is sent to TCP, others get SERVFAIL.
 */
export function secure(reply: Reply, securing: Securing): Reply {
  const { dnssecOk, question } = securing.query
  const signing = new Signing(securing)
  const explicit = signing.explicit()
  if (!dnssecOk) return explicit === undefined ? reply : signing.finish(explicit)
  if (explicit !== undefined) return signing.finish({ ...explicit, isSecure: true })
  return signing.finish({
    ...reply,
    answers: signing.section(reply.answers),
    authority: signing.authority(reply),
    extraSignatures: signing.extra(reply.extra),
    rcode: signing.rcode(reply.rcode),
    isSecure: signing.zoneFor(question.name, question.type) !== undefined,
  })
}

/** Signs one reply; remembers that a signature was not to be had. */
class Signing {
  readonly #query: SecureQuery
  readonly #found: Lookup
  readonly #view: ZoneView
  readonly #signer: ZoneSigner
  #isBusy = false

  constructor({ query, found, view, signer }: Securing) {
    this.#query = query
    this.#found = found
    this.#view = view
    this.#signer = signer
  }

  finish(reply: Reply): Reply {
    if (!this.#isBusy) return reply
    const nothing = { authoritative: false, answers: [], authority: [], glue: [], extra: [], isSecure: true }
    if (!this.#query.isProven) return { ...nothing, rcode: RCODE.NOERROR, isCutShort: true }
    return {
      ...nothing,
      rcode: RCODE.SERVFAIL,
      error: { code: EXTENDED_ERROR.OTHER, text: 'too many signatures' },
    }
  }

  /** The records of a section, each set followed by its signatures. */
  section(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
    const groups = groupsOf(records)
    return groups.flatMap(({ name, set, records: members }, i) => {
      const isMadeByDname = set.type === TYPE.CNAME && groups[i - 1]?.set.type === TYPE.DNAME
      const zone = this.zoneFor(name, set.type)
      if (zone === undefined || isMadeByDname) return members // the DNAME is signed, not what it makes (RFC 6672, 5.3.1)
      return [...members, ...this.#signatures(zone, name, set)]
    })
  }

  authority(reply: Reply): readonly ResourceRecord[] {
    const { end, name } = this.#found
    switch (end.kind) {
      case 'referral':
        return [...reply.authority, ...this.#delegation(end.zone, end.cut)]
      case 'no-data':
      case 'no-name':
        if (reply.authority.length === 0) return [] // the zone is gone since it was found
        return [
          ...this.#soa(reply.authority, end.zone),
          ...this.#denial(end.zone, name, this.#query.question.type),
        ]
      default:
        return this.section(reply.authority)
    }
  }

  /** A name that does not exist is told by the types it has; the response code only where it is expected (RFC 9824, 5.1). */
  rcode(rcode: number): number {
    const { end } = this.#found
    if (end.kind !== 'no-name' || this.#query.compactOk) return rcode
    return this.#signer.signs(end.zone.origin) ? RCODE.NOERROR : rcode
  }

  /** Signatures of what is sent as a courtesy; what cannot be signed now goes without (RFC 4035, 3.1.1). */
  extra(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
    const isBusy = this.#isBusy
    const signatures = groupsOf(records)
      .slice(0, MAX_EXTRA_SETS)
      .flatMap(({ name, set }) => {
        const { end, links } = lookUp(this.#view, name, set.type)
        const isOurs = end.kind === 'records' && links.length === 0 && this.#signer.signs(end.zone.origin)
        return isOurs ? this.#signatures(end.zone, name, set) : []
      })
    this.#isBusy = isBusy
    return signatures
  }

  /** NSEC and RRSIG records are nowhere in the zone; whoever asks for them by name gets those that are made of it. */
  explicit(): Reply | undefined {
    const { name, type } = this.#query.question
    if (type !== TYPE.NSEC && type !== TYPE.RRSIG) return undefined
    const zone = this.zoneFor(name, type)
    const [first] = this.#found.links
    const isHere = first === undefined ? this.#isNameHere() : first.set.type === TYPE.CNAME
    if (zone === undefined || !isHere) return undefined
    return type === TYPE.NSEC ? this.#nsecOf(zone, name) : this.#rrsigOf(zone, name)
  }

  /** To whoever knows compact denial every name is here; without DO one that does not exist is denied in plain words. */
  #isNameHere(): boolean {
    const { end } = this.#found
    return end.kind === 'no-data' || (end.kind === 'no-name' && this.#query.dnssecOk)
  }

  /** The signed zone that a set belongs to. */
  zoneFor(name: WireName, type: number): ReadyZone | undefined {
    const zone = zoneFor(this.#view, foldName(name), type)
    return zone?.ready === true && this.#signer.signs(zone.origin) ? zone : undefined
  }

  #nsecOf(zone: ReadyZone, name: WireName): Reply {
    const nsec = denialOf(this.#view, { zone, name, type: TYPE.NSEC })
    const records = recordsOf(name, nsec)
    return positive(this.#query.dnssecOk ? this.section(records) : records)
  }

  /** Of one set at the name (RFC 8482, 4.1): the alias, where there is one. */
  #rrsigOf(zone: ReadyZone, name: WireName): Reply {
    const sets = this.#view.at(foldName(name))?.filter(({ rdata }) => rdata.length > 0) ?? []
    const set = sets.find(({ type }) => type === TYPE.CNAME) ?? sets[0]
    const nsec = denialOf(this.#view, { zone, name, type: TYPE.RRSIG })
    return positive(this.#signatures(zone, name, set ?? nsec))
  }

  /** DS, or proof that there is none (RFC 4035, 3.1.4). */
  #delegation(zone: ReadyZone, cut: WireName): readonly ResourceRecord[] {
    if (!this.#signer.signs(zone.origin)) return []
    const ds = this.#view.at(foldName(cut))?.find(({ type, rdata }) => type === TYPE.DS && rdata.length > 0)
    if (ds === undefined) return this.#denial(zone, cut, TYPE.DS)
    return [...recordsOf(cut, ds), ...this.#signatures(zone, cut, ds)]
  }

  #denial(zone: ReadyZone, name: WireName, type: number): readonly ResourceRecord[] {
    if (!this.#signer.signs(zone.origin)) return []
    const nsec = denialOf(this.#view, { zone, name, type })
    return [...recordsOf(name, nsec), ...this.#signatures(zone, name, nsec)]
  }

  /** Signed with the zone's TTL, sent with the negative one. */
  #soa(authority: readonly ResourceRecord[], zone: ReadyZone): readonly ResourceRecord[] {
    const [sent] = authority
    const soa = this.#view.at(zone.origin)?.find(({ type }) => type === TYPE.SOA)
    if (sent === undefined || soa === undefined || !this.#signer.signs(zone.origin)) return authority
    const signatures = this.#signatures(zone, sent.name, soa)
    return [...authority, ...signatures.map((record) => ({ ...record, ttlSeconds: sent.ttlSeconds }))]
  }

  #signatures(zone: ReadyZone, name: WireName, set: RecordSet): readonly ResourceRecord[] {
    const { isProven, nowSeconds } = this.#query
    const signed = this.#signer.sign({
      zone: zone.origin,
      owner: name,
      set,
      isProven,
      nowSeconds,
      isMade: () => this.#view.at(foldName(name)) === undefined,
    })
    if (signed === undefined) this.#isBusy = true
    return recordsOf(name, { type: TYPE.RRSIG, ttlSeconds: set.ttlSeconds, rdata: signed?.rdata ?? [] })
  }
}

/** Records of one name and type that stand together. */
interface Group {
  readonly name: WireName
  readonly set: RecordSet
  readonly records: readonly ResourceRecord[]
}

function groupsOf(records: readonly ResourceRecord[]): readonly Group[] {
  const groups: ResourceRecord[][] = []
  for (const record of records) {
    const last = groups.at(-1)
    if (last?.[0] !== undefined && isSameSet(last[0], record)) last.push(record)
    else groups.push([record])
  }
  return groups.map((members) => {
    const { name, type, ttlSeconds } = members[0]! // none is empty
    return { name, records: members, set: { type, ttlSeconds, rdata: members.map(({ rdata }) => rdata) } }
  })
}

function isSameSet(left: ResourceRecord, right: ResourceRecord): boolean {
  return (
    left.type === right.type &&
    left.class === CLASS.IN &&
    (left.name === right.name || nameKey(foldName(left.name)) === nameKey(foldName(right.name)))
  )
}
