import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readZone } from '../../src/app/zone-files/read-zone.ts'
import { NAMES_AT_ONCE } from '../../src/app/zone-files/served-names.ts'
import { serveZoneFiles } from '../../src/app/zone-files/zone-files.ts'
import { createZoneReader, SMALL_FILE_BYTES, type ZoneReader } from '../../src/app/zone-files/zone-reader.ts'
import { createLedger } from '../../src/core/discovery/ledger.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { createEmbeddedWriter } from '../../src/writers/embedded/embedded-writer.ts'
import { TestStore } from '../support/dns-store.ts'
import { ManualClock } from '../support/manual-clock.ts'

const ORIGIN = parseDomainName('example.com')
const HEAD = '$TTL 60\n@ SOA ns1 h 1 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.53\n'
const namesOf = (count: number): string =>
  Array.from({ length: count }, (_, i) => `name-${i} A 192.0.${(i >> 8) & 255}.${i & 255}\n`).join('')

let folder = ''
let path = ''
let reader: ZoneReader

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-large-'))
  path = join(folder, 'zone')
  reader = createZoneReader()
})
afterEach(() => {
  reader.close()
  rmSync(folder, { recursive: true })
})

const apart = () => reader.read({ path, origin: ORIGIN }, SMALL_FILE_BYTES)
const here = () => readZone({ path, origin: ORIGIN })

describe('a large master file, read in a thread', () => {
  it.each([
    { name: 'is what it is when it is read at once', text: HEAD + namesOf(20_000) },
    { name: 'has the same warnings', text: `${HEAD}${namesOf(3)}a 1 A 192.0.2.1\na 2 A 192.0.2.2\n` },
    { name: 'has the same problems, by line', text: `${HEAD}${namesOf(20_000)}a A 192.0.2.300\nb CNAME\n` },
    { name: 'is no zone where it ends in the middle of one', text: HEAD.slice(0, 30) },
    { name: 'is no zone where it is empty', text: '' },
  ])('$name', async ({ text }) => {
    writeFileSync(path, text)

    const read = await apart()

    expect(read).toEqual(here())
    expect(read.kind).toBe('read')
  })

  it('that is gone is told of as when it is read at once', async () => {
    const read = await apart()

    expect(read).toEqual(here())
    expect(read.kind).toBe('unreadable')
  })

  it('that lost its end since it was looked at is what is left of it', async () => {
    writeFileSync(path, HEAD + namesOf(20_000))
    truncateSync(path, HEAD.length)

    const read = await apart()

    expect(read.kind === 'read' && read.file.kind).toBe('zone')
    expect(read).toEqual(here())
  })

  it('that takes more memory than there is costs its thread, and nothing else', async () => {
    reader = createZoneReader({ heapBytes: 32 * 2 ** 20 })
    writeFileSync(path, HEAD + namesOf(500_000))

    const outcome = await apart()
    writeFileSync(path, HEAD)
    const after = await apart()

    expect(outcome).toEqual({
      kind: 'unreadable',
      reason: 'reading it takes more memory than there is to spare',
      isLasting: true,
    })
    expect(after.kind).toBe('read')
  })

  it('is let go when the server ends, and so are those behind it', async () => {
    writeFileSync(path, HEAD + namesOf(100_000))
    const reading = [apart(), apart()]
    reader.close()

    expect(await Promise.all(reading)).toEqual([{ kind: 'closed' }, { kind: 'closed' }])
  })
})

describe('a zone of 100,000 names', () => {
  it('is read and served while other work goes on: no turn takes more than its share', async () => {
    const count = 100_000
    writeFileSync(path, HEAD + namesOf(count))
    const clock = new ManualClock()
    const store = new TestStore()
    const ledger = createLedger()
    const embedded = createEmbeddedWriter({ ledger, zones: store.writer, clock, logger: silentLogger })
    const sizes: number[] = []
    let isServing = true
    const turn = (): void => {
      sizes.push(ledger.size)
      if (isServing) setImmediate(turn)
    }
    setImmediate(turn)

    const files = [{ origin: ORIGIN, path, shared: false }]
    const served = await serveZoneFiles({
      ...{ files, ledger, embedded, clock, logger: silentLogger, reader },
    })
    isServing = false
    embedded.setState('serving')

    const largestStep = sizes.reduce((most, size, i) => Math.max(most, size - (sizes[i - 1] ?? 0)), 0)
    const turnsBefore = sizes.filter((size) => size === 0).length
    expect(ledger.size).toBe(count + 1)
    expect(largestStep).toBeLessThanOrEqual(NAMES_AT_ONCE)
    expect(turnsBefore).toBeGreaterThan(10) // while the thread read it
    expect(store.ask({ ask: 'name-99999.example.com A' })?.answer).toHaveLength(1)
    served.close()
    embedded.close()
  })
})
