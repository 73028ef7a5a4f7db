import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { NameChange, RecordSet } from '../../../../src/dns/records.ts'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import type { ControlRequest } from '../../../../src/nameserver/control/types.ts'
import { changesOf } from '../../../support/dns-lines.ts'
import { queryBytes } from '../../../support/dns-query.ts'
import { replyOf } from '../../../support/dns-reply.ts'
import { ModelSecondary, TestPrimary } from '../../../support/model-secondary.ts'
import { linesOf } from '../../../support/received-transfers.ts'
import { ixfrQuery } from '../../../support/transfer-requests.ts'

const soa = (serial: number): string => `fed.test. 60 SOA ns.fed.test. host.fed.test. ${serial} 1 2 3 4`
const axfr = queryBytes({ ask: 'fed.test AXFR' })
const key = parseDomainName('xfr')

function primaryOf(...lines: readonly string[]): TestPrimary {
  return new TestPrimary().serve('fed.test').publish(soa(1), ...lines)
}

/** The reply read to its end. */
function replies(
  primary: TestPrimary,
  message: Uint8Array,
  request: Partial<ControlRequest> = {},
): readonly Uint8Array[] {
  return [...primary.ask(message, request)]
}

function answersOf(messages: readonly Uint8Array[]): readonly string[] {
  return messages.flatMap((message) => replyOf(message).answer ?? [])
}

describe('refusals', () => {
  it.each<{ name: string; in: Uint8Array; request?: Partial<ControlRequest>; want: string }>([
    { name: 'a zone that is not ours', in: queryBytes({ ask: 'example AXFR' }), want: 'NOTAUTH' },
    { name: 'a name in a zone of ours', in: queryBytes({ ask: 'www.fed.test AXFR' }), want: 'NOTAUTH' },
    { name: 'a zone that is loading', in: queryBytes({ ask: 'loading.test AXFR' }), want: 'SERVFAIL' },
    { name: 'a zone without a SOA', in: queryBytes({ ask: 'empty.test AXFR' }), want: 'SERVFAIL' },
    { name: 'AXFR over UDP', in: axfr, request: { transport: 'udp' }, want: 'FORMERR' },
    { name: 'IXFR without a serial', in: queryBytes({ ask: 'fed.test IXFR' }), want: 'FORMERR' },
    { name: 'another class', in: queryBytes({ ask: 'fed.test AXFR', class: 3 }), want: 'REFUSED' },
    { name: 'a later EDNS', in: queryBytes({ ask: 'fed.test AXFR', edns: { version: 3 } }), want: 'BADVERS' },
  ])('$name: $want', ({ in: message, request, want }) => {
    const primary = primaryOf().serve('empty.test')
    primary.zones.setState(parseDomainName('loading.test'), 'loading')

    const [reply, ...more] = replies(primary, message, request)

    expect(more).toEqual([])
    expect(replyOf(reply!)).toMatchObject({ rcode: want, flags: 'qr' })
    expect(primary.counts).toMatchObject({ refused: 1, whole: 0 })
    expect(primary.refusals).toEqual([])
  })
})

describe('zones that are signed here', () => {
  const lines = [
    'fed.test. 60 DNSKEY 257 3 13 AAAA',
    'fed.test. 60 CDS 1 13 2 AA',
    'www.fed.test. 1 A 192.0.2.1',
  ]
  const signer = { rules: [{ key, signs: true }, { prefix: '127.0.0.0/8' }] }
  const zone = (): TestPrimary => new TestPrimary(signer).serve('fed.test').publish(soa(1), ...lines)

  it('go to nobody who would serve them without signatures, and it is said why', () => {
    const [reply] = replies(zone(), queryBytes({ ask: 'fed.test AXFR', edns: {} }))

    expect(replyOf(reply!).rcode).toBe('REFUSED')
    const [option] = decodeMessage(reply!).message!.edns!.options
    expect(Buffer.from(option!.data).toString('latin1')).toBe('\0\x12zone is signed by this server')
  })

  it('are told of when they are refused: to whom, by address and key', () => {
    const other = parseDomainName('other')
    const primary = zone()

    replies(primary, axfr, { key: other })
    replies(primary, ixfrQuery('fed.test', 1), { address: Uint8Array.of(127, 0, 0, 2) })
    replies(primary, axfr, { key })

    expect(primary.refusals).toEqual([
      { zone: 'fed.test.', address: '127.0.0.1', key: other },
      { zone: 'fed.test.', address: '127.0.0.2' },
    ])
  })

  it('go without our keys to whoever signs by itself', () => {
    const primary = zone()

    expect(answersOf(replies(primary, axfr, { key }))).toEqual([
      soa(1),
      'www.fed.test. 1 A 192.0.2.1',
      soa(1),
    ])
    primary.publish(soa(2), 'fed.test. 60 DNSKEY 257 3 13 AAAB')
    expect(answersOf(replies(primary, ixfrQuery('fed.test', 1), { key }))).toEqual([
      soa(2),
      soa(1),
      soa(2),
      soa(2),
    ])
  })
})

describe('replies', () => {
  it('leave room for their signatures', () => {
    const primary = primaryOf(...Array.from({ length: 200 }, (_, i) => `n${i}.fed.test. 1 TXT 250*x`))

    const over = (reservedBytes: number): number =>
      Math.max(
        ...replies(primary, ixfrQuery('fed.test', 0, { edns: { payloadBytes: 1232 } }), {
          transport: 'udp',
          reservedBytes,
        }).map(({ length }) => length),
      )

    expect(over(0)).toBeLessThanOrEqual(1232)
    expect(over(400)).toBeLessThanOrEqual(832)
  })

  it('of one datagram that would have to be longer are the SOA alone, however little is missing or much', () => {
    const primary = primaryOf('n.fed.test. 1 TXT 250*x')
    primary.zones.hold([{ ...changeOf('n2.fed.test. 0'), urgent: true }])

    const [message, ...more] = replies(primary, ixfrQuery('fed.test', 0), { transport: 'udp' })

    expect(more).toEqual([])
    expect(replyOf(message!).answer).toEqual([soa(1)])
    expect(primary.counts).toMatchObject({ current: 1, whole: 0 })
  })

  it('that are not read to their end count as broken, and let go of the zone', () => {
    const primary = primaryOf(...Array.from({ length: 500 }, (_, i) => `n${i}.fed.test. 1 TXT 250*x`))
    const reply = primary.ask(axfr)
    reply.next()

    reply.return(undefined)

    expect(primary.counts).toMatchObject({ whole: 0, broken: 1 })
    expect(primary.counts.bytes).toBeGreaterThan(10_000)
  })

  it('are of the version that was there when they were asked for, even if the zone goes', () => {
    const primary = primaryOf('www.fed.test. 1 A 192.0.2.1')
    const secondary = new ModelSecondary(primary, 'fed.test')
    const transfer = secondary.begin()

    primary.withdraw('www.fed.test', 'fed.test').zones.setState(parseDomainName('fed.test'), 'gone')
    transfer.finish()

    expect(secondary.lines).toEqual([soa(1), 'www.fed.test. 1 A 192.0.2.1'])
  })

  it('a set of changes larger than the zone is the zone', () => {
    const primary = primaryOf(...Array.from({ length: 600 }, (_, i) => `n${i}.fed.test. 1 A 192.0.2.1`))
    const secondary = new ModelSecondary(primary, 'fed.test')
    secondary.sync()

    primary.publish(...Array.from({ length: 599 }, (_, i) => `n${i}.fed.test. 1 A 192.0.2.2`), soa(2))
    secondary.sync()

    expect(secondary.seen).toEqual(['whole', 'whole'])
  })
})

describe('properties', () => {
  /** Few names, so that they meet. */
  const lines: readonly string[] = [
    'a.fed.test. 1 A 192.0.2.1',
    'a.fed.test. 2 A 192.0.2.2',
    'b.fed.test. 1 CNAME a.fed.test.',
    'b.fed.test. 1 AAAA 2001:db8::1',
    '*.fed.test. 1 TXT "any"',
    'sub.fed.test. 1 NS ns.sub.fed.test.',
    'ns.sub.fed.test. 1 A 192.0.2.3',
    'x.y.fed.test. 1 MX 1 a.fed.test.',
  ]
  /** A zone line; `name` alone: it goes; `longN V`: so large that a message holds one, so that a transfer takes many steps. */
  const change = fc.oneof(
    fc.constantFrom(...lines),
    fc.constantFrom(...lines).map((line) => line.split(' ')[0]!),
    fc.tuple(fc.nat(3), fc.nat(3)).map(([which, version]) => `long${which}.fed.test. ${version}`),
    fc.nat(3).map((which) => `long${which}.fed.test.`),
  )
  const act = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('change' as const),
        changes: fc.array(change, { minLength: 1, maxLength: 3 }),
      }),
    },
    fc.record({ kind: fc.constant('silent' as const), changes: fc.tuple(change) }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin' as const), who: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('finish' as const), who: fc.nat(2) }) },
  )

  it('secondaries that ask at any time, and read slowly, have the zone as it was when they asked', () => {
    const kinds = new Set<string>()
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 40 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (acts, firstSerial) => {
          const world = new World(firstSerial)
          for (const step of acts) {
            if (step.kind === 'change') world.change(step.changes)
            else if (step.kind === 'silent') world.changeSilently(step.changes)
            else if (step.kind === 'begin') world.begin(step.who)
            else world.finish(step.who)
          }
          world.end()
          for (const kind of world.seen) kinds.add(kind)
          expect(world.wrong).toEqual([])
        },
      ),
      { numRuns: 300 },
    )

    expect([...kinds].sort()).toEqual(['current', 'increment', 'whole'])
  })
})

function changeOf(text: string): NameChange {
  const [name = '', version, ...rest] = text.split(' ')
  if (version === undefined) return { name: parseDomainName(name), urgent: false }
  if (rest.length > 0) return changesOf([text])[0]!
  const string = Uint8Array.of(255, ...Array.from({ length: 255 }, () => 97 + Number(version)))
  const rdata = [Buffer.concat(Array.from({ length: 40 }, () => string))]
  return {
    name: parseDomainName(name),
    answer: { kind: 'records', sets: [{ type: 16, ttlSeconds: 1, rdata }] },
    urgent: false,
  }
}

/** A zone that changes, three secondaries, and what each is to have. */
class World {
  readonly #primary = new TestPrimary().serve('fed.test')
  readonly #content = new Map<DomainName, readonly RecordSet[]>()
  readonly #secondaries: readonly ModelSecondary[]
  readonly #open: ({ readonly want: readonly string[] | undefined; finish(): void } | undefined)[] = []
  /** What secondaries had that they should not have had. */
  readonly wrong: { readonly got: readonly string[]; readonly want: readonly string[] }[] = []
  #serial: number
  /** Content has changed under the serial that stands: who has that serial already is told nothing. */
  #isSilent = false

  constructor(serial: number) {
    this.#serial = serial
    this.#primary.publish(soa(serial))
    this.#secondaries = [0, 1, 2].map(() => new ModelSecondary(this.#primary, 'fed.test'))
  }

  get seen(): readonly string[] {
    return this.#secondaries.flatMap(({ seen }) => seen)
  }

  change(changes: readonly string[]): void {
    this.changeSilently(changes)
    this.#serial = (this.#serial + 1) % 2 ** 32
    this.#isSilent = false
    this.#primary.publish(soa(this.#serial))
  }

  changeSilently(changes: readonly string[]): void {
    this.#isSilent = true
    for (const { name, answer, urgent } of changes.map(changeOf)) {
      this.#primary.zones.hold([answer === undefined ? { name, urgent } : { name, answer, urgent }])
      if (answer?.kind === 'records') this.#content.set(name, answer.sets)
      else this.#content.delete(name)
    }
  }

  begin(who: number): void {
    this.finish(who)
    this.#open[who] = { want: this.#isSilent ? undefined : this.#lines, ...this.#secondaries[who]!.begin() }
  }

  finish(who: number): void {
    const transfer = this.#open[who]
    this.#open[who] = undefined
    transfer?.finish()
    if (transfer?.want === undefined) return
    const got = this.#secondaries[who]!.lines
    if (got.join() !== transfer.want.join())
      this.wrong.push({ got: got.map(short), want: transfer.want.map(short) })
  }

  end(): void {
    this.change([])
    for (const who of [0, 1, 2]) {
      this.finish(who)
      this.begin(who)
      this.finish(who)
    }
  }

  get #lines(): readonly string[] {
    return [...linesOf(this.#content), soa(this.#serial)].sort()
  }
}

function short(line: string): string {
  return line.slice(0, 60)
}
