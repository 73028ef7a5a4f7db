import { expect, it } from 'vitest'
import { NO_KEY_STANDING } from '../../../../src/app/zone-facts/key-standing.ts'
import { StandingBook } from '../../../../src/app/zone-facts/standing-book.ts'
import { createTransferRefusals } from '../../../../src/app/zone-facts/transfer-refusals.ts'
import { createZoneFacts } from '../../../../src/app/zone-facts/zone-facts.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { createTransfers } from '../../../../src/nameserver/transfer/transfers.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { changesOf } from '../../../support/dns-lines.ts'
import { TestStore } from '../../../support/dns-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const ZONE = parseDomainName('fed.test')
const RULE = { prefix: '192.0.2.2' }
const clock = new ManualClock()

function transfersOf(rules: readonly { readonly prefix: string }[]) {
  return createTransfers({ rules, notify: [], clock, random: () => 0, logger: silentLogger })
}

it('nothing is told of what the process does not do', () => {
  const facts = createZoneFacts({
    ...{ rules: [], refusals: createTransferRefusals(clock) },
    isSignedHere: (zone) => transfersOf([]).isSignedHere(zone),
  })

  expect(facts.of(ZONE)).toEqual({})
})

it('a zone counts as signed here as soon as its keys are published, as for transfers', () => {
  const transfers = transfersOf([RULE])
  const writer = transfers.writer(new TestStore().writer)
  const facts = createZoneFacts({
    ...{ standings: new StandingBook(), rules: [RULE], refusals: createTransferRefusals(clock) },
    isSignedHere: (zone) => transfers.isSignedHere(zone),
  })
  const seen = [facts.of(ZONE)]

  writer.setState(ZONE, 'serving')
  writer.publish(changesOf(['fed.test. 60 SOA ns.fed.test. host.fed.test. 1 1 2 3 4']))
  seen.push(facts.of(ZONE))
  writer.publish(
    changesOf([
      'fed.test. 60 SOA ns.fed.test. host.fed.test. 2 1 2 3 4',
      'fed.test. 60 DNSKEY 257 3 13 AAAA',
    ]),
  )
  seen.push(facts.of(ZONE))

  expect(seen).toEqual(
    [false, false, true].map((isSignedHere) => ({
      signing: NO_KEY_STANDING,
      transfer: { rules: [RULE], isSignedHere },
    })),
  )
})

it('watchers hear of keys that stand otherwise, and of refusals', () => {
  const standings = new StandingBook()
  const refusals = createTransferRefusals(clock)
  const heard: string[] = []
  createZoneFacts({ standings, rules: [RULE], refusals, isSignedHere: () => false }).watch({
    changed: () => heard.push('changed'),
    refused: ({ address }) => heard.push(address),
  })

  standings.set(new Map([[ZONE, NO_KEY_STANDING]]), undefined)
  refusals.note({ zone: ZONE, address: '192.0.2.9' })

  expect(heard).toEqual(['changed', '192.0.2.9'])
})
