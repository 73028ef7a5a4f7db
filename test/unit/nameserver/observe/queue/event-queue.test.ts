import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Client } from '../../../../../src/nameserver/client.ts'
import { EventQueue } from '../../../../../src/nameserver/observe/queue/event-queue.ts'
import type { Exchange } from '../../../../../src/nameserver/observe/observer.ts'

const client = (address: string, port: number): Client => {
  const made = new Client(() => 0).set(address)
  made.port = port
  made.askedMs = port / 2
  return made
}

const exchange = (query: Uint8Array, response: Uint8Array): Exchange => ({
  ...{ proto: 'udp', local: undefined, doneMs: 7 },
  ...{ query, length: query.length, response, written: response.length },
})

const octets = (count: number, value: number): Uint8Array => new Uint8Array(count).fill(value)

describe('EventQueue', () => {
  it('gives back what was pushed, whatever became of the buffers since', () => {
    const queue = new EventQueue({ events: 4, octets: 1_000 })
    const local = { host: '127.0.0.1', port: 53 }
    const query = Uint8Array.of(1, 2, 3, 9, 9)
    const response = Uint8Array.of(4, 5, 9)
    const from = client('2001:db8::1', 40_000)
    from.proven = true

    queue.push(from, { ...exchange(query, response), proto: 'dot', local, length: 3, written: 2 })
    query.fill(0)
    response.fill(0)
    from.set('192.0.2.1')

    expect(queue.shift()).toEqual({
      ...{ askedMs: 20_000, doneMs: 7, proto: 'dot', local, port: 40_000, proven: true },
      address: Uint8Array.from([0x20, 0x01, 0x0d, 0xb8, ...octets(11, 0), 1]),
      query: Buffer.of(1, 2, 3),
      response: Buffer.of(4, 5),
    })
    expect(queue.shift()).toBeUndefined()
  })

  it.each([
    { name: 'events', limits: { events: 3, octets: 1_000 }, each: 10, want: 3 },
    { name: 'octets', limits: { events: 100, octets: 35 }, each: 10, want: 3 },
    { name: 'events without octets', limits: { events: 3, octets: 1_000 }, each: 0, want: 3 },
  ])('is bounded in $name', ({ limits, each, want }) => {
    const queue = new EventQueue(limits)

    const taken = Array.from({ length: 10 }, () =>
      queue.push(client('192.0.2.1', 1), exchange(octets(each, 1), octets(0, 0))),
    )

    expect(taken.filter(Boolean).length).toBe(want)
    expect(queue.size).toBe(want)
  })

  it('takes a message that fills it, and none that is larger', () => {
    const queue = new EventQueue({ events: 3, octets: 100 })
    const from = client('192.0.2.1', 1)

    expect(queue.push(from, exchange(octets(60, 1), octets(41, 1)))).toBe(false)
    expect(queue.push(from, exchange(octets(60, 1), octets(40, 1)))).toBe(true)
    expect(queue.shift()?.query).toHaveLength(60)
    expect(queue.push(from, exchange(octets(100, 1), octets(0, 1)))).toBe(true)
  })
})

describe('properties', () => {
  it('comes out as it went in, in order, none twice; what is refused would not fit', () => {
    const step = fc.oneof(
      fc.record({ query: fc.nat(40), response: fc.nat(40) }),
      fc.constant('shift' as const),
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 80, max: 300 }),
        (steps, events, size) => {
          const queue = new EventQueue({ events, octets: size })
          const model: { readonly number: number; readonly query: number; readonly response: number }[] = []
          for (const [number, what] of steps.entries()) {
            if (what === 'shift') {
              const got = queue.shift()
              const want = model.shift()
              expect(got?.port).toBe(want?.number)
              expect(got?.query).toEqual(
                want && Buffer.from(octets(want.query, number % 251).fill(want.number % 251)),
              )
              expect(got?.response).toEqual(want && Buffer.alloc(want.response, (want.number + 1) % 251))
            } else {
              const messages = exchange(
                octets(what.query, number % 251),
                octets(what.response, (number + 1) % 251),
              )
              if (queue.push(client('192.0.2.1', number), messages)) model.push({ number, ...what })
              else expect(model.length).toBeGreaterThan(0) // an empty one takes any of these
            }
            expect(queue.size).toBe(model.length)
            expect(model.length).toBeLessThanOrEqual(events)
          }
        },
      ),
    )
  })
})
