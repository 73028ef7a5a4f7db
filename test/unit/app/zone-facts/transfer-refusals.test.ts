import { expect, it } from 'vitest'
import { createTransferRefusals } from '../../../../src/app/zone-facts/transfer-refusals.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { RefusedTransfer } from '../../../../src/nameserver/transfer/transfer-handler.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const HOUR_MS = 3_600_000

function refusal(address: string, zone = 'example.com', key?: string): RefusedTransfer {
  return { zone: parseDomainName(zone), address, ...(key === undefined ? {} : { key: parseDomainName(key) }) }
}

function setUp() {
  const clock = new ManualClock()
  const told: string[] = []
  const refusals = createTransferRefusals(clock)
  refusals.watch(({ zone, address, key }) => told.push([zone, address, key ?? '-'].join(' ')))
  return { clock, told, refusals }
}

it('tells of a peer and zone once an hour', () => {
  const { clock, told, refusals } = setUp()
  refusals.note(refusal('192.0.2.2'))
  refusals.note(refusal('192.0.2.2'))
  clock.advance(HOUR_MS - 1)
  refusals.note(refusal('192.0.2.2'))
  expect(told).toEqual(['example.com. 192.0.2.2 -'])

  clock.advance(1)
  refusals.note(refusal('192.0.2.2'))

  expect(told).toHaveLength(2)
})

it('tells of other zones, other addresses and other keys', () => {
  const { told, refusals } = setUp()

  refusals.note(refusal('192.0.2.2'))
  refusals.note(refusal('192.0.2.2', 'example.net'))
  refusals.note(refusal('192.0.2.3'))
  refusals.note(refusal('192.0.2.3', 'example.com', 'xfr'))

  expect(told).toEqual([
    'example.com. 192.0.2.2 -',
    'example.net. 192.0.2.2 -',
    'example.com. 192.0.2.3 -',
    'example.com. 192.0.2.3 xfr.',
  ])
})

it('tells of ten peers of a zone in an hour, however many ask', () => {
  const { clock, told, refusals } = setUp()
  for (let last = 1; last <= 200; last += 1) refusals.note(refusal(`192.0.2.${last}`))
  expect(told).toHaveLength(10)

  clock.advance(HOUR_MS)
  refusals.note(refusal('192.0.2.200'))

  expect(told).toHaveLength(11)
})

it('remembers a thousand zones', () => {
  const { told, refusals } = setUp()
  for (let zone = 0; zone <= 1_000; zone += 1) refusals.note(refusal('192.0.2.2', `zone${zone}.test`))

  refusals.note(refusal('192.0.2.2', 'zone1000.test'))
  refusals.note(refusal('192.0.2.2', 'zone0.test'))

  expect(told).toHaveLength(1_002)
})
