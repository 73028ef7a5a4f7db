import { describe, expect, it } from 'vitest'
import { Client } from '../../../../../src/nameserver/client.ts'
import { COUNTER, CounterRow, createCounters, sumCounters } from '../../../../../src/nameserver/counters.ts'
import type { Chunk } from '../../../../../src/nameserver/observe/queue/chunk.ts'
import { Conveyor, type Output } from '../../../../../src/nameserver/observe/queue/conveyor.ts'
import type { QueryEvent } from '../../../../../src/nameserver/observe/queue/event-queue.ts'

/** Takes chunks one at a time, each when the test says so. */
class SlowOutput implements Output {
  isReady = true
  onReady: () => void = () => {}
  readonly chunks: string[] = []
  readonly done: string[] = []
  #finish: ((isWritten: boolean) => void) | undefined

  write(chunk: Uint8Array): Promise<boolean> {
    this.chunks.push(Buffer.from(chunk).toString())
    return new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  async finish(isWritten = true): Promise<void> {
    this.#finish?.(isWritten)
    await turns()
  }

  reopen(): Promise<void> {
    this.done.push('reopened')
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.done.push('closed')
    return Promise.resolve()
  }
}

/** What promises wait for. */
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve()
}

function setUp(limits = { events: 4, octets: 10_000 }) {
  const memory = createCounters(1)
  const output = new SlowOutput()
  const scheduled: { readonly act: () => void; readonly isUrgent: boolean }[] = []
  const conveyor = new Conveyor({
    output,
    encoder: {
      begin: () => {},
      encode(event: QueryEvent, chunk: Chunk) {
        chunk.text(`${event.port} ${'.'.repeat(event.response.length)}`)
        return 2
      },
    },
    limits,
    counters: new CounterRow(memory, 0),
    lost: COUNTER.dnstap_dropped,
    written: COUNTER.dnstap_frames,
    schedule: (act, isUrgent) => void scheduled.push({ act, isUrgent }),
  })
  const tell = (port: number, responseBytes = 0): void => {
    const client = new Client(() => 0).set('192.0.2.1')
    client.port = port
    conveyor.answered(client, {
      ...{ proto: 'udp', local: undefined, doneMs: 0, query: Uint8Array.of(1), length: 1 },
      ...{ response: new Uint8Array(responseBytes), written: responseBytes },
    })
  }
  const run = async (): Promise<void> => {
    for (const { act } of scheduled.splice(0)) act()
    await turns()
  }
  const counted = (): readonly number[] => {
    const { dnstap_frames: frames, dnstap_dropped: lost } = sumCounters(memory)
    return [frames, lost]
  }
  return { conveyor, output, scheduled, tell, run, counted }
}

describe('Conveyor', () => {
  it('writes nothing in the turn of the answer, and what came meanwhile together', async () => {
    const { output, scheduled, tell, run, counted } = setUp()

    for (const port of [1, 2, 3]) tell(port)
    const before = [...output.chunks]
    await run()
    await output.finish()

    expect(before).toEqual([])
    expect(output.chunks).toEqual(['1 2 3 '])
    expect(scheduled).toEqual([])
    expect(counted()).toEqual([6, 0])
  })

  it('has one chunk under way, and goes on when that is written', async () => {
    const { output, tell, run } = setUp()
    tell(1)
    await run()

    tell(2)
    tell(3)
    await run()
    expect(output.chunks).toEqual(['1 '])

    await output.finish()
    await run()
    expect(output.chunks).toEqual(['1 ', '2 3 '])
  })

  it('loses and counts what does not fit while the output is slow', async () => {
    const { output, tell, run, counted } = setUp()
    tell(1)
    await run()

    for (let port = 2; port <= 10; port += 1) tell(port)
    expect(counted()).toEqual([0, 5])
    await output.finish()
    await run()

    expect(output.chunks).toEqual(['1 ', '2 3 4 5 '])
  })

  it('counts as lost what an output fails to write', async () => {
    const { output, tell, run, counted } = setUp()
    tell(1)
    tell(2)
    await run()

    await output.finish(false)

    expect(counted()).toEqual([0, 2])
  })

  it('waits for an output that is not ready, then writes', async () => {
    const { output, scheduled, tell, run } = setUp()
    output.isReady = false
    tell(1)
    expect(scheduled).toEqual([])

    output.isReady = true
    output.onReady()
    await run()

    expect(output.chunks).toEqual(['1 '])
  })

  it('waits for more to come, but not once there is much', () => {
    const { scheduled, tell } = setUp({ events: 5_000, octets: 100_000 })

    for (let port = 0; port < 1_200; port += 1) tell(port)

    expect(scheduled.map(({ isUrgent }) => isUrgent)).toEqual([false, true])
  })

  it('writes in pieces of a chunk', async () => {
    const { output, tell, run } = setUp({ events: 100, octets: 1_000_000 })
    for (let port = 0; port < 10; port += 1) tell(port, 30_000)

    for (let i = 0; i < 10; i += 1) {
      await run()
      await output.finish()
    }

    expect(output.chunks.map((chunk) => chunk.length)).toEqual([90_006, 90_006, 90_006, 30_002])
  })

  it('opens anew between two chunks', async () => {
    const { conveyor, output, tell, run } = setUp()
    tell(1)
    await run()

    const reopened = conveyor.reopen()
    await turns()
    expect(output.done).toEqual([])
    await output.finish()
    await reopened

    expect(output.done).toEqual(['reopened'])
  })

  it('writes what is there before it opens anew, and what comes meanwhile after', async () => {
    const { conveyor, output, tell, run } = setUp()
    tell(1)

    const reopened = conveyor.reopen()
    await turns()
    tell(2)
    const before = [...output.chunks, ...output.done]
    await output.finish()
    await reopened
    await run()

    expect(before).toEqual(['1 '])
    expect([output.chunks, output.done]).toEqual([['1 ', '2 '], ['reopened']])
  })

  it('writes what is left before it closes', async () => {
    const { conveyor, output, tell } = setUp()
    tell(1)

    const closed = conveyor.close()
    await turns()
    await output.finish()
    await closed

    expect([output.chunks, output.done]).toEqual([['1 '], ['closed']])
  })

  it('closes at once when the output takes nothing', async () => {
    const { conveyor, output, tell } = setUp()
    output.isReady = false
    tell(1)

    await conveyor.close()

    expect([output.chunks, output.done]).toEqual([[], ['closed']])
  })
})
