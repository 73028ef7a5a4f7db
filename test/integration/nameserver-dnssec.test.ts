import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dnskeyRdata } from '../../src/dns/dnssec/dnskey.ts'
import type { ZoneKey } from '../../src/dns/dnssec/key-file.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import type { Message } from '../../src/dns/wire/message.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import { createCounters, sumCounters } from '../../src/nameserver/counters.ts'
import { NO_RATE_LIMITS } from '../../src/nameserver/rate-limit/rate-limits.ts'
import { DEFAULT_TCP_LIMITS } from '../../src/nameserver/tcp.ts'
import type { DnsWorkerData } from '../../src/nameserver/types.ts'
import { WorkerPool } from '../../src/nameserver/worker-pool.ts'
import { createZoneMemory } from '../../src/nameserver/zone-store/zone-memory.ts'
import { SharedZoneWriter } from '../../src/nameserver/zone-store/zone-writer.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { askTcp, askUdp } from '../support/dns-exchange.ts'
import { changesOf } from '../support/dns-lines.ts'
import { queryBytes } from '../support/dns-query.ts'
import { CHILD, KSK, NEXT_ZSK, ZSK, zoneKeyOf } from '../support/dnssec-keys.ts'
import { readSignature, wrongSignatures } from '../support/dnssec-verify.ts'
import { ALWAYS, DO, signingZones } from '../support/dnssec-zone.ts'
import { runHere, startWaypost } from '../support/waypost-process.ts'

const SOON = { timeout: 20_000, interval: 20 }
const nowSeconds = (): number => Math.floor(Date.now() / 1_000)
const OLD = [KSK, ZSK].map((key) => zoneKeyOf(key, ALWAYS))
const NEW = [KSK, NEXT_ZSK].map((key) => zoneKeyOf(key, ALWAYS))
const LINES = [
  'signed.test. 60 SOA ns.signed.test. host.signed.test. 1 2 3 4 15',
  'www.signed.test. 30 A 192.0.2.1',
]

function messageOf(octets: Uint8Array): Message {
  const decoded = decodeMessage(octets)
  expect(decoded.kind).toBe('message')
  return decoded.message!
}

/** Tags of the keys that signed a response; each signature is checked. */
function signersOf(octets: Uint8Array, keys: readonly ZoneKey[]): readonly number[] {
  const { answers, authority } = messageOf(octets)
  const trusted = keys.map((key) => ({ zone: key.zone, rdata: dnskeyRdata(key) }))
  for (const section of [answers, authority])
    expect(wrongSignatures(section, trusted, nowSeconds())).toEqual([])
  const signatures = [...answers, ...authority].filter(({ type }) => type === 46)
  return [...new Set(signatures.map(({ rdata }) => readSignature(rdata).tag))]
}

describe('workers with keys', () => {
  let pool: WorkerPool
  let counters: SharedArrayBuffer
  const threads: Worker[] = []
  let port = 0

  beforeEach(async () => {
    const zone = createZoneMemory({ reservedBytes: 2 ** 20, seed: Uint32Array.of(1, 2) })
    const writer = new SharedZoneWriter(zone)
    writer.publish(changesOf(LINES))
    writer.setState(parseDomainName('signed.test'), 'serving')
    counters = createCounters(1)
    pool = new WorkerPool({
      ...{ zone, counters, workers: 1, io: 'dgram', logger: silentLogger },
      ...{ tcpLimits: DEFAULT_TCP_LIMITS, rateLimits: NO_RATE_LIMITS, identity: { cookieSecrets: [] } },
      newWorker(data: DnsWorkerData, name: string) {
        const thread = new Worker(new URL('../../src/nameserver/worker.ts', import.meta.url), {
          workerData: data,
          name,
        })
        threads.push(thread)
        return thread
      },
    })
    port = (await pool.start([{ host: '127.0.0.1', port: 0 }]))[0]!.port // one address was asked for
  })
  afterEach(() => pool.close())

  /** Who signs now; keys cross by message, and a thread that takes another's place needs a moment to bind. */
  const signers = (keys: readonly ZoneKey[]): Promise<readonly number[]> =>
    askUdp(port, queryBytes({ ask: 'www.signed.test A', edns: DO })).then(
      (octets) => signersOf(octets, keys),
      () => [],
    )

  it('sign from when they get them, with others when these come, and not at all when there are none', async () => {
    await expect.poll(() => signers(OLD), SOON).toEqual([])

    pool.setSigning(signingZones(OLD, nowSeconds()))
    await expect.poll(() => signers(OLD), SOON).toEqual([ZSK.tag])
    pool.setSigning(signingZones(NEW, nowSeconds()))
    await expect.poll(() => signers(NEW), SOON).toEqual([NEXT_ZSK.tag])
    pool.setSigning([])
    await expect.poll(() => signers(NEW), SOON).toEqual([])
  })

  it('that take the place of dead ones have the keys of now', async () => {
    pool.setSigning(signingZones(OLD, nowSeconds()))
    await expect.poll(() => signers(OLD), SOON).toEqual([ZSK.tag])

    await threads.at(-1)?.terminate()

    await expect.poll(() => signers(OLD), SOON).toEqual([ZSK.tag])
    expect(threads.length).toBeGreaterThan(1)
  })

  it('count what they sign, over both transports', async () => {
    pool.setSigning(signingZones(OLD, nowSeconds()))
    await expect.poll(() => signers(OLD), SOON).toEqual([ZSK.tag])
    const before = sumCounters(counters).signatures_made

    const denied = await askTcp(port, queryBytes({ ask: 'nope.signed.test A', edns: DO }))

    expect(signersOf(denied, OLD)).toEqual([ZSK.tag])
    expect(sumCounters(counters).signatures_made).toBe(before + 2)
  })
})

describe('waypost dns --dnssec-keys', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waypost-dnssec-'))
    writeFileSync(join(folder, 'zone'), '$TTL 60\n@ SOA ns host 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const argv = (keys: string): readonly string[] => [
    ...['dns', '--zone', `child.signed.test=${join(folder, 'zone')}`, '--listen', '127.0.0.1:0'],
    ...['--dnssec-keys', keys],
  ]

  it('is refused with a word on file and reason, where a key cannot be used: exit code 2', async () => {
    writeFileSync(join(folder, 'a.key'), CHILD.publicText)

    const { code, stderr } = await runHere(argv(folder))

    expect(code).toBe(2)
    expect(stderr).toEqual([
      `waypost dns: --dnssec-keys: DNSSEC keys cannot be read (file=${join(folder, 'a.private')}): ENOENT: no such file or directory, stat '${join(folder, 'a.private')}'`,
    ])
  })

  it('is refused where there is no folder', async () => {
    const { code, stderr } = await runHere(argv(join(folder, 'none')))

    expect([code, stderr.length]).toEqual([2, 1])
    expect(stderr[0]).toContain('ENOENT')
  })

  it('serves the zone signed, and its key at the origin', async () => {
    writeFileSync(join(folder, 'a.key'), CHILD.publicText)
    writeFileSync(
      join(folder, 'a.private'),
      CHILD.privateText.replaceAll(/: 2026\d{10}/g, ': 20200101000000'),
    )
    const server = startWaypost(argv(folder))
    const port = Number(/:(\d+),/.exec(await server.line('ready'))?.[1])

    const keys = await askUdp(port, queryBytes({ ask: 'child.signed.test DNSKEY', edns: DO }))
    const denied = await askUdp(port, queryBytes({ ask: 'nope.child.signed.test A', edns: DO }))

    expect(messageOf(keys).answers.map(({ type }) => type)).toEqual([48, 46])
    expect(signersOf(keys, [zoneKeyOf(CHILD)])).toEqual([CHILD.tag])
    expect(signersOf(denied, [zoneKeyOf(CHILD)])).toEqual([CHILD.tag])
    expect(await server.end('SIGTERM')).toMatchObject({ code: 0 })
  })
})
