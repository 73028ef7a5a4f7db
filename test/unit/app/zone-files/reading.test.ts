import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readZone, type ZoneReadOutcome } from '../../../../src/app/zone-files/read-zone.ts'
import { serveZoneFiles, type ZoneFiles } from '../../../../src/app/zone-files/zone-files.ts'
import type { ZoneReader } from '../../../../src/app/zone-files/zone-reader.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { AppError } from '../../../../src/errors.ts'
import { silentLogger, type Logger } from '../../../../src/telemetry/logger.ts'
import {
  createEmbeddedWriter,
  type EmbeddedWriter,
} from '../../../../src/writers/embedded/embedded-writer.ts'
import { TestStore } from '../../../support/dns-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const ORIGIN = parseDomainName('example.com')
const zone = (serial: number, address: string): string =>
  `$TTL 60\n@ SOA ns1 h ${serial} 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.53\nwww A ${address}\n`

/** Reads when it is told to, in whatever way. */
class HeldReader implements ZoneReader {
  reads = 0
  isClosed = false
  /** Instead of reading. */
  instead: ZoneReadOutcome | undefined
  #held: (() => void)[] = []
  #isHolding = false

  hold(): void {
    this.#isHolding = true
  }

  release(): void {
    this.#isHolding = false
    for (const go of this.#held.splice(0)) go()
  }

  async read(...[zoneToRead]: Parameters<ZoneReader['read']>): ReturnType<ZoneReader['read']> {
    this.reads += 1
    if (this.#isHolding) await new Promise<void>((resolve) => void this.#held.push(resolve))
    if (this.isClosed) return { kind: 'closed' }
    return this.instead ?? readZone(zoneToRead)
  }

  close(): void {
    this.isClosed = true
    this.release()
  }
}

let path = ''
let served: ZoneFiles | undefined
let clock: ManualClock
let store: TestStore
let embedded: EmbeddedWriter
let reader: HeldReader
let log: string[]

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'waypost-reading-')), 'zone')
  clock = new ManualClock()
  store = new TestStore()
  reader = new HeldReader()
  log = []
})
afterEach(() => {
  served?.close()
  embedded.close()
  rmSync(join(path, '..'), { recursive: true })
})

async function serve(signal?: AbortSignal): Promise<void> {
  const ledger = createLedger()
  const logger: Logger = { ...silentLogger, error: (fields) => void log.push(String(fields['err'])) }
  embedded = createEmbeddedWriter({ ledger, zones: store.writer, clock, logger })
  const files = [{ origin: ORIGIN, path, shared: false }]
  served = await serveZoneFiles({
    ...{ files, ledger, embedded, clock, logger, reader },
    ...(signal === undefined ? {} : { signal }),
  })
  embedded.setState('serving')
}

async function looks(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    clock.advance(2_000)
    await served?.idle()
  }
}

/** The file has changed, and is being read. */
async function changeHeld(): Promise<void> {
  writeFileSync(path, zone(2, '192.0.2.2'))
  await looks(1)
  reader.hold()
  clock.advance(2_000)
}

const www = () => store.ask({ ask: 'www.example.com A' })?.answer?.[0]

describe('while a zone file is read', () => {
  beforeEach(async () => {
    writeFileSync(path, zone(1, '192.0.2.1'))
    await serve()
  })

  it('looks go by, and what is asked to be read again is read behind it', async () => {
    reader.hold()
    writeFileSync(path, zone(2, '192.0.2.2'))
    const first = served?.reload()
    clock.advance(20_000)
    const second = served?.reload()
    const readsMeanwhile = reader.reads
    writeFileSync(path, zone(3, '192.0.2.33'))
    reader.release()
    await first
    await second

    expect(readsMeanwhile).toBe(2)
    expect(www()).toContain('192.0.2.33')
    expect(log).toEqual([])
  })

  it('the old content goes on', async () => {
    await changeHeld()

    expect(www()).toContain('192.0.2.1')

    reader.release()
    await served?.idle()

    expect(www()).toContain('192.0.2.2')
  })

  it('the end of the server ends it, and nothing comes of it', async () => {
    await changeHeld()
    served?.close()
    await served?.idle()

    expect(reader.reads).toBe(2)
    expect(www()).toContain('192.0.2.1')
    expect(clock.pending).toBe(0)
    expect(log).toEqual([])
  })
})

describe('a zone file', () => {
  it('that is written while it is read is read again when it has settled, and nothing is told', async () => {
    writeFileSync(path, zone(1, '192.0.2.1'))
    await serve()
    reader.instead = { kind: 'moving' }
    writeFileSync(path, zone(2, '192.0.2.2'))
    await looks(5)
    const before = www()
    reader.instead = undefined
    await looks(1)

    expect(before).toContain('192.0.2.1')
    expect(www()).toContain('192.0.2.2')
    expect(log).toEqual([])
  })

  it('that is written all the time at the start is an error', async () => {
    writeFileSync(path, zone(1, '192.0.2.1'))
    reader.instead = { kind: 'moving' }

    const error: unknown = await serve().catch((reason: unknown) => reason)

    expect(error instanceof AppError && error.code).toBe('ZONE_FILE_UNREADABLE')
    expect(reader.reads).toBe(3)
    expect(reader.isClosed).toBe(true)
  })

  it('that is gone when it is to be read is told of once, and followed when it is there again', async () => {
    writeFileSync(path, zone(1, '192.0.2.1'))
    await serve()
    reader.instead = { kind: 'unreadable', reason: 'ENOENT', isLasting: false }
    writeFileSync(path, zone(2, '192.0.2.2'))
    await looks(10)
    reader.instead = undefined
    await looks(1)

    expect(log).toEqual([`zone file cannot be read (file=${path}): ENOENT`])
    expect(www()).toContain('192.0.2.2')
  })

  it('that can never be read is not tried again until it is another one', async () => {
    writeFileSync(path, zone(1, '192.0.2.1'))
    await serve()
    reader.instead = { kind: 'unreadable', reason: 'too much', isLasting: true }
    writeFileSync(path, zone(2, '192.0.2.2'))
    await looks(10)
    const reads = reader.reads
    reader.instead = undefined
    writeFileSync(path, zone(3, '192.0.2.33'))
    await looks(2)

    expect(reads).toBe(2)
    expect(log).toHaveLength(1)
    expect(www()).toContain('192.0.2.33')
  })

  it('is not served any more when the end comes before it is read', async () => {
    writeFileSync(path, zone(1, '192.0.2.1'))
    reader.hold()
    const ending = new AbortController()
    const serving = serve(ending.signal)
    ending.abort()
    await serving

    expect({ www: www(), pending: clock.pending, log }).toEqual({ www: undefined, pending: 0, log: [] })
  })
})
