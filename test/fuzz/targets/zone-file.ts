import { answer } from '../../../src/dns/answer/answer.ts'
import { parseDomainName } from '../../../src/dns/names.ts'
import { TYPE } from '../../../src/dns/protocol.ts'
import { presentRdata } from '../../../src/dns/rdata/present-rdata.ts'
import { typeName } from '../../../src/dns/rdata/type-names.ts'
import { sameAnswer } from '../../../src/dns/records.ts'
import { decodeMessage } from '../../../src/dns/wire/decode.ts'
import { unpackNames } from '../../../src/dns/zone-file/packed-names.ts'
import { readPackedRecords, readPackedZone } from '../../../src/dns/zone-file/packed-zone.ts'
import { readZoneFile, readZonePart, type ZoneFile } from '../../../src/dns/zone-file/read-zone-file.ts'
import type { ZoneData } from '../../../src/dns/zone-file/zone-data.ts'
import { askedOver } from '../../support/dns-asker.ts'
import { MapView } from '../../support/dns-map-view.ts'
import { queryBytes } from '../../support/dns-query.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

const ORIGIN = parseDomainName('fed.test')
const HEAD = '@ 60 SOA ns host 1 1h 15m 2w 30\n@ NS ns\nns A 192.0.2.53\n'

const OWNERS = [
  '@',
  'a',
  'b.a',
  '*',
  '*.a',
  'cut',
  'x.cut',
  'old',
  'x.old',
  'ns',
  '_tcp',
  '\\100\\046x',
  'fed.test.',
  '',
]
const RDATA = [
  'A 192.0.2.1',
  'AAAA 2001:db8::1',
  'TXT "a b" c "\\"" \\;',
  'CNAME a',
  'CNAME x.elsewhere.test.',
  'MX 10 a',
  'SRV 1 2 3 b.a',
  'NS ns',
  'NS ns.cut',
  'DNAME a',
  'DS 1 13 2 00ff',
  'CAA 0 issue "ca.test"',
  'NAPTR 1 1 "u" "E2U+sip" "!^.*$!x!" .',
  'SOA ns host 2 1h 15m 2w 30',
  'HTTPS 1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1 ech=AAAA key7=x',
  'SVCB 0 a',
  'SVCB 1 a mandatory=alpn,port alpn="h2\\\\,h3" port=53 no-default-alpn ipv6hint=2001:db8::1,::1',
  'SVCB 1 a key65535',
  'SVCB 1 a port=x',
  'SVCB 1 a alpn=',
  'SVCB 1 a ipv4hint=1.2.3',
  'SVCB 1 a mandatory=mandatory',
  'SVCB 1 a port=1 port=2',
  'SVCB 1 a dohpath=/q{?dns} ohttp',
  'SVCB 1 a Port=1 =x',
  'SSHFP 1 1 00ff',
  'TLSA 3 1 1 00ff',
  'LOC 1 2 3 N 4 5 6 E 0m',
  'RRSIG A 13 2 60 20260101000000 20250101000000 1 fed.test. AAAA',
  'NSEC a A TXT TYPE666',
  'NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A',
  'NSEC3PARAM 1 0 0 aabb',
  'DNSKEY 257 3 13 AAAA',
  'EUI48 00-11-22-33-44-55',
  'L64 10 2001:0db8:1140:1000',
  'URI 1 1 "https://a/"',
  'TYPE666 \\# 3 00ff 11',
  'A \\# 4 c0000201',
  'HINFO "a" b',
  'RP a b',
  'CERT 1 2 3 AAAA',
  'CSYNC 1 3 A NS',
  'ZONEMD 1 1 1 00ff',
] as const
const DIRECTIVES = [
  '$TTL 1h',
  '$ORIGIN a',
  '$ORIGIN fed.test.',
  '$ORIGIN .',
  '$INCLUDE x',
  '$GENERATE 1-2 a A 1',
  '$X',
] as const
const NOISE = [
  '"',
  '(',
  ')',
  ';',
  '\\',
  '\\300',
  '\n',
  ' ',
  '\t',
  '#',
  '$',
  '@',
  '.',
  '..',
  '-',
  '999999999999',
  'é',
  '\u0000',
] as const

/** Texts as master files: a file is a zone or a list of problems, and a zone answers all that is asked of it. */
export function zoneFileTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'zone-file',
    share: 40,
    deep: () => deep,
    run(random: Random) {
      const text = fileText(random)
      faultless(text, () => {
        standsBesideOthers(random.once(2) ? text.slice(HEAD.length) : text)
        const file = readZoneFile(text, ORIGIN)
        isPackedTheSame(file, text)
        if (file.kind === 'broken') {
          if (file.problems.length === 0 || file.problems.some(({ line }) => line < 1))
            throw new FuzzFault('broken without a place', text)
          return
        }
        deep += 1
        survives(file.zone, text)
        serves(file.zone, { text, random })
      })
    },
  }
}

function fileText(random: Random): string {
  const lines = random.many(random.below(14), () => line(random))
  let text = HEAD + lines.join('\n') + (random.once(3) ? '' : '\n')
  for (let edits = random.once(3) ? 1 + random.below(3) : 0; edits > 0; edits -= 1) {
    const at = random.below(text.length + 1)
    text = text.slice(0, at) + random.pick(NOISE) + text.slice(at + random.below(3))
  }
  return text
}

function line(random: Random): string {
  if (random.once(12)) return random.pick(DIRECTIVES)
  const ttl = random.pick(['', '', '60 ', '1h ', 'IN ', '60 IN ', 'IN 60 ', 'CH ', '99999999999 '])
  const rdata = random.pick(RDATA)
  const folded = random.once(8) ? rdata.replace(' ', ' (\n ; a comment\n ').concat(' )') : rdata
  return `${random.pick(OWNERS)} ${ttl}${folded}`
}

/** A part of a zone is data, or problems with their lines; what is the zone's own to say is left out. */
function standsBesideOthers(text: string): void {
  const part = readZonePart(text, { origin: ORIGIN, defaultTtlSeconds: 60 })
  if (part.kind === 'broken') {
    if (part.problems.length === 0) throw new FuzzFault('a part broken without a problem', text)
    return
  }
  const own = [...part.records.recordsOf(ORIGIN)]
  if (own.some(({ type }) => type === TYPE.SOA || type === TYPE.NS))
    throw new FuzzFault("a part has what is the zone's to say", text)
}

/** Packed, as it goes from thread to thread and is kept, a zone is the same. */
function isPackedTheSame(file: ZoneFile, text: string): void {
  const packed = readPackedZone(text, ORIGIN)
  if (packed.kind !== file.kind) throw new FuzzFault(`${packed.kind} when packed`, text)
  if (packed.kind === 'broken' || file.kind === 'broken') return
  const judged = readPackedRecords(text, ORIGIN)
  if (judged.kind === 'broken') throw new FuzzFault('broken as it was judged before', text)
  for (const names of [packed.names, judged.names]) {
    const back = new Map(unpackNames(names))
    const differs = [...file.zone.names].some(
      ([name, sets]) =>
        !sameAnswer({ kind: 'records', sets }, { kind: 'records', sets: back.get(name) ?? [] }),
    )
    if (differs || back.size !== file.zone.names.size) throw new FuzzFault('another zone when packed', text)
  }
}

/** A zone written down again is the same zone. */
function survives(zone: ZoneData, text: string): void {
  const lines = [...zone.names].flatMap(([name, sets]) =>
    sets.flatMap(({ type, ttlSeconds, rdata }) =>
      rdata.map((octets) => `${name} ${ttlSeconds} IN ${typeName(type)} ${presentRdata(type, octets)}`),
    ),
  )
  const again = readZoneFile(lines.join('\n'), ORIGIN)
  if (again.kind !== 'zone') throw new FuzzFault(`not read again: ${JSON.stringify(again.problems)}`, text)
  for (const [name, sets] of zone.names) {
    const back = again.zone.names.get(name)
    if (back === undefined || !sameAnswer({ kind: 'records', sets }, { kind: 'records', sets: back }))
      throw new FuzzFault(`${name} is another`, text)
  }
}

function serves(zone: ZoneData, { text, random }: { readonly text: string; readonly random: Random }): void {
  const view = new MapView()
  view.publish(
    [...zone.names].map(([name, sets]) => ({ name, answer: { kind: 'records', sets }, urgent: false })),
  )
  view.setState('fed.test', 'serving')
  for (let i = 0; i < 4; i += 1) {
    const below = random.pick(['', '', 'x.', '*.', 'y.x.'])
    const owner = random.pick([...zone.names.keys()])
    const type = random.pick([
      'A',
      'AAAA',
      'TXT',
      'NS',
      'SOA',
      'CNAME',
      'DS',
      'ANY',
      'MX',
      'SRV',
      'HTTPS',
      'TYPE666',
    ])
    const name = owner.includes('\\') ? 'a.fed.test.' : owner
    const response = answer(queryBytes({ ask: `${below}${name} ${type}`, edns: {} }), view, askedOver('tcp'))
    if (response === undefined || decodeMessage(response).kind !== 'message')
      throw new FuzzFault(`${below}${name} ${type} not answered`, text)
  }
}
