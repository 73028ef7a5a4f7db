import type { Ending, Lookup, ReadyZone, ZoneView } from '../lookup.ts'
import { EXTENDED_ERROR, RCODE, TYPE } from '../protocol.ts'
import { negativeTtlSeconds } from '../rdata/soa.ts'
import type { ResourceRecord, WireName } from '../wire/message.ts'
import { addressesOf, isBelow, targetsOf } from './additional.ts'
import { bare, positive, recordsOf, type Reply } from './reply.ts'

/** What is to be said of a look-up. */
export function compose(found: Lookup, view: ZoneView): Reply {
  const links = found.links.flatMap(({ name, set }) => recordsOf(name, set))
  const { end } = found
  switch (end.kind) {
    case 'records':
      return {
        ...positive([...links, ...recordsOf(found.name, end.set)]),
        extra: addressesOf(targetsOf(end.set, found.name), view),
      }
    case 'referral':
      return referral(links, end, view)
    case 'too-long':
      return { ...positive(links), rcode: RCODE.YXDOMAIN }
    case 'no-data':
    case 'no-name':
      return denial(links, found.name, end, view)
    case 'not-ours':
    case 'not-ready':
      if (links.length > 0) return positive(links) // the part that we know; the rest is for whoever asks again
      return end.kind === 'not-ours'
        ? bare(RCODE.REFUSED, EXTENDED_ERROR.NOT_AUTHORITATIVE)
        : bare(RCODE.SERVFAIL, end.expired === true ? EXTENDED_ERROR.INVALID_DATA : EXTENDED_ERROR.NOT_READY)
    case 'no-end':
    case 'made':
      return positive(links)
  }
}

/** With the SOA of the zone where the chain ended, its TTL cut to the negative one (RFC 2308, 2.1, 2.2, 3). */
function denial(
  links: readonly ResourceRecord[],
  name: WireName,
  end: Extract<Ending, { zone: ReadyZone }>,
  view: ZoneView,
): Reply {
  const soa = view.at(end.zone.origin)?.find((set) => set.type === TYPE.SOA)
  if (soa === undefined) return bare(RCODE.SERVFAIL, EXTENDED_ERROR.NOT_READY) // gone since it was found ready
  const rcode = end.kind === 'no-name' ? RCODE.NXDOMAIN : RCODE.NOERROR
  const owner = name.subarray(name.length - end.zone.origin.length) // in the client's spelling, so that it compresses
  const authority = recordsOf(owner, { ...soa, ttlSeconds: negativeTtlSeconds(soa) })
  return { rcode, authoritative: true, answers: links, authority, glue: [], extra: [] }
}

/** To the servers of a delegation; authoritative only for the aliases that led to it (RFC 1034, 4.3.2, 3b; 6604, 2.1). */
function referral(
  links: readonly ResourceRecord[],
  { cut, servers }: Extract<Ending, { kind: 'referral' }>,
  view: ZoneView,
): Reply {
  const [inside, outside] = partition(targetsOf(servers, cut), (target) => isBelow(target, cut))
  return {
    rcode: RCODE.NOERROR,
    authoritative: links.length > 0,
    answers: links,
    authority: recordsOf(cut, servers),
    glue: addressesOf(inside, view),
    extra: addressesOf(outside, view),
  }
}

function partition<T>(
  items: readonly T[],
  test: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}
