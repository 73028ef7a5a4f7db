import fc from 'fast-check'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import { readZoneFile } from '../../src/dns/zone-file/read-zone-file.ts'
import type { ZoneData } from '../../src/dns/zone-file/zone-data.ts'
import type { Reply } from '../support/dns-reply.ts'
import { recordLines } from '../support/zone-generator.ts'
import { questionsOf } from '../support/zone-questions.ts'
import { sceneAddresses } from './support/addresses.ts'
import { differencesBetween, rowOf } from './support/dns/differences.ts'
import { askMany, askManyOverTcp } from './support/dns/many-questions.ts'
import { SERVERS } from './support/dns/served-zones.ts'
import type { Program } from './support/process.ts'

const SEED = Number(process.env['WAYPOST_SEED'] ?? 20261121)
const ZONES = 25
/** Of all questions at most so many may be answered differently, for a known reason. */
const MAX_DIFFERING = 0.001
const MAX_ROWS = 12
const HEAD = [
  '$TTL 300',
  '@ SOA ns1.elsewhere.test. hostmaster.elsewhere.test. 7 3600 900 604800 15',
  '@ NS ns1.elsewhere.test.',
]
const HAND_WRITTEN = 'hand-written.test'

/** A zone that can be served, from lines of which some cannot stand together: these are left out one after the other. */
function servable(
  origin: string,
  lines: readonly string[],
): { readonly text: string; readonly zone: ZoneData } {
  let kept = [...HEAD, ...lines]
  for (;;) {
    const text = `${kept.join('\n')}\n`
    const file = readZoneFile(text, parseDomainName(origin))
    if (file.kind === 'zone') return { text, zone: file.zone }
    const broken = file.problems.find(({ line }) => line > HEAD.length)?.line ?? kept.length // told of a line of the head: the last goes
    kept = kept.filter((_, index) => index + 1 !== broken)
  }
}

function handWritten(): { readonly origin: string; readonly text: string; readonly zone: ZoneData } {
  const text = readFileSync(new URL('./support/dns/hand-written.zone', import.meta.url), 'latin1')
  const file = readZoneFile(text, parseDomainName(HAND_WRITTEN))
  if (file.kind === 'broken') throw new Error(JSON.stringify(file.problems))
  return { origin: HAND_WRITTEN, text, zone: file.zone }
}

const generated = fc
  .sample(recordLines, { numRuns: ZONES, seed: SEED })
  .map((lines, index) => ({ origin: `zone${index}.test`, ...servable(`zone${index}.test`, lines) }))
const zones = [...generated, handWritten()]
const asks = zones.flatMap(({ zone }) => questionsOf(zone))

const WAYS = {
  'over UDP, with EDNS': (server: string) => askMany(server, asks, { edns: { payloadBytes: 1232 } }),
  'over UDP, with DO and RD': (server: string) =>
    askMany(server, asks, { edns: { payloadBytes: 1232, flags: 0x8000 }, flags: 0x0100 }),
  'over UDP, without EDNS': (server: string) => askMany(server, asks, {}),
  'over TCP': (server: string) => askManyOverTcp(server, asks),
} as const

describe(`${zones.length} zones, served by us, NSD and Knot (seed ${SEED})`, () => {
  const programs: Program[] = []
  const addresses = new Map<'waypost' | 'nsd' | 'knot', string>()
  const ours = new Map<string, readonly (Reply | undefined)[]>()

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waypost-e2e-'))
    const { waypost, parents, provider } = sceneAddresses()
    const texts = new Map(zones.map(({ origin, text }) => [origin, text]))
    for (const [name, address] of [
      ['waypost', waypost],
      ['nsd', parents],
      ['knot', provider],
    ] as const) {
      addresses.set(name, address)
      programs.push(await SERVERS[name]({ folder, address, zones: texts }))
    }
  })
  afterAll(async () => {
    for (const program of programs) await program.end()
  })

  describe.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('%s', (way) => {
    it.each(['nsd', 'knot'] as const)('agree with %s', async (other) => {
      if (!ours.has(way)) ours.set(way, await WAYS[way](addresses.get('waypost')!))
      const theirs = await WAYS[way](addresses.get(other)!)

      expect([...ours.get(way)!, ...theirs].filter((reply) => reply === undefined)).toHaveLength(0)
      const differing = differencesBetween(other, asks, { ours: ours.get(way)!, theirs })

      process.stdout.write(`${way}, ${other}: of ${asks.length} answers ${differing.length} differ\n`)
      for (const difference of differing.slice(0, MAX_ROWS)) process.stdout.write(rowOf(other, difference))
      expect(differing.filter(({ known }) => known === undefined).slice(0, MAX_ROWS)).toEqual([])
      expect(differing.length).toBeLessThanOrEqual(asks.length * MAX_DIFFERING)
    })
  })
})
