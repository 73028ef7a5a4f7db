import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import { bareReply } from '../../src/dns/wire/bare-reply.ts'
import { noTransfers } from '../../src/nameserver/transfer/counts.ts'
import { HeldZones } from '../../src/nameserver/transfer/held-zones.ts'
import { Notifier, type NotifyTarget } from '../../src/nameserver/transfer/notifier.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { changesOf } from '../support/dns-lines.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { TestStore } from '../support/dns-store.ts'
import { ManualClock } from '../support/manual-clock.ts'

const TARGET: NotifyTarget = { host: '192.0.2.1', port: 53 }
const soa = (serial: number): string => `fed.test. 60 SOA ns.fed.test. host.fed.test. ${serial} 1 2 3 4`

/** A primary that tells one secondary of one zone. */
class Primary {
  readonly clock = new ManualClock()
  readonly sent: { readonly second: number; readonly message: Uint8Array }[] = []
  readonly #zones = new HeldZones()
  #receive: (message: Uint8Array) => void = () => {}

  constructor() {
    const startMs = this.clock.nowMs()
    const notifier = new Notifier({
      ...{ targets: [TARGET], clock: this.clock, counts: noTransfers(), logger: silentLogger },
      random: () => 0.5,
      open: (_target, received) => {
        this.#receive = received
        return {
          send: (message) => this.sent.push({ second: (this.clock.nowMs() - startMs) / 1_000, message }),
          close: () => {},
        }
      },
    })
    this.#zones.watch((zone) => notifier.changed(zone))
    this.#zones.setState(parseDomainName('fed.test'), 'serving')
    this.move(1)
  }

  move(serial: number): void {
    this.#zones.hold(changesOf([soa(serial)]))
    this.clock.advance(0)
  }

  answer(rcode: number): void {
    this.#receive(bareReply(this.sent.at(-1)!.message, rcode))
  }
}

describe('RFC 1996', () => {
  it('3.3 and 3.7: opcode NOTIFY, QR clear, AA, the zone and SOA as question, the new SOA as answer', () => {
    const { sent } = new Primary()

    expect(replyOf(sent[0]!.message)).toEqual({
      rcode: 'NOERROR',
      flags: 'aa opcode4',
      question: 'fed.test. SOA',
      answer: [soa(1)],
    })
  })

  it('3.6: over UDP it is sent again until it is answered, five times at the most, within about 60 s', () => {
    const primary = new Primary()
    primary.clock.advance(3_600_000)

    expect(primary.sent).toHaveLength(6)
    expect(primary.sent.at(-1)!.second).toBe(60)
  })

  it.each([
    { name: 'NOERROR', rcode: 0 },
    { name: 'NOTIMP (4.8: a server that does not know NOTIFY)', rcode: 4 },
    { name: 'REFUSED', rcode: 5 },
  ])('3.6 and 4.8: an answer of any kind ends it: $name', ({ rcode }) => {
    const primary = new Primary()
    primary.answer(rcode)
    primary.clock.advance(3_600_000)

    expect(primary.sent).toHaveLength(1)
  })

  it('4.3: changes that follow each other are told together, the last version', () => {
    const primary = new Primary()
    primary.answer(0)
    for (let serial = 2; serial < 12; serial += 1) {
      primary.clock.advance(50)
      primary.move(serial)
    }
    primary.clock.advance(500)
    primary.answer(0)
    primary.clock.advance(60_000)

    expect(primary.sent.map(({ message }) => replyOf(message).answer)).toEqual([[soa(1)], [soa(11)]])
    expect(primary.sent[1]!.second).toBeGreaterThanOrEqual(1)
  })

  it.each(['udp', 'tcp'] as const)(
    '3.8: a server without primaries does not implement NOTIFY, over %s',
    (transport) => {
      const store = new TestStore().serve(['fed.test'], [soa(1)])

      expect(replyOf(store.octets(queryBytes({ ask: 'fed.test SOA', opcode: 4 }), transport)!)).toMatchObject(
        { rcode: 'NOTIMP' },
      )
    },
  )
})
