import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serveZoneFiles, type ZoneFiles } from '../../../../src/app/zone-files/zone-files.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { AppError } from '../../../../src/errors.ts'
import type { LogFields, Logger } from '../../../../src/telemetry/logger.ts'
import {
  createEmbeddedWriter,
  type EmbeddedWriter,
} from '../../../../src/writers/embedded/embedded-writer.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { TestStore } from '../../../support/dns-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const ORIGIN = parseDomainName('example.com')
const zone = (serial: number, ...lines: readonly string[]): string =>
  [
    '$TTL 300',
    `@ SOA ns1 hostmaster ${serial} 3600 900 604800 15`,
    '@ NS ns1',
    'ns1 A 192.0.2.53',
    ...lines,
    '',
  ].join('\n')

let folder = ''
let path = ''
let served: ZoneFiles | undefined
let clock: ManualClock
let store: TestStore
let embedded: EmbeddedWriter
let log: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-zones-'))
  path = join(folder, 'example.com.zone')
  clock = new ManualClock()
  store = new TestStore()
  log = []
})
afterEach(() => {
  served?.close()
  embedded.close()
  rmSync(folder, { recursive: true })
})

const noting = (level: string) => (fields: LogFields, message: string) => {
  const told = fields['err'] ?? fields['problem']
  log.push(`${level} ${message}: ${typeof told === 'string' ? told : ''}`)
}
const logger: Logger = { ...silentLogger, warn: noting('warn'), error: noting('error') }

async function serve({ shared = false, recordsInTurn = false } = {}): Promise<void> {
  const ledger = createLedger()
  embedded = createEmbeddedWriter({ ledger, zones: store.writer, recordsInTurn, clock, logger })
  served = await serveZoneFiles({
    files: [{ origin: ORIGIN, path, shared }],
    ledger,
    embedded,
    clock,
    logger,
  })
  embedded.flush()
  embedded.setState('serving')
}

/** The file changes, and two looks go by. */
async function change(text: string): Promise<void> {
  writeFileSync(path, text)
  await looks(2)
}

/** So many looks at the file go by, each with what comes of it. */
async function looks(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    clock.advance(2_000)
    await served?.idle()
  }
}

const answersOf = (ask: string) => store.ask({ ask })?.answer

describe('a zone from a master file', () => {
  it('is served with the SOA and the serial of the file', async () => {
    writeFileSync(path, zone(7, 'www A 192.0.2.1', '*.apps A 192.0.2.2'))

    await serve()

    expect(answersOf('example.com SOA')).toEqual([
      'example.com. 300 SOA ns1.example.com. hostmaster.example.com. 7 3600 900 604800 15',
    ])
    expect(answersOf('www.example.com A')).toEqual(['www.example.com. 300 A 192.0.2.1'])
    expect(answersOf('x.apps.example.com A')).toEqual(['x.apps.example.com. 300 A 192.0.2.2'])
  })

  it('follows the file: what is new, changed and gone', async () => {
    writeFileSync(path, zone(7, 'a A 192.0.2.1', 'b A 192.0.2.2', 'c A 192.0.2.3'))
    await serve()

    await change(zone(8, 'a A 192.0.2.1', 'b A 192.0.2.20', 'd A 192.0.2.4'))

    expect(['a', 'b', 'c', 'd'].map((name) => answersOf(`${name}.example.com A`))).toEqual([
      ['a.example.com. 300 A 192.0.2.1'],
      ['b.example.com. 300 A 192.0.2.20'],
      undefined,
      ['d.example.com. 300 A 192.0.2.4'],
    ])
    expect(answersOf('example.com SOA')?.[0]).toContain(' 8 ')
    expect(log).toEqual([])
  })

  it('is not read while it is being written', async () => {
    writeFileSync(path, zone(7, 'a A 192.0.2.1', 'b A 192.0.2.2'))
    await serve()

    writeFileSync(path, zone(8, 'a A 192.0.2.1'))
    await looks(1)

    expect(answersOf('b.example.com A')).toEqual(['b.example.com. 300 A 192.0.2.2'])
  })

  it('goes on with the old content while the file is broken or gone, which is told of once', async () => {
    writeFileSync(path, zone(7, 'a A 192.0.2.1'))
    await serve()

    await change(zone(8, 'a A 192.0.2.300'))
    await looks(30)
    rmSync(path)
    await looks(30)

    expect(answersOf('a.example.com A')).toEqual(['a.example.com. 300 A 192.0.2.1'])
    expect(log).toEqual([
      expect.stringMatching(
        /^error zone file refused: zone file cannot be served \(file=\S+ line=5 reason=field is not what it should be/,
      ),
      expect.stringMatching(/^error zone file refused: zone file cannot be read/),
    ])

    await change(zone(9, 'a A 192.0.2.9'))

    expect(answersOf('a.example.com A')).toEqual(['a.example.com. 300 A 192.0.2.9'])
  })

  it('gives its addresses in turn where that is asked for', async () => {
    writeFileSync(path, zone(7, 'a A 192.0.2.1', 'a A 192.0.2.2', 'a TXT x'))
    await serve({ recordsInTurn: true })

    const first = Array.from({ length: 10 }, () => answersOf('a.example.com A')?.[0])

    expect(new Set(first)).toEqual(
      new Set(['a.example.com. 300 A 192.0.2.1', 'a.example.com. 300 A 192.0.2.2']),
    )
    expect(answersOf('a.example.com TXT')).toEqual(['a.example.com. 300 TXT "x"'])
  })

  it('warns when the content moved and the serial did not: secondaries would not notice', async () => {
    writeFileSync(path, zone(7, 'a A 192.0.2.1'))
    await serve()

    await change(zone(7, 'a A 192.0.2.2'))

    expect(answersOf('a.example.com A')).toEqual(['a.example.com. 300 A 192.0.2.2'])
    expect(log).toEqual(['warn zone file changed, its serial did not: '])
  })

  it('that others write into as well has a serial that moves with them', async () => {
    writeFileSync(path, zone(7, 'a A 192.0.2.1'))
    await serve({ shared: true })
    const serial = () => Number(answersOf('example.com SOA')?.[0]?.split(' ')[5])
    const first = serial()
    const atStart = Math.floor(clock.nowMs() / 1_000)

    await change(zone(7, 'a A 192.0.2.2'))

    expect(first).toBeGreaterThanOrEqual(atStart)
    expect(serial()).toBeGreaterThan(first)
  })

  it.each([
    { name: 'broken', text: 'nonsense\n', code: 'ZONE_FILE_BROKEN' },
    { name: 'not there', text: undefined, code: 'ZONE_FILE_UNREADABLE' },
  ])('that is $name at the start is an error that names the file', async ({ text, code }) => {
    if (text !== undefined) writeFileSync(path, text)

    const error = await errorOf(serve())

    expect({ code: error.code, file: error.fields['file'] }).toEqual({ code, file: path })
  })
})

describe('a path', () => {
  it('that is a device or a pipe is refused: reading it may never end', async () => {
    path = '/dev/zero'

    expect((await errorOf(serve())).code).toBe('ZONE_FILE_UNREADABLE')
  })
})

async function errorOf(act: Promise<void>): Promise<AppError> {
  try {
    await act
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error('it did not refuse')
}
