import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  FORWARD_LIMITS,
  Forwarder,
  type ForwardLimits,
  type Forwarded,
} from '../../../../src/nameserver/control/forwarder.ts'
import type { ToMain, ToWorker } from '../../../../src/nameserver/control/types.ts'

/** The main thread's end of the port, told what to say. */
class Port {
  readonly asked: string[] = []
  #receive: (message: ToWorker) => void = () => {}

  postMessage({ kind, id }: ToMain): void {
    this.asked.push(`${kind} ${id}`)
  }

  on(_event: 'message', receive: (message: ToWorker) => void): void {
    this.#receive = receive
  }

  message(id: number, text: string): void {
    this.#receive({ kind: 'message', id, message: Buffer.from(text) })
  }

  say(kind: 'end' | 'failed', id: number): void {
    this.#receive({ kind, id })
  }
}

/** What one client sees of its reply. */
class Reader {
  readonly seen: string[] = []
  hasRoom = true
  events = { drained: () => {}, closed: () => {} }

  asks(from = 1, transport: 'tcp' | 'udp' = 'tcp'): Forwarded {
    return {
      request: {
        kind: 'transfer',
        message: Buffer.alloc(12),
        transport,
        address: Uint8Array.of(10, 0, 0, from),
        reservedBytes: 0,
      },
      finish: {
        message: (octets) => Buffer.from(`${String(octets)}!`),
        failure: () => Buffer.from('SERVFAIL'),
      },
      open: (events) => {
        this.events = events
        return {
          send: (octets) => {
            this.seen.push(String(octets))
            return this.hasRoom
          },
          end: () => this.seen.push('end'),
          abort: () => this.seen.push('abort'),
        }
      },
    }
  }
}

let nowMs = 0
beforeEach(() => {
  nowMs = 0
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function start(limits: Partial<ForwardLimits> = {}): { readonly port: Port; readonly forwarder: Forwarder } {
  const port = new Port()
  return { port, forwarder: new Forwarder(port, { ...FORWARD_LIMITS, ...limits }, () => nowMs) }
}

describe('one reply', () => {
  it('comes message by message, each asked for when the one before has left, each finished on its way', () => {
    const { port, forwarder } = start()
    const reader = new Reader()

    forwarder.ask(reader.asks())
    port.message(1, 'a')
    port.message(1, 'b')
    port.say('end', 1)

    expect(reader.seen).toEqual(['a!', 'b!', 'end'])
    expect(port.asked).toEqual(['ask 1', 'more 1', 'more 1'])
  })

  it('waits for a reader that has no room', () => {
    const { port, forwarder } = start()
    const reader = new Reader()
    reader.hasRoom = false
    forwarder.ask(reader.asks())
    port.message(1, 'a')

    expect(port.asked).toEqual(['ask 1'])
    reader.events.drained()
    reader.events.drained()

    expect(port.asked).toEqual(['ask 1', 'more 1'])
  })

  it('is one message over UDP, and the rest is dropped', () => {
    const { port, forwarder } = start()
    const reader = new Reader()

    forwarder.ask(reader.asks(1, 'udp'))
    port.message(1, 'a')
    port.message(1, 'late')

    expect(reader.seen).toEqual(['a!', 'end'])
    expect(port.asked).toEqual(['ask 1', 'drop 1'])
  })

  it('that fails before its first message is a failure, after it a breach', () => {
    const { port, forwarder } = start()
    const early = new Reader()
    const late = new Reader()
    forwarder.ask(early.asks())
    forwarder.ask(late.asks())

    port.say('failed', 1)
    port.message(2, 'a')
    port.say('failed', 2)

    expect(early.seen).toEqual(['SERVFAIL', 'end'])
    expect(late.seen).toEqual(['a!', 'abort'])
  })

  it('ends with its client', () => {
    const { port, forwarder } = start()
    const reader = new Reader()
    forwarder.ask(reader.asks())

    reader.events.closed()
    port.message(1, 'a')

    expect(reader.seen).toEqual([])
    expect(port.asked).toEqual(['ask 1', 'drop 1'])
  })

  it('is given up when the main thread says nothing', () => {
    const { port, forwarder } = start({ stepMs: 1_000 })
    const reader = new Reader()
    forwarder.ask(reader.asks())

    vi.advanceTimersByTime(1_000)

    expect(reader.seen).toEqual(['SERVFAIL', 'end'])
    expect(port.asked).toEqual(['ask 1', 'drop 1'])
  })

  it('is broken off when its client takes for ever', () => {
    const { port, forwarder } = start({ stepMs: 1_000, totalMs: 5_000 })
    const reader = new Reader()
    reader.hasRoom = false
    forwarder.ask(reader.asks())
    port.message(1, 'a')

    vi.advanceTimersByTime(4_999)
    expect(reader.seen).toEqual(['a!'])
    vi.advanceTimersByTime(1)

    expect(reader.seen).toEqual(['a!', 'abort'])
    expect(port.asked).toEqual(['ask 1', 'drop 1'])
  })
})

describe('many requests', () => {
  it('of one client wait for their turn, those of another do not', () => {
    const { port, forwarder } = start({ pendingPerClient: 1 })
    const readers = [new Reader(), new Reader(), new Reader()] as const

    forwarder.ask(readers[0].asks(1))
    forwarder.ask(readers[1].asks(1))
    forwarder.ask(readers[2].asks(2))
    expect(port.asked).toEqual(['ask 1', 'ask 3'])
    port.say('end', 1)

    expect(port.asked).toEqual(['ask 1', 'ask 3', 'ask 2'])
  })

  it('of all clients together wait too', () => {
    const { port, forwarder } = start({ pending: 2 })

    for (const from of [1, 2, 3]) forwarder.ask(new Reader().asks(from))
    expect(port.asked).toEqual(['ask 1', 'ask 2'])
    port.say('failed', 2)

    expect(port.asked).toEqual(['ask 1', 'ask 2', 'ask 3'])
  })

  it('are not taken where too many wait, and nothing is left of those whose clients have gone', () => {
    const { port, forwarder } = start({ pending: 1, waiting: 1 })
    const waiting = new Reader()
    forwarder.ask(new Reader().asks(1))
    forwarder.ask(waiting.asks(2))

    expect(forwarder.ask(new Reader().asks(3))).toBe(false)
    waiting.events.closed()
    expect(forwarder.ask(new Reader().asks(3))).toBe(true)
    port.say('end', 1)

    expect(port.asked).toEqual(['ask 1', 'ask 3'])
  })

  it('are taken at a bounded rate', () => {
    const { forwarder } = start({ perSecond: 2 })
    const taken = (): boolean => forwarder.ask(new Reader().asks())

    expect([taken(), taken(), taken()]).toEqual([true, true, false])
    nowMs = 1_000
    expect(taken()).toBe(true)
  })
})
