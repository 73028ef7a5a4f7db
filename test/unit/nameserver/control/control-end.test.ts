import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { ControlEnd } from '../../../../src/nameserver/control/control-end.ts'
import type {
  ControlHandler,
  ControlRequest,
  ToMain,
  ToWorker,
} from '../../../../src/nameserver/control/types.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'

const REQUEST: ControlRequest = {
  kind: 'transfer',
  message: new Uint8Array(12),
  transport: 'tcp',
  address: Uint8Array.of(127, 0, 0, 1),
  reservedBytes: 0,
}
const opened: MessagePort[] = []
afterEach(() => {
  for (const port of opened.splice(0)) port.close()
})

/** The worker's end: what comes back, as `kind id text`. */
class WorkerEnd {
  readonly #port: MessagePort
  readonly #seen: string[] = []
  #waiting: (() => void) | undefined

  constructor(handle: ControlHandler['handle']) {
    const { port1, port2 } = new MessageChannel()
    opened.push(port1)
    this.#port = port1
    this.end = new ControlEnd(port2, { rules: {}, handle }, silentLogger)
    port1.on('message', (message: ToWorker) => {
      this.#seen.push(
        `${message.kind} ${message.id}${message.kind === 'message' ? ` ${String(Buffer.from(message.message))}` : ''}`,
      )
      this.#waiting?.()
    })
  }

  readonly end: ControlEnd

  post(...messages: readonly ToMain[]): void {
    for (const message of messages) this.#port.postMessage(message)
  }

  async next(): Promise<string> {
    while (this.#seen.length === 0) await new Promise<void>((resolve) => (this.#waiting = resolve))
    return this.#seen.shift()!
  }
}

function octets(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text))
}

describe('ControlEnd', () => {
  it('gives the messages of a reply as they are asked for, then the end', async () => {
    const worker = new WorkerEnd(() => [octets('a'), octets('b')])

    worker.post({ kind: 'ask', id: 7, request: REQUEST })
    expect(await worker.next()).toBe('message 7 a')
    worker.post({ kind: 'more', id: 7 })
    expect(await worker.next()).toBe('message 7 b')
    worker.post({ kind: 'more', id: 7 })

    expect(await worker.next()).toBe('end 7')
  })

  it('hands the request over as it was asked', async () => {
    const worker = new WorkerEnd(({ kind, transport, address }) => [
      octets(`${kind} ${transport} ${address.join('.')}`),
    ])

    worker.post({ kind: 'ask', id: 1, request: REQUEST })

    expect(await worker.next()).toBe('message 1 transfer tcp 127.0.0.1')
  })

  it('waits for replies that are made elsewhere', async () => {
    const worker = new WorkerEnd(async function* () {
      await Promise.resolve()
      yield octets('slow')
    })

    worker.post({ kind: 'ask', id: 1, request: REQUEST })

    expect(await worker.next()).toBe('message 1 slow')
  })

  it.each<{ name: string; handle: ControlHandler['handle'] }>([
    {
      name: 'throws',
      handle: () => {
        throw new Error('no')
      },
    },
    {
      name: 'throws later',
      // oxlint-disable-next-line require-yield -- fails before it has anything to give
      handle: async function* () {
        await Promise.resolve()
        throw new Error('no')
      },
    },
  ])('says that it failed when the handler $name', async ({ handle }) => {
    const worker = new WorkerEnd(handle)

    worker.post({ kind: 'ask', id: 1, request: REQUEST })

    expect(await worker.next()).toBe('failed 1')
  })

  it('leaves nothing open of a request that is dropped at once', async () => {
    let open = 0
    const worker = new WorkerEnd(function* () {
      open += 1
      try {
        yield octets('a')
      } finally {
        open -= 1
      }
    })

    worker.post(
      { kind: 'ask', id: 1, request: REQUEST },
      { kind: 'drop', id: 1 },
      { kind: 'ask', id: 2, request: REQUEST },
    )
    expect(await worker.next()).toBe('message 1 a')
    expect(await worker.next()).toBe('message 2 a')

    expect(open).toBe(1)
  })

  it('does not let replies hold up what else there is to do', async () => {
    let turns = 0
    const watch = setInterval(() => (turns += 1), 0)
    const worker = new WorkerEnd(function* () {
      const untilMs = performance.now() + 3
      while (performance.now() < untilMs);
      yield octets('slow')
    })

    worker.post(...Array.from({ length: 20 }, (_, id) => ({ kind: 'ask' as const, id, request: REQUEST })))
    for (let i = 0; i < 20; i += 1) await worker.next()
    clearInterval(watch)

    expect(turns).toBeGreaterThan(10)
  })

  it('tells the handler when nobody waits for the rest: one reply dropped, or the worker gone', async () => {
    const given: string[] = []
    const worker = new WorkerEnd(function* ({ message }) {
      try {
        yield octets('a')
        yield octets('b')
      } finally {
        given.push(`back ${message.length}`)
      }
    })
    worker.post(
      { kind: 'ask', id: 1, request: REQUEST },
      { kind: 'ask', id: 2, request: { ...REQUEST, message: new Uint8Array(13) } },
    )
    await worker.next()
    await worker.next()

    worker.post({ kind: 'drop', id: 1 }, { kind: 'more', id: 1 }, { kind: 'more', id: 2 })
    expect(await worker.next()).toBe('message 2 b') // and nothing of the first one
    worker.end.close()

    expect(given).toEqual(['back 12', 'back 13'])
  })
})
