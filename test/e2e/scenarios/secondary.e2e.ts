import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sceneAddresses } from '../support/addresses.ts'
import { homeOf, type EngineName, type Place } from '../support/dns/engines.ts'
import { startPrimary } from '../support/dns/primaries.ts'
import { serialAt, zoneAt } from '../support/dns/secondaries.ts'
import { tool } from '../support/dns/signed-zones.ts'
import { startProgram, until, type Program } from '../support/process.ts'

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname
const { waypost, parents, provider } = sceneAddresses()
const WAYPOST: Place = { host: waypost, port: 53 }
const AT: Readonly<Record<EngineName, Place>> = {
  nsd: { host: parents, port: 53 },
  knotd: { host: provider, port: 53 },
  named: { host: '127.0.0.1', port: 5500 + Number(process.env['VITEST_POOL_ID'] ?? 1) },
}
const NAMES = Object.keys(AT) as readonly EngineName[] // its own keys
const zoneOf = (name: EngineName): string => `${name}.test`

const folder = mkdtempSync(join(tmpdir(), 'waypost-secondary-'))
const keyFile = join(folder, 'xfr.key')
const keyText = tool('tsig-keygen', ['-a', 'hmac-sha256', 'xfr'], folder)
writeFileSync(keyFile, keyText)
const secret = /secret "([^"]+)"/.exec(keyText)![1]! // as tsig-keygen writes it

let server: Program
const primaries = new Map<EngineName, Program>()
afterAll(async () => {
  await server.end()
  for (const program of primaries.values()) await program.end()
})

/** Lines of a master file: what a zone can hold, and a serial. */
function zoneText(serial: number, ...more: readonly string[]): string {
  return [
    '$TTL 300',
    `@ SOA ns1 hostmaster ${serial} 3600 2 86400 15`,
    '@ NS ns1',
    '@ MX 10 mail',
    '@ CAA 0 issue "ca.example.net"',
    'ns1 A 192.0.2.53',
    'mail A 192.0.2.25',
    'mail AAAA 2001:db8::25',
    '*.wild TXT "any name" "in two parts"',
    'alias CNAME www.elsewhere.example.',
    'old DNAME new',
    'sub NS ns.sub',
    'sub DS 1 13 2 0123456789012345678901234567890123456789012345678901234567890123',
    'ns.sub A 192.0.2.53',
    '_dns._tcp SRV 0 1 53 ns1',
    'and\\.\\032odd TXT "octets"',
    'svc HTTPS 1 . alpn=h2',
    'type65400 TYPE65400 \\# 3 010203',
    ...more,
    '',
  ].join('\n')
}

function write(name: EngineName, text: string): void {
  const file = join(homeOf({ folder }, name), `${zoneOf(name)}.zone`)
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

/** Another content, which its server reads when told to. */
function change(name: EngineName, text: string): void {
  write(name, text)
  process.kill(primaries.get(name)!.pid, 'SIGHUP') // started before any test
}

function startWaypost(run: 'first' | 'second'): Program {
  return startProgram({
    ...{ name: `waypost-${run}`, command: process.execPath, folder },
    args: [
      ...[MAIN, 'dns', '--listen', `${WAYPOST.host}:53`, '--tsig-keys', keyFile],
      ...['--state-dir', join(folder, 'state'), '--allow-transfer', 'key:xfr'],
      ...NAMES.flatMap((name) => [
        '--secondary',
        `${zoneOf(name)}=${AT[name].host}:${AT[name].port}+key:xfr`,
      ]),
    ],
  })
}

const follows = (name: EngineName, serial: number): Promise<unknown> =>
  until(() => (serialAt(WAYPOST, zoneOf(name)) === serial ? true : undefined), 30_000)
const ours = (name: EngineName): readonly string[] => zoneAt(WAYPOST, zoneOf(name), keyFile)
const theirs = (name: EngineName): readonly string[] => zoneAt(AT[name], zoneOf(name), keyFile)

/** Messages of what was received of a zone with a serial. */
function received(name: EngineName, serial: number): readonly string[] {
  return server
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter((line) => line['component'] === 'secondary' && line['zone'] === `${zoneOf(name)}.`)
    .filter((line) => line['serial'] === serial)
    .map(({ msg }) => String(msg))
}

describe.each(NAMES)('%s as the primary, as docs/secondary.md configures it', (name) => {
  beforeAll(async () => {
    if (primaries.size > 0) return
    for (const each of NAMES) {
      write(each, zoneText(1))
      primaries.set(
        each,
        startPrimary(each, { folder, at: AT[each], waypost: WAYPOST, zone: zoneOf(each), secret }),
      )
      await until(() => (serialAt(AT[each], zoneOf(each)) === 1 ? true : undefined))
    }
    server = startWaypost('first')
    await server.logged(/^ready/m)
  })

  it('its zone is served as it gives it', async () => {
    await follows(name, 1)

    expect(ours(name)).toEqual(theirs(name))
  })

  const LARGE = Array.from({ length: 5_000 }, (_, i) => `big${i} TXT "${'x'.repeat(i % 200)}"`)

  it('a large change arrives by NOTIFY, whichever way it comes', async () => {
    change(name, zoneText(2, ...LARGE))
    await follows(name, 2)

    expect(ours(name)).toEqual(theirs(name))
    expect(ours(name).length).toBeGreaterThan(5_000)
  })

  it('a small one as a change', async () => {
    const text = zoneText(3, ...LARGE, 'www A 192.0.2.80', 'www AAAA 2001:db8::80')
    change(name, text.replace('mail A 192.0.2.25\n', ''))
    await follows(name, 3)

    expect(received(name, 3)).toEqual(['changes of a zone received'])
    expect(ours(name)).toEqual(theirs(name))
    expect(ours(name).some((line) => line.includes('192.0.2.80'))).toBe(true)
  })
})

it('without its primaries a server that starts anew answers at once with what it had', async () => {
  const before = NAMES.map(ours)
  await server.end()
  for (const program of primaries.values()) await program.end()

  server = startWaypost('second')
  await server.logged(/^ready/m)

  expect(NAMES.map(ours)).toEqual(before)
  expect(readFileSync(join(folder, 'state/secondary/nsd.test.zone'), 'latin1')).toContain(
    'big4999.nsd.test. 300 IN TXT',
  )
})
