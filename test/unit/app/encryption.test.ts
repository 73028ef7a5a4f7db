import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NO_ENCRYPTION, readEncryption, type Encryption } from '../../../src/app/encryption.ts'
import { UsageError } from '../../../src/config/usage-error.ts'
import { silentLogger, type LogFields, type Logger } from '../../../src/telemetry/logger.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { makeAuthority, type IssuedCertificate, type TestAuthority } from '../../support/test-certificates.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** So that what changes is seen at two looks. */
const TWO_LOOKS_MS = 4_000

let authority: TestAuthority
let first: IssuedCertificate
let second: IssuedCertificate
let folder = ''
let clock: ManualClock
let log: string[]
let shown: string[]
let followed: Encryption | undefined

beforeAll(async () => {
  authority = await makeAuthority()
  first = await issue('first')
  second = await issue('second')
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-tls-'))
  clock = new ManualClock()
  log = []
  shown = []
})
afterEach(() => {
  followed?.close()
  followed = undefined
  rmSync(folder, { recursive: true })
})

/** A certificate that is valid from the beginning of the manual clock. */
function issue(commonName: string, forMs = 90 * DAY_MS): Promise<IssuedCertificate> {
  const startMs = new ManualClock().nowMs()
  return authority.issue({
    commonName,
    notBefore: new Date(startMs),
    notAfter: new Date(startMs + forMs),
  })
}

const at = (name: string): string => join(folder, name)
const noting = (level: string) => (fields: LogFields, message: string) => {
  const { err } = fields
  log.push(`${level} ${message}${typeof err === 'string' ? `: ${err.replaceAll(folder, 'FOLDER')}` : ''}`)
}
const logger: Logger = {
  ...silentLogger,
  info: noting('info'),
  warn: noting('warn'),
  error: noting('error'),
}

function write({ certPem, keyPem }: IssuedCertificate): void {
  writeFileSync(at('tls.crt'), certPem)
  writeFileSync(at('tls.key'), keyPem)
}

function read(): Encryption {
  const listen = { tlsListen: [{ host: '127.0.0.1', port: 853 }], httpsListen: [] }
  return readEncryption({ ...listen, tlsCert: at('tls.crt'), tlsKey: at('tls.key') }, { clock, logger })
}

/** Read, and follow from then on. */
function follow(): void {
  followed = read()
  followed.serve({
    setCertificate: ({ certPem }) =>
      shown.push(certPem === first.certPem ? 'first' : certPem === second.certPem ? 'second' : 'another'),
  })
}

describe('at the start', () => {
  it('reads the pair, for the listeners that are named', () => {
    write(first)

    expect(read().secure).toEqual({
      tls: [{ host: '127.0.0.1', port: 853 }],
      https: [],
      certificate: { certPem: first.certPem, keyPem: first.keyPem },
    })
  })

  it('is nothing without files', () => {
    const none = { tlsListen: [], httpsListen: [], tlsCert: undefined, tlsKey: undefined }

    expect(readEncryption(none, { clock, logger })).toBe(NO_ENCRYPTION)
  })

  it.each([
    {
      name: 'a key of another certificate',
      pair: () => ({ ...first, keyPem: second.keyPem }),
      want: '--tls-key: FOLDER/tls.key is not the key of the first certificate: give both of one pair',
    },
    {
      name: 'an empty certificate',
      pair: () => ({ ...first, certPem: '' }),
      want: '--tls-cert: FOLDER/tls.crt holds no certificate: give one in PEM, its chain behind it',
    },
    {
      name: 'a file without end',
      pair: () => ({ ...first, keyPem: 'x'.repeat(2 ** 20 + 1) }),
      want: '--tls-key: FOLDER/tls.key cannot be read',
    },
  ])('refuses $name in one line', ({ pair, want }) => {
    write(pair())
    let error: unknown
    try {
      read()
    } catch (caught) {
      error = caught
    }

    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).line.replaceAll(folder, 'FOLDER')).toBe(want)
  })
})

describe('later', () => {
  it('shows what was written anew, once nobody is writing', () => {
    write(first)
    follow()
    clock.advance(10_000)
    expect(shown).toEqual([])

    write(second)
    clock.advance(2_000)
    expect(shown).toEqual([])
    clock.advance(2_000)

    expect(shown).toEqual(['second'])
    expect(log).toEqual(['info certificate read again'])
    clock.advance(10_000)
    expect(shown).toHaveLength(1)
  })

  it('follows the link that Kubernetes swaps under both files', () => {
    for (const [name, pair] of [
      ['..1', first],
      ['..2', second],
    ] as const) {
      mkdirSync(at(name))
      writeFileSync(at(`${name}/tls.crt`), pair.certPem)
      writeFileSync(at(`${name}/tls.key`), pair.keyPem)
    }
    symlinkSync('..1', at('..data'))
    symlinkSync('..data/tls.crt', at('tls.crt'))
    symlinkSync('..data/tls.key', at('tls.key'))
    follow()

    symlinkSync('..2', at('..next'))
    renameSync(at('..next'), at('..data'))
    clock.advance(TWO_LOOKS_MS)

    expect(shown).toEqual(['second'])
  })

  it('keeps the pair before while another is half written, told once, and takes the whole', () => {
    write(first)
    follow()

    writeFileSync(at('tls.crt'), second.certPem)
    clock.advance(20_000)
    expect(shown).toEqual([])
    expect(log).toEqual([
      'error certificate refused, the one before goes on: certificate cannot be used (file=FOLDER/tls.key reason=is not the key of the first certificate: give both of one pair)',
    ])
    writeFileSync(at('tls.key'), second.keyPem)
    clock.advance(TWO_LOOKS_MS)

    expect(shown).toEqual(['second'])
  })

  it('keeps the pair before when a file is gone, told once', () => {
    write(first)
    follow()

    unlinkSync(at('tls.key'))
    clock.advance(20_000)

    expect(shown).toEqual([])
    expect(log).toHaveLength(1)
    expect(log[0]).toContain('certificate refused, the one before goes on')
    expect(followed?.untilMs).toBe(new ManualClock().nowMs() + 90 * DAY_MS)
  })

  it('looks no more once closed', () => {
    write(first)
    follow()
    followed?.close()

    write(second)
    clock.advance(20_000)

    expect(shown).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('a certificate that grows old', () => {
  it('is told of with a tenth of its life left, and at its end, once each', async () => {
    write(await issue('short', 1_000_000))
    follow()
    clock.advance(890_000)
    expect(log).toEqual([])

    clock.advance(20_000)
    expect(log).toEqual(['warn certificate expires soon: renew it'])
    clock.advance(200_000)

    expect(log).toEqual([
      'warn certificate expires soon: renew it',
      'error certificate has expired: clients that check it do not connect',
    ])
  })

  it('is told of at the start', async () => {
    write(await issue('over', -1_000))

    read()

    expect(log).toEqual(['error certificate has expired: clients that check it do not connect'])
  })
})
