import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DomainName } from '../../src/dns/names.ts'
import { signRequest } from '../../src/dns/tsig/client.ts'
import type { TsigKey } from '../../src/dns/tsig/keys.ts'
import { askUdp } from '../support/dns-exchange.ts'
import { startDnsHere, type DnsHere } from '../support/dns-here.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { startFakePrimary, type Act, type FakePrimary } from '../support/fake-primary.ts'

const SECRET = Buffer.from('a secret of more than nothing')
const KEY: TsigKey = { name: 'xfr.' as DomainName, algorithm: 'hmac-sha256', secret: SECRET } // checked by eye
const soa = (serial: number, times = '3600 1 1209600'): string =>
  `example. 60 IN SOA ns1.example. h.example. ${serial} ${times} 15`
const zoneText = (serial: number, host: number): string =>
  `${soa(serial)}\nexample. 60 NS ns1.example.\nns1.example. 60 A 192.0.2.53\nwww.example. 60 A 192.0.2.${host}\n`
const WWW = (host: number): readonly string[] => [`www.example. 60 A 192.0.2.${host}`]
const SERIAL = (serial: number): readonly string[] => [soa(serial).replace(' IN ', ' ')]

/** Files are looked at by the system's clock, every two seconds. */
const SOON = { timeout: 10_000, interval: 10 }

let folder = ''
let running: { end(): Promise<unknown> }[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-secondary-'))
  putKey(KEY)
})
afterEach(async () => {
  await Promise.all(running.map((each) => each.end()))
  running = []
  rmSync(folder, { recursive: true, force: true })
})

function putKey({ secret }: TsigKey): void {
  const text = Buffer.from(secret).toString('base64')
  writeFileSync(join(folder, 'keys'), `key "xfr" { algorithm hmac-sha256; secret "${text}"; };\n`)
}

async function start(...argv: readonly string[]): Promise<DnsHere> {
  const here = await startDnsHere([...argv, '--tsig-keys', join(folder, 'keys')])
  running.push(here)
  return here
}

const secondary = (port: number, name = 'state', ...more: readonly string[]): Promise<DnsHere> =>
  start('--secondary', `example=127.0.0.1:${port}+key:xfr`, '--state-dir', join(folder, name), ...more)

async function fakePrimary(script: Parameters<typeof startFakePrimary>[0]): Promise<FakePrimary> {
  const primary = await startFakePrimary(script, new Map([[KEY.name, KEY]]), () =>
    Math.floor(Date.now() / 1000),
  )
  running.push({ end: () => primary.close() })
  return primary
}

/** A port that nothing listens on, to be listened on later. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A NOTIFY for a zone, signed or not. @returns the response code */
async function notify(port: number, zone: string, key?: TsigKey): Promise<string> {
  const message = queryBytes({ ask: `${zone} SOA`, opcode: 4, flags: 0x0400 })
  const nowSeconds = Math.floor(Date.now() / 1000)
  const signed = key === undefined ? undefined : signRequest(message, key, nowSeconds)
  const reply = await askUdp(port, signed?.request ?? message)
  const checked = signed?.verifier.check(reply, nowSeconds)
  return checked?.kind === 'bad' ? checked.reason : replyOf(checked?.message ?? reply).rcode
}

const axfr = (serial: number, host: number): readonly Act[] => [
  {
    question: 'example AXFR',
    answers: [
      soa(serial),
      'example. 60 IN NS ns1.example.',
      `www.example. 60 IN A 192.0.2.${host}`,
      soa(serial),
    ],
  },
]

describe('a zone of another primary', () => {
  it('is brought, follows by NOTIFY, and goes on to others', async () => {
    const file = join(folder, 'example.zone')
    writeFileSync(file, zoneText(1, 1))
    const second = await freePort()
    const primary = await start(
      ...[
        '--zone',
        `example=${file}`,
        '--allow-transfer',
        'key:xfr',
        '--notify',
        `127.0.0.1:${second}+key:xfr`,
      ],
    )
    const third = await freePort()
    const middle = await secondary(
      ...([
        primary.port,
        'middle',
        '--listen',
        `127.0.0.1:${second}`,
        '--allow-transfer',
        'key:xfr',
      ] as const),
      ...['--notify', `127.0.0.1:${third}+key:xfr`],
    )
    const last = await secondary(second, 'last', '--listen', `127.0.0.1:${third}`)
    for (const server of [middle, last]) await server.untilAnswers('www.example A', WWW(1))

    writeFileSync(file, zoneText(2, 2))

    for (const server of [primary, middle, last]) {
      await server.untilAnswers('www.example A', WWW(2))
      await server.untilAnswers('example SOA', SERIAL(2))
    }
    expect((await last.ask('www.example A')).flags).toBe('qr aa')
  }, 20_000)

  it('is SERVFAIL until it has come, others are answered', async () => {
    writeFileSync(join(folder, 'other.zone'), zoneText(1, 1).replaceAll('example', 'other'))
    const server = await secondary(await freePort(), 'state', '--zone', `other=${join(folder, 'other.zone')}`)

    expect((await server.ask('www.example A')).rcode).toBe('SERVFAIL')
    expect((await server.ask('www.other A')).rcode).toBe('NOERROR')
    expect((await server.ask('www.elsewhere A')).rcode).toBe('REFUSED')
  })

  it('is answered at once after a restart, without its primary', async () => {
    const primary = await fakePrimary(() => axfr(7, 3))
    const before = await secondary(primary.port)
    await before.untilAnswers('www.example A', WWW(3))
    expect(await before.end()).toBe(0)
    await primary.close()

    const after = await secondary(primary.port)

    expect((await after.ask('www.example A')).answer).toEqual(WWW(3))
    expect(readFileSync(join(folder, 'state/secondary/example.zone'), 'latin1')).toContain(
      'www.example. 60 IN A 192.0.2.3',
    )
  })

  it('stays as it is, whatever goes wrong when it is brought again', async () => {
    const bad = 'www.example. 60 IN A 192.0.2.66'
    const faults: readonly (readonly Act[])[] = [
      [{ question: 'example AXFR', answers: [soa(8), bad] }, 'close'],
      [{ question: 'example AXFR', answers: [soa(8), 'www.other. 60 IN A 192.0.2.66', soa(8)] }],
      [{ unsigned: { question: 'example AXFR', answers: [soa(8), bad, soa(8)] } }],
      [{ raw: Uint8Array.from([0, 4, 1, 2, 3, 4]) }],
    ]
    let fault: readonly Act[] | undefined
    const primary = await fakePrimary((type) => {
      if (type === 'SOA') return [{ question: 'example SOA', answers: [soa(fault === undefined ? 7 : 8)] }]
      if (type === 'IXFR') return [{ question: 'example IXFR', answers: [], header: { rcode: 4 } }]
      return fault ?? axfr(7, 3)
    })
    const server = await secondary(primary.port)
    await server.untilAnswers('www.example A', WWW(3))
    for (fault of faults) {
      const asked = primary.asked.length
      expect(await notify(server.port, 'example', KEY)).toBe('NOERROR')
      await expect
        .poll(() => primary.asked.length, { timeout: 8_000, interval: 10 })
        .toBeGreaterThan(asked + 1)
      expect((await server.ask('www.example A')).answer).toEqual(WWW(3))
      expect((await server.ask('example SOA')).answer).toEqual(SERIAL(7))
    }
  }, 20_000)
})

describe('a key whose secret is replaced', () => {
  const NEXT: TsigKey = { ...KEY, secret: Buffer.from('another secret of more than nothing') }

  it('signs transfers and notifications from then on, on both sides, and the old one signs none', async () => {
    const file = join(folder, 'example.zone')
    writeFileSync(file, zoneText(1, 1))
    const second = await freePort()
    const to = `127.0.0.1:${second}`
    const primary = await start(
      ...['--zone', `example=${file}`, '--allow-transfer', 'key:xfr', '--notify', `${to}+key:xfr`],
    )
    const server = await secondary(primary.port, 'state', '--listen', to)
    await server.untilAnswers('www.example A', WWW(1))
    expect(await notify(server.port, 'example', NEXT)).toBe('BADSIG')

    putKey(NEXT)
    // the primary takes no NOTIFY, from nobody: it says so to those whom it knows
    await expect.poll(() => notify(primary.port, 'example', NEXT), SOON).toBe('NOTIMP')
    await expect.poll(() => notify(server.port, 'example', NEXT), SOON).toBe('NOERROR')
    writeFileSync(file, zoneText(2, 2))

    await server.untilAnswers('www.example A', WWW(2))
    expect(await notify(server.port, 'example', KEY)).toBe('BADSIG')
    expect(await notify(primary.port, 'example', KEY)).toBe('BADSIG')
  }, 30_000)
})

describe('RFC 1996, who is heard', () => {
  it('3.10: the primary, with its key, and nobody else', async () => {
    const primary = await fakePrimary(() => axfr(7, 3))
    const server = await secondary(primary.port)
    await server.untilAnswers('www.example A', WWW(3))

    expect(await notify(server.port, 'example', KEY)).toBe('NOERROR')
    expect(await notify(server.port, 'example')).toBe('REFUSED')
    expect(await notify(server.port, 'other', KEY)).toBe('NOTAUTH')
    expect(await notify(server.port, 'example', { ...KEY, secret: Uint8Array.of(1) })).toBe('BADSIG')
  })

  it('a server without zones of others knows no NOTIFY', async () => {
    writeFileSync(join(folder, 'example.zone'), zoneText(1, 1))
    const server = await start('--zone', `example=${join(folder, 'example.zone')}`)

    expect(await notify(server.port, 'example')).toBe('NOTIMP')
  })
})

it.each([
  {
    name: 'a zone that has a file too',
    argv: (file: string) => ['--secondary', 'example=192.0.2.1', '--zone', `example=${file}`],
    want: 'which has a file too',
  },
  {
    name: 'a key that is in no file',
    argv: () => ['--secondary', 'example=192.0.2.1+key:none'],
    want: 'names the key "none"',
  },
  {
    name: 'no address',
    argv: () => ['--secondary', 'example=ns.example.net'],
    want: 'is not ORIGIN=HOST:PORT',
  },
])('$name is wrong usage', async ({ argv, want }) => {
  const file = join(folder, 'example.zone')
  writeFileSync(file, zoneText(1, 1))

  await expect(start(...argv(file))).rejects.toThrow(want)
})
