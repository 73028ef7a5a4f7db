import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  refreshFrom,
  ZoneTransferError,
  type HeldZone,
  type Refreshed,
  type RefreshOptions,
} from '../../../../src/app/secondary/refresh.ts'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import { tsigKeys, type TsigKey } from '../../../../src/dns/tsig/keys.ts'
import { startFakePrimary, type Act, type FakePrimary } from '../../../support/fake-primary.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { linesOf, namesOf, ROOMY } from '../../../support/received-transfers.ts'

const origin = parseDomainName('example')
const soa = (serial: number): string => `example. 60 IN SOA ns1.example. h.example. ${serial} 60 10 600 15`
const A = 'www.example. 60 IN A 192.0.2.1'
const B = 'www.example. 60 IN A 192.0.2.2'
const ZONE = [soa(5), A, soa(5)]
const key: TsigKey = {
  name: 'transfer.' as DomainName, // checked by eye
  algorithm: 'hmac-sha256',
  secret: Uint8Array.from(Buffer.from('a secret of more than nothing')),
}
const otherKey: TsigKey = { ...key, secret: Uint8Array.of(1, 2, 3) }

let primary: FakePrimary | undefined
afterEach(async () => {
  await primary?.close()
  primary = undefined
})

const say = (
  question: string,
  answers: readonly string[],
  more: Partial<Extract<Act, { answers: unknown }>> = {},
): Act => ({
  question,
  answers,
  ...more,
})
const soaAct = (serial: number): Act => say('example SOA', [soa(serial)])

function held(serial: number, lines: readonly string[] = [A]): HeldZone {
  const names = namesOf([soa(serial), ...lines])
  const set = names.get(origin)?.find(({ type }) => type === 6)
  if (set === undefined) throw new Error('no SOA')
  return { serial, soa: set, names }
}

interface Asked {
  readonly script: (type: string) => readonly Act[]
  readonly held?: HeldZone
  /** The secondary's key; the primary has `key`. */
  readonly key?: TsigKey
  readonly options?: Partial<RefreshOptions>
  readonly clock?: ManualClock
}

async function refresh({
  script,
  held: zone,
  key: own,
  options = {},
  clock = new ManualClock(),
}: Asked): Promise<unknown> {
  primary = await startFakePrimary(script, tsigKeys([key]), () => Math.floor(clock.nowMs() / 1000))
  try {
    const refreshed = await refreshFrom(
      { host: '127.0.0.1', port: primary.port, ...(own === undefined ? {} : { key: () => own }) },
      { origin, held: zone },
      {
        dial: ({ host, port }) => connect({ host, port }),
        clock,
        randomId: () => 4711,
        limits: ROOMY,
        times: { connectMs: 1_000, messageMs: 1_000, totalMs: 5_000 },
        ...options,
      },
    )
    return shown(refreshed)
  } catch (error) {
    if (error instanceof ZoneTransferError)
      return error.fields['detail'] === undefined ? error.reason : `${error.reason} ${error.fields['detail']}`
    throw error
  }
}

function shown(refreshed: Refreshed): unknown {
  if (refreshed.kind === 'current') return `current ${refreshed.serial}`
  if (refreshed.kind === 'whole') return { whole: refreshed.serial, lines: linesOf(refreshed.names).length }
  return { increment: refreshed.serial, names: refreshed.changes.map(({ name }) => name) }
}

describe('what is asked', () => {
  it('of a zone that is not held: all of it', async () => {
    const got = await refresh({ script: () => [say('example AXFR', ZONE)] })

    expect(got).toEqual({ whole: 5, lines: 2 })
    expect(primary?.asked).toEqual([['AXFR']])
  })

  it('of one that is held: the SOA, and nothing more when that is the same', async () => {
    const got = await refresh({ held: held(5), script: () => [soaAct(5)] })

    expect(got).toBe('current 5')
    expect(primary?.asked).toEqual([['SOA']])
  })

  it('nor when it is an older one', async () => {
    expect(await refresh({ held: held(7), script: () => [soaAct(5)] })).toBe('current 5')
  })

  it('when it is a later one: what has changed, on the same connection', async () => {
    const got = await refresh({
      held: held(4),
      script: (type) => [
        type === 'SOA' ? soaAct(5) : say('example IXFR', [soa(5), soa(4), A, soa(5), B, soa(5)]),
      ],
    })

    expect(got).toEqual({ increment: 5, names: ['www.example.', 'example.'] })
    expect(primary?.asked).toEqual([['SOA', 'IXFR']])
  })

  it('the whole zone in place of what has changed is taken', async () => {
    const got = await refresh({
      held: held(4),
      script: (type) => [type === 'SOA' ? soaAct(5) : say('example IXFR', ZONE)],
    })

    expect(got).toEqual({ whole: 5, lines: 2 })
  })

  it.each([
    { name: 'the primary knows no IXFR', act: say('example IXFR', [], { header: { rcode: 4 } }) },
    { name: 'or refuses it', act: say('example IXFR', [], { header: { rcode: 5 } }) },
    { name: 'the changes do not fit', act: say('example IXFR', [soa(5), soa(4), B, soa(5), soa(5)]) },
    { name: 'they end in the middle', act: say('example IXFR', [soa(5), soa(4), A, soa(3)]) },
  ])('$name: the whole zone, on another connection', async ({ act }) => {
    const got = await refresh({
      held: held(4),
      script: (type) => [type === 'SOA' ? soaAct(5) : type === 'IXFR' ? act : say('example AXFR', ZONE)],
    })

    expect(got).toEqual({ whole: 5, lines: 2 })
    expect(primary?.asked).toEqual([['SOA', 'IXFR'], ['AXFR']])
  })

  it('a whole zone that is older than what is held is not taken', async () => {
    const old = [soa(3), A, soa(3)]
    const got = await refresh({
      held: held(4),
      script: (type) => [
        type === 'SOA'
          ? soaAct(5)
          : type === 'IXFR'
            ? say('example IXFR', [], { header: { rcode: 4 } })
            : say('example AXFR', old),
      ],
    })

    expect(got).toBe('current 3')
  })
})

describe('what a primary may do wrong', () => {
  const whole = (...acts: readonly Act[]): Asked => ({ script: () => acts })

  it.each<Asked & { readonly name: string; readonly want: string }>([
    { name: 'refuse', ...whole(say('example AXFR', [], { header: { rcode: 5 } })), want: 'refused 5' },
    {
      name: 'end the connection in the middle',
      ...whole(say('example AXFR', [soa(5), A]), 'close'),
      want: 'connection ended',
    },
    {
      name: 'break it',
      ...whole(say('example AXFR', [soa(5), A]), 'reset'),
      want: 'connection ended ECONNRESET',
    },
    {
      name: 'announce more octets than come',
      ...whole({ raw: Uint8Array.of(0xff, 0xff, 1, 2, 3) }, 'close'),
      want: 'connection ended',
    },
    {
      name: 'send what is no message',
      ...whole({ raw: Uint8Array.of(0, 3, 1, 2, 3) }),
      want: 'malformed short header',
    },
    {
      name: 'answer another id',
      ...whole(say('example AXFR', ZONE, { header: { id: 4712 } })),
      want: 'not a reply',
    },
    {
      name: 'send names of others',
      ...whole(say('example AXFR', [soa(5), 'www.other. 60 IN A 192.0.2.1', soa(5)])),
      want: 'record outside the zone www.other. A',
    },
    {
      name: 'send without end',
      ...whole(
        ...Array.from({ length: 1_001 }, () =>
          say('example AXFR', [soa(5), ...Array.from({ length: 10 }, () => A)].slice(1)),
        ),
      ),
      want: 'no SOA first',
    },
    {
      name: 'say that it is not in charge',
      held: held(4),
      script: () => [say('example SOA', [soa(5)], { header: { authoritative: false } })],
      want: 'not authoritative',
    },
    { name: 'have no SOA', held: held(4), script: () => [say('example SOA', [])], want: 'no SOA first' },
    {
      name: 'answer for another zone',
      held: held(4),
      script: () => [say('other SOA', [soa(5)])],
      want: 'not a reply',
    },
    {
      name: 'fail',
      held: held(4),
      script: () => [say('example SOA', [], { header: { rcode: 2 } })],
      want: 'refused 2',
    },
  ])('$name', async ({ want, ...asked }) => {
    expect(await refresh(asked)).toBe(want)
  })

  it('not be there', async () => {
    primary = await startFakePrimary(() => [])
    const { port } = primary
    await primary.close()
    const got = refreshFrom(
      { host: '127.0.0.1', port },
      { origin },
      {
        dial: ({ host }) => connect({ host, port }),
        clock: new ManualClock(),
        randomId: () => 1,
        limits: ROOMY,
        times: { connectMs: 1_000, messageMs: 1_000, totalMs: 5_000 },
      },
    )

    await expect(got).rejects.toMatchObject({ reason: 'unreachable', fields: { detail: 'ECONNREFUSED' } })
  })

  it.each([
    { name: 'say nothing', acts: [] },
    { name: 'begin and stop', acts: [say('example AXFR', [soa(5), A])] },
    { name: 'send octets of a message one by one', acts: [{ raw: Uint8Array.of(1, 0, 7) }] },
  ])('$name: it is given up in time', async ({ acts }) => {
    const clock = new ManualClock()
    const waiting = Promise.withResolvers<void>()
    const got = refresh({
      clock,
      script: () => {
        setImmediate(waiting.resolve)
        return acts
      },
    })

    await waiting.promise
    await new Promise((resolve) => setTimeout(resolve, 20)) // octets on the way
    clock.advance(1_000)

    expect(await got).toBe('no answer in time')
  })
})

describe('signatures', () => {
  const axfr = [say('example AXFR', [soa(5)]), say('example AXFR', [A]), say('example AXFR', [soa(5)])]

  it('that are good are believed', async () => {
    expect(await refresh({ key, script: () => axfr })).toEqual({ whole: 5, lines: 2 })
  })

  it('that are missing in the end are missed', async () => {
    const acts: readonly Act[] = [axfr[0]!, axfr[1]!, { unsigned: say('example AXFR', [soa(5)]) as never }] // three were made

    expect(await refresh({ key, script: () => acts })).toBe('unsigned')
  })

  it('that are missing altogether, too', async () => {
    const acts: readonly Act[] = [{ unsigned: say('example AXFR', ZONE) as never }]

    expect(await refresh({ key, script: () => acts })).toBe('unsigned')
  })

  it('of another secret are refused by the primary', async () => {
    expect(await refresh({ key: otherKey, script: () => axfr })).toBe('BADSIG')
  })

  it('of a key that the primary has not', async () => {
    const unknown = { ...key, name: 'unknown.' as DomainName } // checked by eye

    expect(await refresh({ key: unknown, script: () => axfr })).toBe('BADKEY')
  })

  it('are asked for when the SOA is, too', async () => {
    expect(await refresh({ key, held: held(4), script: () => [{ unsigned: soaAct(5) as never }] })).toBe(
      'unsigned',
    )
  })
})

it('what nobody wants any more is not read to its end, however much the primary has to say', async () => {
  const endless = createServer((socket) => {
    socket.on('error', () => {})
    socket.write(Uint8Array.of(0, 100, 1)) // a message that never becomes whole
  }).listen(0, '127.0.0.1')
  await once(endless, 'listening')
  const address = endless.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const closing = new AbortController()
  const asked = { origin, signal: closing.signal }
  const options = {
    dial: ({ port: at }: { readonly port: number }) => connect({ host: '127.0.0.1', port: at }),
    clock: new ManualClock(),
    randomId: () => 4711,
    limits: ROOMY,
    times: { connectMs: 1_000, messageMs: 1_000, totalMs: 5_000 },
  }
  const accepted = once(endless, 'connection')

  const refreshed = refreshFrom({ host: '127.0.0.1', port }, asked, options)
  const [socket] = await accepted
  await once(socket, 'data') // the query
  closing.abort()

  await expect(refreshed).rejects.toMatchObject({ reason: 'connection ended' })
  await expect(refreshFrom({ host: '127.0.0.1', port }, asked, options)).rejects.toMatchObject({
    reason: 'given up',
  })
  endless.close()
})
