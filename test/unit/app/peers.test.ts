import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readPeers, servePeers, NO_PEERS } from '../../../src/app/peers.ts'
import { UsageError } from '../../../src/config/usage-error.ts'
import { silentLogger } from '../../../src/telemetry/logger.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'waypost-peers-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const good = file('good.key', 'key "xfr" { algorithm hmac-sha256; secret "c2VjcmV0"; };\n')
const again = file('again.key', 'key "XFR." { algorithm hmac-sha1; secret "c2VjcmV0"; };\n')
const broken = file('broken.key', 'key "a" {\n  algorithm rot13;\n};\n')

const deps = { clock: new ManualClock(), logger: silentLogger }

describe('readPeers', () => {
  it('finds the keys that options name', () => {
    const peers = readPeers(
      {
        tsigKeys: [good],
        allowTransfer: [
          { prefix: '10.0.0.0/8', key: 'Xfr', signs: false },
          { prefix: '::1', signs: true },
        ],
        notify: [
          { host: '192.0.2.1', port: 53, key: 'xfr.' },
          { host: '192.0.2.2', port: 53 },
        ],
      },
      deps,
    )

    const key = { name: 'xfr.', algorithm: 'hmac-sha256', secret: Uint8Array.from(Buffer.from('secret')) }
    expect([...peers.keys.byName.values()]).toEqual([key])
    expect(peers.transfer).toEqual([
      { prefix: '10.0.0.0/8', key: 'xfr.', signs: false },
      { prefix: '::1', signs: true },
    ])
    expect(peers.notify).toEqual([
      { host: '192.0.2.1', port: 53, key: expect.any(Function) },
      { host: '192.0.2.2', port: 53 },
    ])
    expect(peers.notify[0]?.key?.()).toEqual(key)
    expect(peers.update).toEqual([])
  })

  it('finds the keys of those who may change zones', () => {
    const peers = readPeers(
      {
        ...{ tsigKeys: [good], allowTransfer: [], notify: [] },
        allowUpdate: [{ prefix: '10.0.0.0/8', key: 'Xfr' }, { prefix: '::1' }],
      },
      deps,
    )

    expect(peers.update).toEqual([{ prefix: '10.0.0.0/8', key: 'xfr.' }, { prefix: '::1' }])
  })

  it.each([
    {
      name: 'a file that cannot be understood',
      config: { tsigKeys: [broken], allowTransfer: [], notify: [] },
      want: `--tsig-keys: ${broken}, line 2: algorithm "rot13" is none of hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha224, hmac-sha1, hmac-md5`,
    },
    {
      name: 'a key in two files',
      config: { tsigKeys: [good, again], allowTransfer: [], notify: [] },
      want: `--tsig-keys: ${again}: key xfr. is in another file too: keep one of them`,
    },
    {
      name: 'a transfer with a key that is in no file',
      config: { tsigKeys: [good], allowTransfer: [{ key: 'other', signs: false }], notify: [] },
      want: '--allow-transfer: names the key "other", which no file of --tsig-keys has',
    },
    {
      name: 'a notification with a key that cannot be one',
      config: { tsigKeys: [good], allowTransfer: [], notify: [{ host: '192.0.2.1', port: 53, key: 'a..b' }] },
      want: '--notify: names the key "a..b", which no file of --tsig-keys has',
    },
  ])('refuses $name', ({ config, want }) => {
    const read = (): unknown => readPeers(config, deps)

    expect(read).toThrow(UsageError)
    expect(lineOf(read)).toBe(want)
  })
})

describe('servePeers', () => {
  it('opens no way to the main thread where nobody may have zones', () => {
    expect(servePeers(NO_PEERS, deps).requests).toEqual({ keys: [] })
    expect(servePeers({ ...NO_PEERS, notify: [{ host: '127.0.0.1', port: 9 }] }, deps).requests).toEqual({
      keys: [],
    })
  })

  it('gives the rules to workers', () => {
    const { requests } = servePeers({ ...NO_PEERS, transfer: [{ prefix: '10.0.0.0/8' }] }, deps)

    expect(requests.handler?.rules).toEqual({ transfer: [{ prefix: '10.0.0.0/8' }] })
  })
})

function lineOf(act: () => unknown): string {
  try {
    act()
    return ''
  } catch (error) {
    return error instanceof UsageError ? error.line : String(error)
  }
}
