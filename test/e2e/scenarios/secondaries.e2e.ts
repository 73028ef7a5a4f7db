import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sceneAddresses } from '../support/addresses.ts'
import type { EngineName, Place } from '../support/dns/engines.ts'
import { serialAt, startSecondary, zoneAt, type SecondaryOptions } from '../support/dns/secondaries.ts'
import { KeyRing, tool } from '../support/dns/signed-zones.ts'
import { startProgram, until, type Program } from '../support/process.ts'

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname
const { waypost, parents, provider } = sceneAddresses()
const PRIMARY: Place = { host: waypost, port: 53 }
const AT: Readonly<Record<EngineName, Place>> = {
  nsd: { host: parents, port: 53 },
  knotd: { host: provider, port: 53 },
  named: { host: '127.0.0.1', port: 5400 + Number(process.env['VITEST_POOL_ID'] ?? 1) },
}
const NAMES = Object.keys(AT) as readonly EngineName[] // its own keys

const folder = mkdtempSync(join(tmpdir(), 'waypost-secondaries-'))
const keyFile = join(folder, 'xfr.key')
const keyText = tool('tsig-keygen', ['-a', 'hmac-sha256', 'xfr'], folder)
writeFileSync(keyFile, keyText)
const signerFile = join(folder, 'signer.key')
writeFileSync(signerFile, keyText.replace('xfr', 'signer'))
const secret = /secret "([^"]+)"/.exec(keyText)![1]!

const programs: Program[] = []
afterAll(async () => {
  for (const program of programs.reverse()) await program.end()
})

/** Lines of a master file: what a zone can hold, and a serial. */
function zoneText(serial: number, ...more: readonly string[]): string {
  return [
    '$TTL 300',
    `@ SOA ns1 hostmaster ${serial} 3600 600 86400 15`,
    '@ NS ns1',
    '@ MX 10 mail',
    '@ CAA 0 issue "ca.example.net"',
    `ns1 A ${PRIMARY.host}`,
    'mail A 192.0.2.25',
    'mail AAAA 2001:db8::25',
    '*.wild TXT "any name" "in two parts"',
    'alias CNAME www.elsewhere.example.',
    'old DNAME new',
    'sub NS ns.sub',
    'sub DS 1 13 2 0123456789012345678901234567890123456789012345678901234567890123',
    'ns.sub A 192.0.2.53',
    'occluded.sub TXT "nobody is told"',
    '_dns._tcp SRV 0 1 53 ns1',
    'Case\\.and\\032odd TXT "octets"',
    'svc HTTPS 1 . alpn=h2',
    'type65400 TYPE65400 \\# 3 010203',
    ...more,
    '',
  ].join('\n')
}

function subfolder(name: string): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  return path
}

/** Replace the file as one that is whole. */
function writeZone(zone: string, text: string): void {
  writeFileSync(join(folder, `${zone}.new`), text)
  renameSync(join(folder, `${zone}.new`), join(folder, zone))
}

function startWaypost(zones: readonly string[], ...args: readonly string[]): Program {
  const program = startProgram({
    ...{ name: 'waypost', command: process.execPath, folder },
    args: [
      ...[MAIN, 'dns', '--listen', `${PRIMARY.host}:53`, '--tsig-keys', keyFile, '--log-level', 'debug'],
      ...zones.flatMap((zone) => ['--zone', `${zone}=${join(folder, zone)}`]),
      ...args,
    ],
  })
  programs.push(program)
  return program
}

const allowed = ['--allow-transfer', '127.0.0.0/8+key:xfr']
const told = NAMES.flatMap((name) => ['--notify', `${AT[name].host}:${AT[name].port}+key:xfr`])

function follow(name: EngineName, options: Omit<SecondaryOptions, 'at' | 'secret'>): Program {
  const program = startSecondary(name, { at: AT[name], secret, ...options })
  programs.push(program)
  return program
}

/** Wait until a secondary has a serial. */
async function follows(name: EngineName, zone: string, serial: number): Promise<void> {
  await until(() => (serialAt(AT[name], zone) === serial ? true : undefined))
}

/** What was sent of a zone with a serial, to each peer: `whole` or `changes`. */
function sent(waypost: Program, zone: string, serial: number): readonly string[] {
  return waypost
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(
      (line) =>
        line['msg'] === 'zone transferred' && line['zone'] === `${zone}.` && line['serial'] === serial,
    )
    .map(({ transfer }) => String(transfer))
}

describe('NSD, Knot and BIND, as docs/secondaries.md configures them', () => {
  const ZONES = ['example.com', 'example.net']
  let waypost: Program

  beforeAll(async () => {
    for (const zone of ZONES) writeZone(zone, zoneText(1))
    for (const name of NAMES) follow(name, { folder, zones: ZONES, primary: PRIMARY })
    waypost = startWaypost(ZONES, ...allowed, ...told)
    await waypost.logged(/^ready/m)
  })

  it.each(NAMES)('%s takes the zones', async (name) => {
    for (const zone of ZONES) {
      await follows(name, zone, 1)

      expect(zoneAt(AT[name], zone, keyFile)).toEqual(zoneAt(PRIMARY, zone, keyFile))
    }
  })

  it('all are told of a change, and take it as a change', async () => {
    writeZone(
      'example.com',
      zoneText(2, 'www A 192.0.2.80', 'www AAAA 2001:db8::80').replace('mail A 192.0.2.25\n', ''),
    )

    await Promise.all(NAMES.map((name) => follows(name, 'example.com', 2)))

    const ours = zoneAt(PRIMARY, 'example.com', keyFile)
    expect(ours.some((line) => line.includes('192.0.2.80'))).toBe(true)
    for (const name of NAMES) expect(zoneAt(AT[name], 'example.com', keyFile)).toEqual(ours)
    expect(sent(waypost, 'example.com', 2).filter((kind) => kind === 'changes')).toHaveLength(3)
    expect(waypost.log()).not.toContain('does not answer notifications')
  })

  it('many changes in a row arrive, the last one too', async () => {
    for (let serial = 3; serial <= 6; serial += 1) {
      writeZone('example.com', zoneText(serial, `n${serial} A 192.0.2.${serial}`, 'www A 192.0.2.81'))
      await until(() => (serialAt(PRIMARY, 'example.com') === serial ? true : undefined))
    }

    await Promise.all(NAMES.map((name) => follows(name, 'example.com', 6)))

    const ours = zoneAt(PRIMARY, 'example.com', keyFile)
    for (const name of NAMES) expect(zoneAt(AT[name], 'example.com', keyFile)).toEqual(ours)
  })

  it('a large change and a large zone', async () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `big${i} TXT "${'x'.repeat(i % 200)}"`)
    writeZone('example.com', zoneText(20, ...names))

    await Promise.all(NAMES.map((name) => follows(name, 'example.com', 20)))

    const ours = zoneAt(PRIMARY, 'example.com', keyFile)
    expect(ours.length).toBeGreaterThan(5_000)
    for (const name of NAMES) expect(zoneAt(AT[name], 'example.com', keyFile)).toEqual(ours)
  })

  it('follow over a restart, from whatever they have', async () => {
    await waypost.end()
    writeZone('example.net', zoneText(2, 'restarted TXT "yes"'))
    waypost = startWaypost(ZONES, ...allowed, ...told)

    await Promise.all(NAMES.map((name) => follows(name, 'example.net', 2)))

    for (const name of NAMES)
      expect(zoneAt(AT[name], 'example.net', keyFile)).toEqual(zoneAt(PRIMARY, 'example.net', keyFile))
  })

  it('nobody has it without the key', () => {
    const said = tool('dig', [`@${PRIMARY.host}`, 'example.com', 'AXFR'], folder)

    expect(said).toContain('Transfer failed')
    expect(said).not.toContain('SOA')
  })
})

describe('a zone that we sign', () => {
  const ZONE = 'signed.test'
  let waypost: Program

  beforeAll(async () => {
    for (const program of programs.splice(0).reverse()) await program.end()
    writeZone(ZONE, zoneText(1).replace(/^sub DS.*\n/m, ''))
    const keys = new KeyRing(folder)
    keys.make('-a', '13', '-f', 'KSK', ZONE)
    waypost = startWaypost(
      [ZONE],
      '--dnssec-keys',
      keys.folder,
      '--tsig-keys',
      signerFile,
      '--allow-transfer',
      'key:signer+signs',
      '--allow-transfer',
      '127.0.0.0/8',
      ...['--notify', `${AT.knotd.host}:53+key:signer`, '--notify', `${AT.nsd.host}:53+key:xfr`],
    )
    await waypost.logged(/^ready/m)
    const signed = { folder: subfolder('signed'), zones: [ZONE], primary: PRIMARY }
    follow('knotd', { ...signed, keyName: 'signer', extra: ['    dnssec-signing: on'] })
    follow('nsd', signed)
  })

  it('goes to a secondary that signs, which signs it', async () => {
    const lines = await until(() => {
      const zone = zoneAt(AT.knotd, ZONE, signerFile)
      return zone.some((line) => line.includes(' RRSIG MX ')) ? zone : undefined
    })

    expect(lines.filter((line) => line.includes(' A 192.0.2.25'))).toHaveLength(1)
    expect(lines.filter((line) => / DNSKEY 257 /.test(line))).toHaveLength(1) // Knot's own
  })

  it('goes to no other, with a reason', async () => {
    await waypost.logged(/the zone is signed as it is answered/)

    expect(tool('dig', [`@${AT.nsd.host}`, ZONE, 'SOA'], folder)).toContain('SERVFAIL')
    expect(tool('dig', [`@${PRIMARY.host}`, ZONE, 'AXFR'], folder)).toContain('Transfer failed')
  })
})

describe('zones of a federation', () => {
  const DNS = { host: '127.0.0.1', port: 5300 }
  const ZONES = ['example.com', 'myfederation']
  const NAME = 'nginx.mynamespace.myfederation.svc.europe-west1-b.europe-west1.example.com'

  beforeAll(async () => {
    for (const program of programs.splice(0).reverse()) await program.end()
    const sandbox = startProgram({
      ...{ name: 'sandbox', command: process.execPath, folder },
      args: [
        ...[
          MAIN,
          'sandbox',
          '--state-dir',
          join(folder, 'state'),
          '--dns-port',
          String(DNS.port),
          '--http-port',
          '0',
        ],
        ...['--tsig-keys', keyFile, '--log-level', 'info', ...allowed, ...told.slice(0, 4)],
      ],
    })
    programs.push(sandbox)
    await sandbox.logged(/^ready/m)
    for (const name of ['nsd', 'knotd'] as const)
      follow(name, { folder: subfolder('federation'), zones: ZONES, primary: DNS })
  })

  /** Wait until a secondary has what we have. */
  async function equal(name: EngineName, zone: string): Promise<readonly string[]> {
    return until(() => {
      const ours = zoneAt(DNS, zone, keyFile)
      return zoneAt(AT[name], zone, keyFile).join('\n') === ours.join('\n') ? ours : undefined
    })
  }

  it.each(['nsd', 'knotd'] as const)('%s has those of Domains and of short names', async (name) => {
    expect(
      (await equal(name, 'example.com')).some((line) => line.startsWith(`${NAME}. `) && line.includes(' A ')),
    ).toBe(true)
    expect(
      (await equal(name, 'myfederation')).some((line) => line.startsWith('nginx.mynamespace.myfederation. ')),
    ).toBe(true)
  })

  it('secondaries follow the health of clusters', async () => {
    const kubectl = [
      '--kubeconfig',
      join(folder, 'state', 'kubeconfig'),
      '--context',
      'europe-west1-b',
      '-n',
      'mynamespace',
    ]
    tool('kubectl', [...kubectl, 'scale', 'deployment', 'nginx', '--replicas=0'], folder)

    for (const name of ['nsd', 'knotd'] as const) {
      const alias = await until(() => {
        const said = tool('dig', [`@${AT[name].host}`, NAME, 'CNAME', '+short'], folder).trim()
        return said === '' ? undefined : said
      })
      expect(alias).toBe('nginx.mynamespace.myfederation.svc.europe-west1.example.com.')
      await equal(name, 'example.com')
    }
  })
})
