import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sceneAddresses } from '../support/addresses.ts'
import { tool } from '../support/dns/signed-zones.ts'
import { startProgram, type Program } from '../support/process.ts'

const { waypost: SERVER } = sceneAddresses()
/** What the namespace gives to a client that chooses none. */
const DIG = '127.0.0.1'
const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname
const ZONE = `$TTL 60
@ SOA ns1 host 1 3600 600 86400 15
@ NS ns1
ns1 A ${SERVER}
www A 192.0.2.1
`

const folder = mkdtempSync(join(tmpdir(), 'waypost-dnstap-'))
const tap = join(folder, 'tap.fstrm')
let waypost: Program
beforeAll(async () => {
  writeFileSync(join(folder, 'zone'), ZONE)
  waypost = startProgram({
    ...{ name: 'waypost', folder, command: process.execPath },
    args: [
      ...[MAIN, 'dns', '--zone', `tap.test=${join(folder, 'zone')}`, '--listen', `${SERVER}:53`],
      ...['--workers', '2', '--dnstap', tap, '--server-id', 'ns1.tap.test'],
    ],
  })
  await waypost.logged(/^ready/m)
})
afterAll(() => waypost.end())

const dig = (...args: readonly string[]): string => tool('dig', [`@${SERVER}`, '+tries=1', ...args], folder)
/** Lines of BIND's reader, sorted, without times and the client's port: workers write in turns of their own. */
const read = (file: string): readonly string[] =>
  tool('dnstap-read', [file], folder)
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\S+ \S+ /, '').replace(/^(A.) (\S+):\d+/, '$1 $2'))
    .toSorted((a, b) => (a < b ? -1 : 1))

describe('a file of dnstap', () => {
  it('is read by BIND and Knot as what dig asked and got', async () => {
    dig('www.tap.test', 'A', '+noedns')
    dig('nothing.tap.test', 'AAAA', '+tcp', '+noedns')
    renameSync(tap, `${tap}.1`)
    process.kill(waypost.pid, 'SIGHUP')
    await waypost.logged(/files opened anew/)

    expect(read(`${tap}.1`)).toEqual([
      `AQ ${DIG} -> ${SERVER}:53 TCP 34b nothing.tap.test/IN/AAAA`,
      `AQ ${DIG} -> ${SERVER}:53 UDP 30b www.tap.test/IN/A`,
      expect.stringMatching(/^AR \S+ <- \S+:53 TCP \d+b nothing\.tap\.test\/IN\/AAAA$/),
      `AR ${DIG} <- ${SERVER}:53 UDP 46b www.tap.test/IN/A`,
    ])
    expect(tool('dnstap-read', ['-y', `${tap}.1`], folder)).toMatch(
      /identity: ns1\.tap\.test\nversion: Waypost /,
    )
    const knot = tool('kdig', ['-G', `${tap}.1`], folder)
    expect(knot).toMatch(/www\.tap\.test\.\s+60\s+IN\s+A\s+192\.0\.2\.1/)
    expect(knot).toMatch(/status: NXDOMAIN/)
  })

  it('has what came since in the new one, and its end once the server has ended', async () => {
    dig('ns1.tap.test', 'A', '+noedns')

    expect(await waypost.end()).toBe(0)

    expect(read(tap).map((line) => line.slice(0, 2))).toEqual(['AQ', 'AR'])
  })
})
