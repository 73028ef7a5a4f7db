import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_PEERS } from '../../src/app/peers.ts'
import { ALL, DEMO, domain, PATH } from '../support/demo.ts'
import { askTcp, askUdp } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { startApp, type App } from '../support/sandbox-harness.ts'
import { updateOctets } from '../support/update-message.ts'

/** Static data of a Domain, from the object to the answer. */

const DOMAIN = `${PATH.domains}/myfederation`
const EAST_ZONE = 'nginx.mynamespace.myfederation.svc.us-east1-b.us-east1.example.com'
const ZONE_FILE = `$TTL 3600
@       SOA   ns1 hostmaster 1 3600 900 604800 300
@       NS    ns1
@       MX    10 mail
        TXT   "v=spf1 mx -all"
        CAA   0 issue "ca.example.net"
mail 60 A     192.0.2.25
www     CNAME nginx.mynamespace.myfederation.svc
*.apps  A     192.0.2.80
dev     NS    ns.dev
ns.dev  A     192.0.2.54
old     DNAME new
host.new A    192.0.2.9
`

let app: App
beforeAll(async () => {
  app = await startApp({
    peers: { ...NO_PEERS, transfer: [{ prefix: '127.0.0.0/8' }], update: [{ prefix: '127.0.0.0/8' }] },
  })
})
afterAll(() => app.close())

const port = (): number => app.instance.nameserver.listening[0]!.port // it listens on one address
const ask = async (question: string) => replyOf(await askUdp(port(), queryBytes({ ask: question })))
const set = (zoneFile: string | null): Promise<unknown> => app.host.merge(DOMAIN, { zoneFile })
const says = async (name: string): Promise<string> => (await app.dns.short(name)).join(' ')

interface Told {
  readonly conditions?: readonly {
    readonly type: string
    readonly status: string
    readonly reason: string
    readonly message: string
  }[]
  readonly inForce?: { readonly zoneFile?: string }
}
const statusOf = async (path: string): Promise<Told> => (await app.host.get(path))['status'] as Told // its schema says so, and it has been written
const conditionOf = async (type: string, path = DOMAIN): Promise<string | undefined> => {
  const found = (await statusOf(path)).conditions?.find((condition) => condition.type === type)
  return found && `${found.status} ${found.reason}: ${found.message}`
}

describe('static data of a Domain', () => {
  beforeAll(async () => {
    await set(ZONE_FILE)
    await app.untilSays('mail.example.com', ['192.0.2.25'])
  })

  it.each([
    {
      ask: 'example.com MX',
      answer: ['example.com. 3600 MX 10 mail.example.com.'],
    },
    { ask: 'example.com TXT', answer: ['example.com. 3600 TXT "v=spf1 mx -all"'] },
    { ask: 'any.apps.example.com A', answer: ['any.apps.example.com. 3600 A 192.0.2.80'] },
    {
      ask: 'host.old.example.com A',
      answer: [
        'old.example.com. 3600 DNAME new.example.com.',
        'host.old.example.com. 3600 CNAME host.new.example.com.',
        'host.new.example.com. 3600 A 192.0.2.9',
      ],
    },
  ])('answers $ask', async (row) => {
    expect((await ask(row.ask)).answer).toEqual(row.answer)
  })

  it('follows aliases into the names of the federation', async () => {
    expect(await app.dns.short('www.example.com')).toEqual([`-> ${DEMO.global}`, ...ALL])
  })

  it('refers to whom a name is delegated, with glue', async () => {
    expect(await ask('a.dev.example.com A')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'qr',
      authority: ['dev.example.com. 3600 NS ns.dev.example.com.'],
      additional: expect.arrayContaining(['ns.dev.example.com. 3600 A 192.0.2.54']) as unknown,
    })
  })

  it('tells how many names there are, and that SOA and NS of the zone are left out', async () => {
    await app.untilTime(async () =>
      expect(await conditionOf('ZoneFile')).toMatch(
        /^True Published: 8 names .*left out.*SOA \(line 2\) and NS \(line 3\) of example\.com itself/,
      ),
    )
    expect((await statusOf(DOMAIN)).inForce?.zoneFile).toBe(ZONE_FILE)
    expect((await ask('example.com SOA')).answer?.join()).not.toContain(' 604800 ')
  })

  it('goes out with the zone', async () => {
    const { answer } = replyOf(await askTcp(port(), queryBytes({ ask: 'example.com AXFR' })))

    expect(answer).toEqual(
      expect.arrayContaining([
        'example.com. 3600 MX 10 mail.example.com.',
        'dev.example.com. 3600 NS ns.dev.example.com.',
        'ns.dev.example.com. 3600 A 192.0.2.54',
        'old.example.com. 3600 DNAME new.example.com.',
        '*.apps.example.com. 3600 A 192.0.2.80',
      ]),
    )
  })

  it('is not changed by UPDATE', async () => {
    const update = updateOctets({
      zone: ['example.com. IN SOA'],
      updates: ['mail.example.com. 60 IN A 192.0.2.66'],
    })

    expect(replyOf(await askUdp(port(), update)).rcode).toBe('REFUSED')
    expect(await says('mail.example.com')).toBe('192.0.2.25')
  })

  it('is not hidden by UPDATE, nor by ZoneRecords', async () => {
    const hiding = updateOctets({
      zone: ['example.com. IN SOA'],
      updates: ['new.example.com. 60 IN NS ns.example.net.'],
    })
    const beside = updateOctets({
      zone: ['example.com. IN SOA'],
      updates: ['beside.example.com. 60 IN NS ns.example.net.'],
    })

    expect(replyOf(await askUdp(port(), hiding)).rcode).toBe('REFUSED')
    expect(replyOf(await askUdp(port(), beside)).rcode).toBe('NOERROR')
    await set(`${ZONE_FILE}deep.beside A 192.0.2.11\n`)
    await app.untilSays('deep.beside.example.com', ['192.0.2.11'])
    await set(ZONE_FILE)
    await app.until(async () =>
      expect((await ask('deep.beside.example.com A')).authority).toEqual([
        'beside.example.com. 60 NS ns.example.net.',
      ]),
    )
  })

  it('goes before a canonical name of a record, which is told so, and gets it back', async () => {
    await set(`${ZONE_FILE}${EAST_ZONE}. A 192.0.2.77\n`)
    await app.untilSays(EAST_ZONE, ['192.0.2.77'])
    await app.untilTime(async () =>
      expect(await conditionOf('Conflict', `${PATH.records}/nginx`)).toContain(
        `${EAST_ZONE} belongs to Domain/kube-federation-system/myfederation`,
      ),
    )

    await set(ZONE_FILE)
    await app.untilSays(EAST_ZONE, ['198.51.100.1'])
  })

  it('is published but for what would hide names of the federation', async () => {
    await set(`${ZONE_FILE}svc NS ns.example.net.\nmore A 192.0.2.10\n`)
    await app.untilSays('more.example.com', ['192.0.2.10'])

    expect(await app.dns.short(DEMO.global)).toEqual(ALL)
    await app.untilTime(async () =>
      expect(await conditionOf('ZoneFile')).toMatch(
        /^False RecordsInvalid: .*NS records of svc\.example\.com\. would hide names/,
      ),
    )
    await set(ZONE_FILE)
  })

  it('that cannot be read is refused with line and reason', async () => {
    await expect(set(`${ZONE_FILE}bad A 192.0.2.999\n`)).rejects.toThrow(/zoneFile line 14: /)
  })

  it('of two Domains of one zone stands side by side, and goes with its own', async () => {
    await set(ZONE_FILE)
    await app.host.create(
      PATH.domains,
      domain('second', 'example.com', { zoneFile: 'second A 192.0.2.2\nmail A 192.0.2.26' }),
    )
    await app.untilSays('second.example.com', ['192.0.2.2'])

    expect(await says('mail.example.com')).toBe('192.0.2.25')
    await app.untilTime(async () =>
      expect(await conditionOf('ZoneFile', `${PATH.domains}/second`)).toMatch(
        /^False Conflict: .*mail\.example\.com belongs to Domain\/kube-federation-system\/myfederation/,
      ),
    )
    await app.host.remove(`${PATH.domains}/second`)
    await app.untilSays('second.example.com', ['NXDOMAIN'])
  })

  it('goes with the field, from the status too', async () => {
    await set(null)
    await app.untilSays('mail.example.com', ['NXDOMAIN'])

    expect(await app.dns.short(DEMO.global)).toEqual(ALL)
    await app.untilTime(async () => {
      expect(await conditionOf('ZoneFile')).toBe('True Published: zoneFile is not set; nothing to do')
      expect((await statusOf(DOMAIN)).inForce).not.toHaveProperty('zoneFile')
    })
  })
})
