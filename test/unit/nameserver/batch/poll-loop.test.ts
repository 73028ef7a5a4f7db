import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { PollLoop, type Readable } from '../../../../src/nameserver/batch/poll-loop.ts'
import { SimulatedKernel } from './simulated-kernel.ts'

const EVENT_LOOP = 3
const WAIT_MS = 50

interface Looped {
  readonly kernel: SimulatedKernel
  readonly loop: PollLoop
  /** What waits for the end of the event loop's turn. */
  readonly queue: (() => void)[]
  readonly clock: { nowMs: number }
  /** Descriptors that were served, in order. */
  readonly served: number[]
  /** Ends a turn of the event loop, so many times. */
  turn(times?: number): void
  socket(fd: number): Readable
}

function looped(): Looped {
  const kernel = new SimulatedKernel()
  const queue: (() => void)[] = []
  const clock = { nowMs: 0 }
  const served: number[] = []
  const afterTurn = (callback: () => void): void => void queue.push(callback)
  return {
    ...{ kernel, queue, clock, served },
    loop: new PollLoop({ libc: kernel, eventLoop: EVENT_LOOP, now: () => clock.nowMs, afterTurn }),
    turn(times = 1) {
      for (let i = 0; i < times; i += 1) for (const callback of queue.splice(0)) callback()
    },
    socket: (fd) => ({ fd, serve: () => void served.push(fd) }),
  }
}

const waits = ({ polled }: SimulatedKernel): number[] => polled.map(({ timeoutMs }) => timeoutMs)

describe('PollLoop', () => {
  it('looks at the event loop and at every socket', () => {
    const { kernel, loop, turn, socket } = looped()
    loop.add(socket(7))
    loop.add(socket(8))

    turn()

    expect(kernel.polled).toEqual([{ fds: [EVENT_LOOP, 7, 8], timeoutMs: 0 }])
  })

  it('serves the sockets where something came in, and stays with them', () => {
    const { kernel, loop, turn, socket, served } = looped()
    for (const fd of [7, 8, 9]) loop.add(socket(fd))
    kernel.polls.push([8], [7, 9])

    turn()

    expect(served).toEqual([8, 7, 9])
    expect(kernel.polled).toHaveLength(3)
  })

  it('waits only after some turns of the event loop in which it had nothing to do', () => {
    const { kernel, loop, turn, socket } = looped()
    loop.add(socket(7))

    turn(5)

    expect(waits(kernel)).toEqual([0, 0, 0, 0, WAIT_MS])
  })

  it('does not wait again until the event loop had its turns, as timers may be due', () => {
    const { kernel, loop, turn, socket } = looped()
    loop.add(socket(7))
    turn(5)

    turn(5)

    expect(waits(kernel).slice(5)).toEqual([0, 0, 0, 0, WAIT_MS])
  })

  it('hands over at once when the event loop has something to do, after serving what came in', () => {
    const { kernel, loop, turn, socket, served, queue } = looped()
    loop.add(socket(7))
    turn(4)
    kernel.polls.push([7, EVENT_LOOP])
    kernel.polled.length = 0

    turn()

    expect({ served, polls: kernel.polled.length, waiting: queue.length }).toEqual({
      served: [7],
      polls: 1,
      waiting: 1,
    })
    turn(5)
    expect(waits(kernel)).toEqual([WAIT_MS, 0, 0, 0, 0, WAIT_MS])
  })

  it('goes on waiting while datagrams come', () => {
    const { kernel, loop, turn, socket, served } = looped()
    loop.add(socket(7))
    turn(4)
    kernel.polled.length = 0
    kernel.polls.push([7], [7], [7])

    turn()

    expect(waits(kernel)).toEqual([WAIT_MS, WAIT_MS, WAIT_MS, WAIT_MS])
    expect(served).toEqual([7, 7, 7])
  })

  it('gives the event loop a turn every 4 ms, however much comes in', () => {
    const { kernel, loop, turn, served, clock } = looped()
    loop.add({
      fd: 7,
      serve() {
        served.push(7)
        clock.nowMs += 1
      },
    })
    kernel.polls.push(...Array.from({ length: 100 }, () => [7]))

    turn()
    const first = served.length
    turn()

    expect([first, served.length]).toEqual([4, 8])
  })

  it('a signal is no error', () => {
    const { kernel, loop, turn, socket, served } = looped()
    loop.add(socket(7))
    kernel.polls.push({ errno: constants.errno.EINTR }, [7])

    turn(2)

    expect(served).toEqual([7])
  })

  it('ends the worker when it cannot wait', () => {
    const { kernel, loop, turn, socket } = looped()
    loop.add(socket(7))
    kernel.polls.push({ errno: constants.errno.EFAULT })

    expect(turn).toThrow('cannot wait for datagrams (errno=14)')
  })

  it('ends the worker when a descriptor is no longer open', () => {
    const { kernel, loop, turn, socket } = looped()
    loop.add(socket(7))
    kernel.poll = (entries, count, timeoutMs) => {
      SimulatedKernel.prototype.poll.call(kernel, entries, count, timeoutMs)
      kernel.say(entries + 8n, 0x20)
      return 1
    }

    expect(turn).toThrow('a socket was closed by somebody else')
  })

  it('looks no more at a socket that was removed, and ends with the last one', () => {
    const { kernel, loop, turn, socket, queue } = looped()
    const [one, two] = [socket(7), socket(8)]
    loop.add(one)
    loop.add(two)
    turn()
    loop.remove(one)
    turn()
    loop.remove(two)
    turn()

    expect(kernel.polled.map(({ fds }) => fds)).toEqual([
      [EVENT_LOOP, 7, 8],
      [EVENT_LOOP, 8],
    ])
    expect(queue).toEqual([])
  })

  it('begins again with a socket that comes after the last one went', () => {
    const { loop, turn, socket, queue } = looped()
    const one = socket(7)
    loop.add(one)
    loop.remove(one)
    turn()

    loop.add(socket(8))

    expect(queue).toHaveLength(1)
  })
})
