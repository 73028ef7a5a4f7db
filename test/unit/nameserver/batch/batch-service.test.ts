import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { BatchService } from '../../../../src/nameserver/batch/batch-service.ts'
import { BATCH, Datagrams } from '../../../../src/nameserver/batch/datagrams.ts'
import { IPV4 } from '../../../../src/nameserver/batch/socket-address.ts'
import { LATER } from '../../../../src/nameserver/control/request-front.ts'
import { createCounters, CounterRow, sumCounters } from '../../../../src/nameserver/counters.ts'
import { Observer } from '../../../../src/nameserver/observe/observer.ts'
import type { ZoneReader } from '../../../../src/nameserver/types.ts'
import { queryBytes } from '../../../support/dns-query.ts'
import { replyOf } from '../../../support/dns-reply.ts'
import { SimulatedKernel, sockaddr, type SendAct } from './simulated-kernel.ts'

const { EAGAIN, EBADF, ECONNREFUSED, EHOSTUNREACH, EINTR, EMSGSIZE, ENOBUFS, EPERM } = constants.errno
const FD = 7

/** Gives the query's id back, in a header alone; says nothing to odd ids. */
const echoEvenIds: ZoneReader = {
  answer(query, length, _client, out) {
    if (length < 12 || (query[1]! & 1) === 1) return 0
    out.fill(0, 0, 12)
    out.set(query.subarray(0, 2))
    out[2] = 0x80
    return 12
  },
}

interface Served {
  readonly kernel: SimulatedKernel
  readonly service: BatchService
  readonly counters: () => Record<string, number>
}

function serving(reader: ZoneReader = echoEvenIds): Served {
  const kernel = new SimulatedKernel()
  const memory = createCounters(1)
  const service = new BatchService({
    ...{ libc: kernel, reader, now: () => 0 },
    socket: { fd: FD, family: IPV4, port: 53, receiveBufferBytes: 0 },
    datagrams: new Datagrams(kernel, IPV4),
    observer: new Observer(new CounterRow(memory, 0), 'udp', { now: () => 0 }),
  })
  return { kernel, service, counters: () => sumCounters(memory) }
}

function ask(kernel: SimulatedKernel, id: number, port = 1000 + id): void {
  kernel.inbox.push({
    data: queryBytes({ ask: 'www.example A', id }),
    address: sockaddr([192, 0, 2, id & 255], port),
  })
}

/** Whom it answered: the id, and the port that the response went to. */
function answered({ sent }: SimulatedKernel): { readonly id: number; readonly port: number }[] {
  return sent.map(({ data, address }) => ({
    id: Buffer.from(data).readUInt16BE(0),
    port: Buffer.from(address).readUInt16BE(2),
  }))
}

describe('a batch', () => {
  it('is answered in order, each response to its sender, in one system call', () => {
    const { kernel, service, counters } = serving()
    for (const id of [2, 4, 6]) ask(kernel, id)

    service.serve()

    expect(answered(kernel)).toEqual([2, 4, 6].map((id) => ({ id, port: 1000 + id })))
    expect(kernel.sendCalls).toEqual([3])
    expect(counters()).toMatchObject({ queries_udp: 3, responses_noerror: 3, dropped: 0 })
  })

  it('leaves out what is not answered', () => {
    const { kernel, service, counters } = serving()
    for (const id of [1, 2, 3, 5, 8, 13, 34]) ask(kernel, id)

    service.serve()

    expect(answered(kernel)).toEqual([2, 8, 34].map((id) => ({ id, port: 1000 + id })))
    expect(kernel.sendCalls).toEqual([3])
    expect(counters()).toMatchObject({ queries_udp: 7, dropped: 4 })
  })

  it('makes no system call when nothing is answered', () => {
    const { kernel, service } = serving()
    ask(kernel, 1)

    service.serve()

    expect(kernel.sendCalls).toEqual([])
  })

  it('of datagrams that no answer can be sent to, or that are none, is dropped', () => {
    const { kernel, service, counters } = serving()
    ask(kernel, 2, 0)
    kernel.inbox.push({ data: new Uint8Array(0), address: sockaddr([192, 0, 2, 1], 5) })
    ask(kernel, 4)

    service.serve()

    expect(answered(kernel).map(({ id }) => id)).toEqual([4])
    expect(counters()).toMatchObject({ queries_udp: 3, dropped: 2, malformed: 1 })
  })

  it('of datagrams that were cut off is dropped', () => {
    const { kernel, service, counters } = serving()
    kernel.lies = { flags: 0x20 }
    ask(kernel, 2)

    service.serve()

    expect(answered(kernel)).toEqual([])
    expect(counters()).toMatchObject({ queries_udp: 1, dropped: 1 })
  })
})

describe('batches', () => {
  it.each([
    { name: 'one that is not full is the last one for now', inbox: BATCH - 1, want: { left: 0, looks: 1 } },
    { name: 'a full one is followed by a look for more', inbox: BATCH, want: { left: 0, looks: 2 } },
    { name: 'after eight it is the turn of others', inbox: 10 * BATCH, want: { left: 2 * BATCH, looks: 8 } },
  ])('$name', ({ inbox, want }) => {
    const { kernel, service } = serving()
    for (let i = 0; i < inbox; i += 1) ask(kernel, 2)
    let looks = 0
    const receive = kernel.recvmmsg.bind(kernel)
    kernel.recvmmsg = (...args) => ((looks += 1), receive(...args))

    service.serve()

    expect({ left: kernel.inbox.length, looks }).toEqual(want)
  })
})

describe('failures to receive', () => {
  it.each([
    { name: 'nothing is there', errno: EAGAIN },
    { name: 'a signal came', errno: EINTR },
    { name: 'an earlier response was refused', errno: ECONNREFUSED },
  ])('$name: for ever', ({ errno }) => {
    const { kernel, service } = serving()
    kernel.receiveErrors.push(...Array.from({ length: 1000 }, () => errno))

    for (let i = 0; i < 1000; i += 1) service.serve()
    ask(kernel, 2)
    service.serve()

    expect(answered(kernel)).toHaveLength(1)
  })

  it('that nothing explains: a hundred in a row end the worker', () => {
    const { kernel, service } = serving()
    kernel.receiveErrors.push(...Array.from({ length: 100 }, () => EBADF))

    for (let i = 0; i < 99; i += 1) service.serve()

    expect(() => service.serve()).toThrow('cannot receive datagrams (errno=9)')
  })

  it('that nothing explains: not when datagrams come in between', () => {
    const { kernel, service } = serving()
    for (let i = 0; i < 300; i += 1) {
      kernel.receiveErrors.push(EBADF)
      service.serve()
      ask(kernel, 2)
      service.serve()
    }

    expect(answered(kernel)).toHaveLength(300)
  })
})

describe('sending', () => {
  const busy: SendAct[] = Array.from({ length: 9 }, () => ({ errno: EAGAIN }))

  it.each<{
    name: string
    acts: SendAct[]
    ids: number[]
    want: { sent: number[]; calls: number[]; counted?: object }
  }>([
    {
      name: 'goes on behind what the kernel took',
      acts: [{ takes: 1 }, { takes: 2 }],
      ids: [2, 4, 6, 8],
      want: { sent: [2, 4, 6, 8], calls: [4, 3, 1] },
    },
    {
      name: 'waits while the kernel takes nothing',
      acts: [{ errno: EAGAIN }, { errno: ENOBUFS }],
      ids: [2, 4],
      want: { sent: [2, 4], calls: [2, 2, 2], counted: { send_queued: 2, dropped: 0 } },
    },
    {
      name: 'drops what the kernel does not take for long, and counts it',
      acts: [{ takes: 1 }, ...busy.slice(0, 5)],
      ids: [2, 4, 6],
      want: { sent: [2], calls: [3, 2, 2, 2, 2, 2], counted: { send_queued: 4, dropped: 2 } },
    },
    {
      name: 'leaves out one that cannot go, and no other',
      acts: [{ takes: 1 }, { errno: EHOSTUNREACH }, { errno: EPERM }],
      ids: [2, 4, 6, 8],
      want: { sent: [2, 8], calls: [4, 3, 2, 1], counted: { dropped: 2 } },
    },
    {
      name: 'sends again what failed for an earlier one, or for a signal',
      acts: [{ errno: ECONNREFUSED }, { errno: EINTR }],
      ids: [2, 4],
      want: { sent: [2, 4], calls: [2, 2, 2], counted: { dropped: 0, send_queued: 0 } },
    },
    {
      name: 'gives a response up that is too long and has no question to be cut down to',
      acts: [{ errno: EMSGSIZE }],
      ids: [2, 4],
      want: { sent: [4], calls: [2, 1], counted: { dropped: 1 } },
    },
  ])('$name', ({ acts, ids, want }) => {
    const { kernel, service, counters } = serving()
    kernel.sendActs.push(...acts)
    for (const id of ids) ask(kernel, id)

    service.serve()

    expect(answered(kernel).map(({ id }) => id)).toEqual(want.sent)
    expect(kernel.sendCalls).toEqual(want.calls)
    expect(counters()).toMatchObject(want.counted ?? {})
  })

  it('what is too long for the interface goes truncated (RFC 9715, 3.1)', () => {
    const question = queryBytes({ ask: 'www.example TXT', id: 6 })
    const long: ZoneReader = {
      answer(_query, _length, _client, out) {
        out.fill(0, 0, 700)
        out.set(question)
        out[2] = 0x84
        out[7] = 1 // one record, as long as the rest
        out.set([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 30], question.length)
        const dataBytes = 700 - question.length - 12
        out.set([dataBytes >> 8, dataBytes & 255], question.length + 10)
        return 700
      },
    }
    const { kernel, service, counters } = serving(long)
    kernel.maxBytes = 600
    ask(kernel, 6)

    service.serve()

    expect(kernel.sent).toHaveLength(1)
    expect(kernel.sent[0]!.data).toHaveLength(question.length)
    expect(replyOf(Buffer.from(kernel.sent[0]!.data))).toMatchObject({
      flags: 'qr aa tc',
      question: 'www.example. TXT',
    })
    expect(counters()).toMatchObject({ dropped: 0 })
  })
})

describe('responses that come later', () => {
  /** Keeps what is needed to answer, and answers nothing now. */
  function delaying(): { reader: ZoneReader; replies: ((message: Uint8Array) => void)[] } {
    const replies: ((message: Uint8Array) => void)[] = []
    return {
      replies,
      reader: {
        answer(query, length, client) {
          const sink = client.replies!.open(query.subarray(0, length), {
            drained: () => {},
            closed: () => {},
          })
          replies.push((message) => void sink.send(message))
          return LATER
        },
      },
    }
  }

  const response = (id: number): Buffer => {
    const bytes = queryBytes({ ask: 'www.example A', id })
    bytes[2] = 0x80
    return bytes
  }

  it('go to whom they belong, whatever came in between', () => {
    const { reader, replies } = delaying()
    const { kernel, service, counters } = serving(reader)
    for (const id of [2, 4]) ask(kernel, id)
    service.serve()
    for (const id of [6, 8, 10]) ask(kernel, id)
    service.serve()

    replies[1]!(response(4))
    replies[0]!(response(2))

    expect(answered(kernel)).toEqual([4, 2].map((id) => ({ id, port: 1000 + id })))
    expect(counters()).toMatchObject({ queries_udp: 2, responses_noerror: 2 })
  })

  it('are lost when the kernel takes nothing, and counted', () => {
    const { reader, replies } = delaying()
    const { kernel, service, counters } = serving(reader)
    ask(kernel, 2)
    service.serve()
    kernel.sendActs.push({ errno: EAGAIN })

    replies[0]!(response(2))

    expect(answered(kernel)).toEqual([])
    expect(counters()).toMatchObject({ dropped: 1 })
  })

  it('are not sent any more once the socket is closed', () => {
    const { reader, replies } = delaying()
    const { kernel, service } = serving(reader)
    ask(kernel, 2)
    service.serve()
    service.close()

    replies[0]!(response(2))

    expect(kernel.sendCalls).toEqual([])
  })
})
