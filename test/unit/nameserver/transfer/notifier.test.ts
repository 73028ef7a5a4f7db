import { beforeEach, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { checkRequest } from '../../../../src/dns/tsig/requests.ts'
import type { TsigKey } from '../../../../src/dns/tsig/keys.ts'
import { bareReply } from '../../../../src/dns/wire/bare-reply.ts'
import { noTransfers, type TransferCounts } from '../../../../src/nameserver/transfer/counts.ts'
import { HeldZones } from '../../../../src/nameserver/transfer/held-zones.ts'
import { Notifier, type NotifyTarget } from '../../../../src/nameserver/transfer/notifier.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { changesOf } from '../../../support/dns-lines.ts'
import { replyOf } from '../../../support/dns-reply.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { ring, testKey } from '../../../support/tsig-messages.ts'

const key = testKey()
const A: NotifyTarget = { host: '192.0.2.1', port: 53 }
const B: NotifyTarget = { host: '2001:db8::1', port: 5353 }

/** What was sent: at which second after the start, to whom, which zone and serial. */
interface Sent {
  readonly atMs: number
  readonly to: NotifyTarget
  readonly message: Uint8Array
}

let clock: ManualClock
let zones: HeldZones
let sent: Sent[]
let counts: TransferCounts
let receive: Map<NotifyTarget, (message: Uint8Array) => void>
let notifier: Notifier
let startMs: number

function start(...targets: readonly NotifyTarget[]): void {
  clock = new ManualClock()
  startMs = clock.nowMs()
  zones = new HeldZones()
  sent = []
  counts = noTransfers()
  receive = new Map()
  let seed = 0
  notifier = new Notifier({
    ...{ targets, clock, counts, logger: silentLogger },
    random: () => ((seed += 1) % 1_000) / 1_000,
    open: (to, received) => {
      receive.set(to, received)
      return {
        send: (message) => sent.push({ atMs: clock.nowMs() - startMs, to, message }),
        close: () => receive.delete(to),
      }
    },
  })
  zones.watch((zone) => notifier.changed(zone))
}

function serve(...origins: readonly string[]): void {
  for (const origin of origins) {
    zones.setState(parseDomainName(origin), 'serving')
    move(origin, 1)
  }
}

function move(origin: string, serial: number): void {
  zones.hold(changesOf([`${origin}. 60 SOA ns.${origin}. host.${origin}. ${serial} 1 2 3 4`]))
}

/** `seconds zone serial` of each message sent so far, to one target. */
function told(to: NotifyTarget): readonly string[] {
  return sent
    .filter((one) => one.to === to)
    .map(({ atMs, message }) => {
      const [zone, , , , , serial] = /^(\S+) (\S+) (\S+) (\S+) (\S+) (\S+)/
        .exec(replyOf(message).answer![0]!)!
        .slice(1)
      return `${atMs / 1_000} ${zone} ${serial}`
    })
}

/** The target answers what it was sent last. */
function answer(
  to: NotifyTarget,
  rcode = 0,
  change: (reply: Uint8Array) => Uint8Array = (reply) => reply,
): void {
  const last = sent.findLast((one) => one.to === to)!
  receive.get(to)!(change(bareReply(last.message, rcode)))
}

beforeEach(() => start(A))

describe('a change', () => {
  it('is told at once, when all of it is there', () => {
    serve('fed.test')
    move('fed.test', 2)
    move('fed.test', 3)
    clock.advance(0)

    expect(told(A)).toEqual(['0 fed.test. 3'])
    expect(replyOf(sent[0]!.message)).toMatchObject({ flags: 'aa opcode4', question: 'fed.test. SOA' })
  })

  it('is told to all targets, and for each zone', () => {
    start(A, B)
    serve('fed.test', 'example')
    clock.advance(0)

    expect(told(A)).toEqual(['0 fed.test. 1', '0 example. 1'])
    expect(told(B)).toEqual(told(A))
  })

  it('of what others do not see is not told', () => {
    serve('fed.test')
    clock.advance(0)
    answer(A)
    zones.hold([
      {
        name: parseDomainName('a.fed.test'),
        answer: { kind: 'addresses', ttlSeconds: 1, a: [], aaaa: [] },
        urgent: false,
      },
    ])
    zones.setState(parseDomainName('fed.test'), 'serving')
    clock.advance(60_000)

    expect(told(A)).toEqual(['0 fed.test. 1'])
  })

  it('waits until its zone is served', () => {
    zones.setState(parseDomainName('fed.test'), 'loading')
    move('fed.test', 1)
    clock.advance(1_000)
    expect(told(A)).toEqual([])

    zones.setState(parseDomainName('fed.test'), 'serving')
    clock.advance(0)

    expect(told(A)).toEqual(['1 fed.test. 1'])
  })

  it.each([
    { name: 'answered', answers: true },
    { name: 'not answered', answers: false },
  ])('further ones are told once a second at most, $name', ({ answers }) => {
    serve('fed.test')
    clock.advance(0)
    for (let tick = 0; tick < 30; tick += 1) {
      if (answers && sent.length > 0) answer(A)
      clock.advance(100)
      move('fed.test', 2 + tick)
    }

    const times = told(A).map((line) => Number(line.split(' ')[0]))
    for (const [i, time] of times.slice(1).entries()) expect(time - times[i]!).toBeGreaterThanOrEqual(1)
    expect(times.length).toBeGreaterThanOrEqual(2)
    answer(A)
    clock.advance(5_000)
    expect(told(A).at(-1)).toMatch(/ 31$/)
  })
})

describe('without an answer', () => {
  it('is told again, five times within a minute, then no more', () => {
    serve('fed.test')
    clock.advance(600_000)

    expect(told(A).map((line) => Number(line.split(' ')[0]))).toEqual([0, 2, 6, 14, 30, 60])
    expect(counts).toMatchObject({ notified: 0, unanswered: 1 })
    expect(clock.pending).toBe(0)
  })

  it('is told at its times, whatever looks in between find nothing newer', () => {
    serve('fed.test')
    clock.advance(0)
    for (const passedMs of [500, 2_500, 600_000]) {
      zones.setState(parseDomainName('fed.test'), 'serving')
      clock.advance(passedMs)
    }

    expect(told(A).map((line) => Number(line.split(' ')[0]))).toEqual([0, 2, 6, 14, 30, 60])
    expect(counts).toMatchObject({ notified: 0, unanswered: 1 })
  })

  it('each try has an id of its own', () => {
    serve('fed.test')
    clock.advance(600_000)

    expect(new Set(sent.map(({ message }) => Buffer.from(message).readUInt16BE(0))).size).toBe(6)
  })

  it('a newer version begins anew', () => {
    serve('fed.test')
    clock.advance(20_000)
    move('fed.test', 2)
    clock.advance(600_000)

    expect(told(A)).toEqual(
      [0, 2, 6, 14]
        .map((at) => `${at} fed.test. 1`)
        .concat([20, 22, 26, 34, 50, 80].map((at) => `${at} fed.test. 2`)),
    )
  })

  it('an answer to an earlier try is none', () => {
    serve('fed.test')
    clock.advance(0)
    const [first] = sent
    clock.advance(2_000)
    receive.get(A)!(bareReply(first!.message, 0))
    clock.advance(10_000)

    expect(told(A)).toHaveLength(3)
  })

  it('a zone that loses its SOA, or is not served, is told of when it comes back', () => {
    serve('fed.test')
    clock.advance(0)
    zones.setState(parseDomainName('fed.test'), 'expired')
    clock.advance(100)
    zones.hold([{ name: parseDomainName('fed.test'), urgent: false }])
    clock.advance(60_000)
    expect(told(A)).toEqual(['0 fed.test. 1'])

    zones.setState(parseDomainName('fed.test'), 'serving')
    move('fed.test', 2)
    clock.advance(0)

    expect(told(A)).toEqual(['0 fed.test. 1', '60.1 fed.test. 2'])
  })

  it('a zone that goes is not told of any more', () => {
    serve('fed.test')
    clock.advance(0)
    zones.setState(parseDomainName('fed.test'), 'gone')
    clock.advance(600_000)

    expect(told(A)).toEqual(['0 fed.test. 1'])
    expect(clock.pending).toBe(0)
  })
})

describe('an answer', () => {
  it.each([
    { name: 'yes', rcode: 0 },
    { name: 'no, whatever the reason', rcode: 9 },
  ])('$name: ends it', ({ rcode }) => {
    serve('fed.test')
    clock.advance(0)
    answer(A, rcode)
    clock.advance(600_000)

    expect(told(A)).toHaveLength(1)
    expect(counts).toMatchObject({ notified: 1, unanswered: 0 })
    expect(clock.pending).toBe(0)
  })

  it('with another id, or about another zone, is none', () => {
    serve('fed.test')
    clock.advance(0)
    answer(A, 0, (reply) => Uint8Array.from(reply, (octet, i) => (i === 1 ? octet ^ 1 : octet)))
    answer(A, 0, (reply) => Uint8Array.from(reply, (octet, i) => (i === 13 ? octet ^ 1 : octet)))
    clock.advance(2_000)

    expect(told(A)).toHaveLength(2)
  })
})

describe('with a key', () => {
  let current: TsigKey
  const signed: NotifyTarget = { ...A, key: () => current }
  const nowSeconds = (): number => Math.floor(clock.nowMs() / 1_000)
  const signedReply = (by: TsigKey): ((message: Uint8Array) => Uint8Array) => {
    const checked = checkRequest(sent.at(-1)!.message, ring(by), nowSeconds())
    if (checked.kind !== 'signed') throw new Error(checked.kind)
    return (reply) => checked.signer.sign(reply, nowSeconds())
  }

  beforeEach(() => {
    current = key
    start(signed)
    serve('fed.test')
    clock.advance(0)
  })

  it('is signed, and a signed answer counts', () => {
    const checked = checkRequest(sent[0]!.message, ring(key), nowSeconds())
    expect(checked.kind).toBe('signed')

    if (checked.kind === 'signed') receive.get(signed)!(signedReply(key)(bareReply(checked.message, 0)))
    clock.advance(600_000)

    expect(sent).toHaveLength(1)
    expect(counts.notified).toBe(1)
  })

  it('an answer that is not signed does not', () => {
    receive.get(signed)!(bareReply(sent[0]!.message, 0))
    clock.advance(2_000)

    expect(sent).toHaveLength(2)
  })

  it('that is replaced, what is said next is signed with the new one', () => {
    const other: TsigKey = { ...key, secret: Uint8Array.of(1, 2, 3) }
    const first = sent[0]!.message
    current = other
    clock.advance(2_000)

    expect(sent).toHaveLength(2)
    expect(checkRequest(first, ring(key), nowSeconds()).kind).toBe('signed')
    expect(checkRequest(sent[1]!.message, ring(other), nowSeconds()).kind).toBe('signed')
    receive.get(signed)!(signedReply(other)(bareReply(sent[1]!.message, 0)))
    expect(counts.notified).toBe(1)
  })

  it('that is replaced, an answer to what was said before is still known', () => {
    const reply = signedReply(key)(bareReply(sent[0]!.message, 0))
    current = { ...key, secret: Uint8Array.of(1, 2, 3) }
    receive.get(signed)!(reply)

    expect(counts.notified).toBe(1)
  })

  it('that the other server does not know, it says so unsigned', () => {
    const refusal = checkRequest(sent[0]!.message, ring(), nowSeconds())
    if (refusal.kind === 'refused') receive.get(signed)!(refusal.response)
    clock.advance(600_000)

    expect(sent).toHaveLength(1)
  })
})

it('closes', () => {
  serve('fed.test')
  clock.advance(0)
  notifier.close()
  clock.advance(600_000)

  expect(sent).toHaveLength(1)
  expect(receive.size).toBe(0)
})
