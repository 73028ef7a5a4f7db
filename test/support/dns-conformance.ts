import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import type { QueryShape } from './dns-query.ts'
import type { Reply } from './dns-reply.ts'
import { startTestServer, type TestServer } from './dns-server.ts'

/** What a section of an RFC has to say about one exchange. */
export interface Claim {
  /** `section: claim` */
  readonly name: string
  readonly in: QueryShape | string
  readonly want: Reply
  /** Where an answer that is right over one transport is not over the other. */
  readonly only?: 'udp' | 'tcp'
}

export const SOA_RDATA = 'ns1.fed.test. hostmaster.fed.test. 2026112001 60 15 1209600 15'
/** The SOA as it stands in denials: its TTL the negative one. */
export const DENIAL = `fed.test. 15 SOA ${SOA_RDATA}`

const LINES: readonly string[] = [
  `fed.test. 3600 SOA ${SOA_RDATA}`,
  'fed.test. 3600 NS ns1.fed.test.',
  'fed.test. 3600 NS ns2.fed.test.',
  'ns1.fed.test. 3600 A 192.0.2.53',
  'ns1.fed.test. 3600 AAAA 2001:db8::53',
  'ns2.fed.test. 3600 A 192.0.2.54',
  'www.fed.test. 30 A 192.0.2.1',
  'www.fed.test. 30 A 192.0.2.2',
  'www.fed.test. 30 AAAA 2001:db8::1',
  'www.fed.test. 60 TXT "hello"',
  'nginx.ns.myfed.svc.eu.fed.test. 30 A 192.0.2.3',
  'zone.fed.test. 30 CNAME region.fed.test.',
  'region.fed.test. 30 CNAME www.fed.test.',
  'dangling.fed.test. 30 CNAME nothing.fed.test.',
  'to-ent.fed.test. 30 CNAME svc.eu.fed.test.',
  'away.fed.test. 30 CNAME www.elsewhere.example.',
  'across.fed.test. 30 CNAME www.other.test.',
  'loop1.fed.test. 30 CNAME loop2.fed.test.',
  'loop2.fed.test. 30 CNAME loop1.fed.test.',
  '*.wild.fed.test. 30 A 192.0.2.9',
  ...Array.from({ length: 100 }, (_, i) => `many.fed.test. 30 A 192.0.2.${i}`),
  'other.test. 5 SOA ns1.fed.test. hostmaster.fed.test. 7 60 15 1209600 15',
  'www.other.test. 30 A 192.0.2.4',
]

/** Hold a server with one common zone to claims, each over UDP and over TCP. */
export function conformance(
  rfc: string,
  claims: readonly Claim[],
  more?: (server: () => TestServer) => void,
): void {
  conformanceOf(rfc, { origins: ['fed.test', 'other.test'], lines: LINES }, claims, (server) => {
    beforeAll(() => server().nameserver.writer.setState(parseDomainName('loading.test'), 'loading'))
    more?.(server)
  })
}

/** As conformance, with zones of one's own. */
export function conformanceOf(
  rfc: string,
  zones: { readonly origins: readonly string[]; readonly lines: readonly string[] },
  claims: readonly Claim[],
  more?: (server: () => TestServer) => void,
): void {
  describe(rfc, () => {
    let server: TestServer
    beforeAll(async () => {
      server = await startTestServer(zones.origins, zones.lines)
    })
    afterAll(() => server.nameserver.close())

    more?.(() => server)
    describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
      it.each(claims.filter(({ only }) => only === undefined || only === transport))(
        '$name',
        async (claim) => {
          expect(await server.ask(transport, claim.in)).toEqual(claim.want)
        },
      )
    })
  })
}
