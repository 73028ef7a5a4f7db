import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_PEERS } from '../../src/app/peers.ts'
import { fixedKeys } from '../../src/app/tsig-keys.ts'
import type { DomainName } from '../../src/dns/names.ts'
import { signRequest } from '../../src/dns/tsig/client.ts'
import type { TsigKey } from '../../src/dns/tsig/keys.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import { askTcp, askUdp } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { startApp, type App } from '../support/sandbox-harness.ts'
import { updateOctets, type UpdateShape } from '../support/update-message.ts'

const KEY: TsigKey = {
  name: 'update.' as DomainName, // checked by eye
  algorithm: 'hmac-sha256',
  secret: Uint8Array.from(Buffer.from('a secret of more than nothing')),
}
const OTHER: TsigKey = { ...KEY, name: 'other.' as DomainName } // checked by eye
const RCODES: Readonly<Record<number, string>> = {
  ...{ 0: 'NOERROR', 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED' },
  ...{ 6: 'YXDOMAIN', 7: 'YXRRSET', 8: 'NXRRSET', 9: 'NOTAUTH', 10: 'NOTZONE' },
}
const OBJECTS = '/apis/waypost.dev/v1alpha1/namespaces/kube-federation-system/zonerecords'
const ZONE = ['example.com. IN SOA']
const FEDERATED = 'nginx.mynamespace.myfederation.svc.example.com.'

let app: App
beforeAll(async () => {
  app = await startApp({
    peers: { ...NO_PEERS, keys: fixedKeys([KEY, OTHER]), update: [{ prefix: '127.0.0.0/8', key: KEY.name }] },
  })
})
afterAll(() => app.close())

let id = 0
async function update(
  shape: UpdateShape,
  options: { key?: TsigKey | undefined; over?: 'udp' | 'tcp' } = { key: KEY },
): Promise<string> {
  id += 1
  const message = updateOctets({ zone: ZONE, ...shape }, id)
  const signed =
    options.key === undefined ? undefined : signRequest(message, options.key, Math.floor(Date.now() / 1000))
  const port = app.instance.nameserver.listening[0]!.port // it listens on one address
  const reply = await (options.over === 'tcp' ? askTcp : askUdp)(port, signed?.request ?? message)
  const checked = signed?.verifier.check(reply, Math.floor(Date.now() / 1000))
  if (checked?.kind === 'bad') return checked.reason
  const decoded = decodeMessage(checked?.message ?? reply)
  expect(decoded.message).toMatchObject({
    header: { id, response: true, opcode: 5 },
    questions: [{ type: 6 }],
  })
  return RCODES[decoded.message?.header.rcode ?? -1] ?? 'nothing'
}

const add = (...updates: readonly string[]): Promise<string> => update({ updates })
const answers = async (ask: string) =>
  replyOf(await askUdp(app.instance.nameserver.listening[0]!.port, queryBytes({ ask }))).answer // it listens on one address
const says = async (name: string, type = 'A'): Promise<string> => (await app.dns.short(name, type)).join(' ')
const serial = async (): Promise<number> => (await app.dns.resolve('example.com', 'SOA')).serial ?? 0

interface Told {
  readonly spec: { readonly records?: readonly { readonly name: string }[] }
  readonly status?: {
    readonly names?: number
    readonly conditions?: readonly { readonly reason: string; readonly message: string }[]
  }
}
const told = async (name: string): Promise<Told> =>
  (await app.host.get(`${OBJECTS}/${name}`)) as unknown as Told // its schema says so

describe('an update', () => {
  it.each(['udp', 'tcp'] as const)('over %s is answered when it can be asked for', async (over) => {
    const before = await serial()

    expect(await update({ updates: [`${over}.example.com. 60 IN A 192.0.2.1`] }, { key: KEY, over })).toBe(
      'NOERROR',
    )
    expect(await says(`${over}.example.com`)).toBe('192.0.2.1')
    expect(await serial()).toBeGreaterThan(before)
  })

  it('is kept in an object that is called like the zone, and says what became of it', async () => {
    await add('kept.example.com. 60 IN TXT "hello"', 'example.com. 60 IN MX 10 mail.example.com.')

    await app.until(async () => {
      const { spec, status } = await told('example.com')
      expect(spec.records).toContainEqual({
        name: 'kept.example.com.',
        type: 'TXT',
        ttl: 60,
        rdata: ['"hello"'],
      })
      expect(spec.records).toContainEqual({
        name: 'example.com.',
        type: 'MX',
        ttl: 60,
        rdata: ['10 mail.example.com.'],
      })
      expect(status?.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'True', reason: 'Published' })
    })
    expect(await answers('kept.example.com TXT')).toEqual(['kept.example.com. 60 TXT "hello"'])
    expect(await answers('example.com MX')).toEqual(['example.com. 60 MX 10 mail.example.com.'])
  })

  it('outlives the controller', async () => {
    await add('lasting.example.com. 60 IN A 192.0.2.8')
    await app.stopController()
    await app.startController()

    await app.until(async () => expect(await says('lasting.example.com')).toBe('192.0.2.8'))
  })

  it('of a name that the federation owns is refused, and changes nothing', async () => {
    const before = await says(FEDERATED)

    expect(await add('also.example.com. 60 IN A 192.0.2.1', `${FEDERATED} 60 IN A 192.0.2.1`)).toBe('REFUSED')
    expect(await update({ updates: [`${FEDERATED} 0 ANY ANY`] })).toBe('REFUSED')
    expect(await says(FEDERATED)).toBe(before)
    expect(await says('also.example.com')).toBe('NXDOMAIN')
  })

  it('may depend on what the federation says', async () => {
    expect(await update({ prerequisites: [`${FEDERATED} 0 ANY A`] })).toBe('NOERROR')
    expect(await update({ prerequisites: [`${FEDERATED} 0 NONE ANY`] })).toBe('YXDOMAIN')
  })

  it('of a zone that is none of ours is not for us', async () => {
    expect(await update({ zone: ['example.net. IN SOA'] })).toBe('NOTAUTH')
    expect(await update({ zone: ['myfederation. IN SOA'] })).toBe('REFUSED')
  })
})

describe('who may update', () => {
  it.each([
    { name: 'nobody without a key', key: undefined, want: 'REFUSED' },
    { name: 'nobody with another key', key: OTHER, want: 'REFUSED' },
    { name: 'nobody with another secret', key: { ...KEY, secret: Uint8Array.of(1) }, want: 'BADSIG' },
    {
      name: 'nobody with a key that is not known',
      key: { ...KEY, name: 'unknown.' as DomainName },
      want: 'BADKEY',
    }, // checked by eye
  ])('$name', async ({ key, want }) => {
    expect(await update({ updates: ['evil.example.com. 60 IN A 192.0.2.66'] }, { key })).toBe(want)
    expect(await says('evil.example.com')).toBe('NXDOMAIN')
  })
})

describe('objects written by hand', () => {
  const object = (name: string, records: readonly object[], zone = 'example.com') => ({
    apiVersion: 'waypost.dev/v1alpha1',
    kind: 'ZoneRecords',
    metadata: { name, namespace: 'kube-federation-system' },
    spec: { zone, records },
  })

  it('are published, and cannot be changed by updates', async () => {
    await app.host.create(
      OBJECTS,
      object('by-hand', [{ name: 'hand.example.com.', type: 'A', ttl: 60, rdata: ['192.0.2.5'] }]),
    )
    await app.untilSays('hand.example.com', ['192.0.2.5'])

    expect(await add('hand.example.com. 60 IN A 192.0.2.6')).toBe('REFUSED')
    await app.host.remove(`${OBJECTS}/by-hand`)
    await app.untilSays('hand.example.com', ['NXDOMAIN'])
    expect(await add('hand.example.com. 60 IN A 192.0.2.6')).toBe('NOERROR')
  })

  it('tell what of them is not published, and why', async () => {
    await app.host.create(
      OBJECTS,
      object('broken', [
        { name: 'good.example.com.', type: 'A', ttl: 60, rdata: ['192.0.2.5'] },
        { name: 'bad.example.com.', type: 'A', ttl: 60, rdata: ['2001:db8::1'] },
      ]),
    )

    await app.untilSays('good.example.com', ['192.0.2.5'])
    await app.until(async () => {
      const { status } = await told('broken')
      expect(status?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'RecordsInvalid' })
      expect(status?.conditions?.[0]?.message).toContain('bad.example.com. A')
      expect(status?.names).toBe(1)
    })
  })

  it('lose names to the federation, and are told so', async () => {
    await app.host.create(
      OBJECTS,
      object('loser', [{ name: FEDERATED, type: 'A', ttl: 60, rdata: ['192.0.2.66'] }]),
    )

    await app.until(async () =>
      expect((await told('loser')).status?.conditions?.[0]).toMatchObject({ reason: 'Conflict' }),
    )
    expect(await says(FEDERATED)).not.toContain('192.0.2.66')
  })

  it('of a zone that no Domain has are told so', async () => {
    await app.host.create(OBJECTS, object('stray', [], 'example.net'))

    await app.until(async () =>
      expect((await told('stray')).status?.conditions?.[0]).toMatchObject({ reason: 'NoDomain' }),
    )
  })
})

it('without the host nothing is stored, nothing published: SERVFAIL, and later it goes on', async () => {
  app.fault('host', { kind: 'down' })
  const answer = await add('lost.example.com. 60 IN A 192.0.2.1')
  const said = await says('lost.example.com')
  app.fault('host')

  expect([answer, said]).toEqual(['SERVFAIL', 'NXDOMAIN'])
  await app.untilTime(async () => expect(await add('lost.example.com. 60 IN A 192.0.2.1')).toBe('NOERROR'))
  expect(await says('lost.example.com')).toBe('192.0.2.1')
})
