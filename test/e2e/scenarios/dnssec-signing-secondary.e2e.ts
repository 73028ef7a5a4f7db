import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findComponent } from '../setup/components.ts'
import { sceneAddresses } from '../support/addresses.ts'
import { KeyRing, startSigned, tool, useFolder } from '../support/dns/signed-zones.ts'
import { startProgram, until, type Program } from '../support/process.ts'

const { waypost: SERVER, provider: KNOT, coredns: OTHER } = sceneAddresses()
const folder = useFolder()
const keys = new KeyRing(folder)
const ours = keys.make('-a', '13', '-f', 'KSK', 'signed.test')
const zone = (serial: number, address: string): string =>
  [
    '$TTL 30',
    `@ SOA ns1 hostmaster ${serial} 60 15 86400 5`,
    '@ NS ns1',
    `ns1 A ${SERVER}`,
    `www A ${address}`,
    '*.wild A 192.0.2.7',
    '',
  ].join('\n')

let programs: Program[] = []
beforeAll(async () => {
  programs = [
    await startSigned({
      ...{ folder, address: SERVER, keys, zones: new Map([['signed.test', zone(1, '192.0.2.1')]]) },
      args: [
        '--allow-transfer',
        `${KNOT}/32+signs`,
        '--allow-transfer',
        `${OTHER}/32`,
        '--notify',
        `${KNOT}:53`,
      ],
    }),
  ]
  programs.push(startKnot())
  await until(() => (dig(KNOT, 'www.signed.test', 'A').includes('RRSIG') ? true : undefined))
})
afterAll(async () => {
  for (const program of programs.reverse()) await program.end()
})

/** Knot as a secondary that signs what it gets, with keys that it makes by itself. */
function startKnot(): Program {
  const home = join(folder, 'knot')
  mkdirSync(join(home, 'db'), { recursive: true })
  const lines = [
    ...['server:', `  rundir: "${home}"`, `  listen: ${KNOT}@53`, '  udp-workers: 1', '  tcp-workers: 1'],
    ...['  background-workers: 1', 'database:', `  storage: "${home}/db"`],
    ...['log:', '  - target: stdout', '    any: info'],
    ...['remote:', '  - id: primary', `    address: ${SERVER}@53`, `    via: ${KNOT}`],
    ...['acl:', '  - id: primary', '    address: 127.0.0.0/8', '    action: notify'],
    ...['policy:', '  - id: online', '    algorithm: ecdsap256sha256', '    nsec3: off'],
    ...[
      'zone:',
      '  - domain: signed.test',
      `    storage: "${home}"`,
      '    master: primary',
      '    acl: primary',
    ],
    ...['    dnssec-signing: on', '    dnssec-policy: online', ''],
  ]
  writeFileSync(join(home, 'knot.conf'), lines.join('\n'))
  return startProgram({
    ...{ name: 'knot-signing', command: findComponent('knotd'), folder },
    args: ['-c', join(home, 'knot.conf')],
  })
}

function dig(server: string, ...args: readonly string[]): string {
  return tool(
    'dig',
    [`@${server}`, '+norec', '+dnssec', '+noall', '+answer', '+tries=1', '+time=2', ...args],
    folder,
  )
}

describe('a zone that we sign, and a secondary that signs it by itself', () => {
  it('gets the records without our keys and signatures, and makes its own', () => {
    const keysOfKnot = dig(KNOT, 'signed.test', 'DNSKEY')
    const [, tag] = /^signed\.test\.\s.*RRSIG\s+DNSKEY 13 2 \d+ \d+ \d+ (\d+) /m.exec(keysOfKnot) ?? []

    expect(dig(SERVER, 'www.signed.test', 'A')).toContain(` ${KeyRing.tag(ours)} signed.test. `)
    expect(dig(KNOT, 'www.signed.test', 'A')).toMatch(/\sA\s192\.0\.2\.1\n/)
    expect(Number(tag)).not.toBe(KeyRing.tag(ours))
    expect(keysOfKnot).not.toContain(keys.dnskey(ours).split(' ').at(-1))
  })

  it('is valid there, denials and wildcards too', () => {
    const [key] = dig(KNOT, 'signed.test', 'DNSKEY')
      .split('\n')
      .filter((line) => /\sDNSKEY\s257 /.test(line))
    const [flags, protocol, algorithm, ...octets] = (key ?? '').split(/\s+/).slice(4)
    writeFileSync(
      join(folder, 'knot-anchors'),
      `trust-anchors { "signed.test" static-key ${flags} ${protocol} ${algorithm} "${octets.join('')}"; };\n`,
    )
    const delv = (...question: readonly string[]): string =>
      tool('delv', [`@${KNOT}`, '-a', 'knot-anchors', '+root=signed.test', ...question], folder)

    expect(delv('www.signed.test', 'A')).toContain('; fully validated')
    expect(delv('x.wild.signed.test', 'A')).toContain('; fully validated')
    expect(delv('nope.signed.test', 'A')).toContain('; negative response, fully validated')
  })

  it('a server that does not sign is refused, with a word on why to both sides', () => {
    const refused = tool('dig', [`@${SERVER}`, '-b', OTHER, '+tcp', 'signed.test', 'AXFR'], folder)

    expect(refused).toContain('Transfer failed')
    expect(programs[0]?.log()).toContain(
      'transfer refused: the zone is signed as it is answered; name a peer that signs it by itself with +signs',
    )
  })

  it('follows a change of the zone, and signs that', async () => {
    writeFileSync(join(folder, 'zones', 'signed.test'), zone(2, '192.0.2.2'))

    const changed = await until(() => {
      const answer = dig(KNOT, 'www.signed.test', 'A')
      return answer.includes('192.0.2.2') ? answer : undefined
    })

    expect(changed).toContain('RRSIG')
  })
})
