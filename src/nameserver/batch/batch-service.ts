import { constants } from 'node:os'
import { HEADER_BYTES } from '../../dns/protocol.ts'
import { Client } from '../client.ts'
import { DatagramReplies } from '../control/datagram-replies.ts'
import { LATER } from '../control/request-front.ts'
import { COUNTER } from '../counters.ts'
import { nameEnd } from '../observe/question.ts'
import type { Observer } from '../observe/observer.ts'
import { truncate } from '../rate-limit/truncate.ts'
import type { ZoneReader } from '../types.ts'
import type { BatchSocket } from './batch-socket.ts'
import { BATCH, type Datagrams } from './datagrams.ts'
import type { Libc } from './libc.ts'
import { POLLFD, POLLOUT } from './linux.ts'
import { NativeMemory } from './memory.ts'

const { EAGAIN, EINTR, EMSGSIZE, ENOBUFS, ENOMEM, ECONNREFUSED } = constants.errno
/** Batches of one socket before it is another's turn. */
const MAX_BATCHES = 8
/** Looks at a kernel that takes no response before those that are left are dropped. */
const MAX_SEND_TRIES = 4
/** How long each look waits. */
const SEND_WAIT_MS = 1
/** Failures in a row that no traffic explains: then the worker ends and another begins anew. */
const MAX_RECEIVE_FAILURES = 100
const QUESTION_FIXED_BYTES = 4
const TRUNCATED_BIT = 0x02

export interface BatchServiceOptions {
  readonly libc: Libc
  readonly socket: BatchSocket
  /** Of the socket's family; used in one turn after another, so all sockets of a worker share them. */
  readonly datagrams: Datagrams
  readonly reader: ZoneReader
  readonly observer: Observer
  /** Unix time in ms. */
  readonly now: () => number
}

/** Answers what comes in at one socket, batch by batch: the responses in the order of their queries. */
export class BatchService {
  readonly #libc: Libc
  readonly #fd: number
  readonly #datagrams: Datagrams
  readonly #reader: ZoneReader
  readonly #observer: Observer
  readonly #client: Client
  readonly #writable: NativeMemory
  /** The query that is being answered. */
  #current = 0
  #failures = 0
  #isClosed = false

  constructor({ libc, socket, datagrams, reader, observer, now }: BatchServiceOptions) {
    this.#libc = libc
    this.#fd = socket.fd
    this.#datagrams = datagrams
    this.#reader = reader
    this.#observer = observer
    this.#client = new Client(now)
    this.#client.replies = new DatagramReplies({
      ...{ client: this.#client, observer },
      sender: () => this.#laterTo(this.#addressOf(this.#current)),
    })
    this.#writable = new NativeMemory(libc, POLLFD.bytes)
    this.#writable.view.setInt32(POLLFD.fd, socket.fd, true)
    this.#writable.view.setInt16(POLLFD.events, POLLOUT, true)
  }

  /**
   * Answer what has come in, at most MAX_BATCHES batches of it.
   * @throws Error when the socket cannot be read for reasons of its own
   */
  serve(): void {
    for (let batches = 0; batches < MAX_BATCHES; batches += 1) {
      const count = this.#datagrams.receive(this.#fd)
      if (count < 0) this.#cannotReceive()
      if (count <= 0) return
      this.#failures = 0
      this.#send(this.#answer(count))
      if (count < BATCH) return // there were no more
    }
  }

  /** Replies that come later are not sent any more: the descriptor may be another's. */
  close(): void {
    this.#isClosed = true
  }

  /** What a sender did is no failure of the socket: errors of earlier responses show here too. */
  #cannotReceive(): void {
    const errno = this.#libc.errno()
    if (errno === EAGAIN || errno === EINTR || errno === ECONNREFUSED) return
    this.#failures += 1
    if (this.#failures >= MAX_RECEIVE_FAILURES) throw new Error(`cannot receive datagrams (errno=${errno})`)
  }

  /** @returns how many responses there are */
  #answer(count: number): number {
    const datagrams = this.#datagrams
    const client = this.#client
    const { bytes, family, responses } = datagrams
    let ready = 0
    for (let i = 0; i < count; i += 1) {
      this.#current = i
      const length = datagrams.lengthOf(i)
      const query = datagrams.query(i, length)
      const isSound = datagrams.isSound(i)
      client.setOctets(bytes, datagrams.addressAt(i) + family.address, family.addressBytes)
      client.port = datagrams.portOf(i)
      this.#observer.asked(client)
      const out = responses[ready]! // ready <= i
      const written = isSound && client.port !== 0 ? this.#reader.answer(query, length, client, out) : 0
      if (written === LATER) continue
      this.#observer.answered(client, query, length, out, written)
      if (written === 0) continue
      datagrams.address(ready, i, written)
      ready += 1
    }
    return ready
  }

  #send(end: number): void {
    const datagrams = this.#datagrams
    let first = 0
    let tries = 0
    while (first < end) {
      const sent = datagrams.send(this.#fd, first, end)
      if (sent > 0) {
        first += sent
        continue
      }
      const errno = this.#libc.errno()
      switch (errno) {
        case EINTR:
        case ECONNREFUSED: // of an earlier response; this one has not been looked at
        case EAGAIN:
        case ENOBUFS:
        case ENOMEM:
          tries += 1
          if (tries > MAX_SEND_TRIES) return this.#drop(end - first)
          if (errno !== EINTR && errno !== ECONNREFUSED) this.#awaitRoom()
          break
        case EMSGSIZE:
          if (this.#shorten(first)) break
          this.#drop(1)
          first += 1
          break
        default: // no route, forbidden, or an address that is none: this one alone
          this.#drop(1)
          first += 1
      }
    }
  }

  #awaitRoom(): void {
    this.#observer.counters.add(COUNTER.send_queued)
    this.#libc.poll(this.#writable.at(0), 1, SEND_WAIT_MS)
  }

  #drop(count: number): void {
    for (let i = 0; i < count; i += 1) this.#observer.counters.add(COUNTER.dropped)
  }

  /** What does not fit through the interface whole goes truncated (RFC 9715, 3.1). @returns false when there is nothing left to cut */
  #shorten(place: number): boolean {
    const out = this.#datagrams.responses[place]! // a place of a response
    const length = this.#datagrams.responseLength(place)
    const end = nameEnd(out, HEADER_BYTES, length) + QUESTION_FIXED_BYTES
    const hasQuestion = out[4] === 0 && out[5] === 1 && end > QUESTION_FIXED_BYTES && end <= length
    if (!hasQuestion || (out[2]! & TRUNCATED_BIT) !== 0) return false
    this.#datagrams.resize(place, truncate(out, length, end))
    return true
  }

  #addressOf(i: number): Buffer {
    const { bytes, family } = this.#datagrams
    const at = this.#datagrams.addressAt(i)
    return Buffer.from(bytes.subarray(at, at + family.bytes)) // a copy
  }

  #laterTo(address: Buffer): (response: Uint8Array) => void {
    return (response) => {
      const { bytes, responses } = this.#datagrams
      const out = responses[BATCH]! // the place behind the batch
      if (this.#isClosed || response.length > out.length) return
      bytes.set(address, this.#datagrams.addressAt(BATCH))
      out.set(response)
      this.#datagrams.resize(BATCH, response.length)
      if (this.#datagrams.send(this.#fd, BATCH, BATCH + 1) < 1) this.#drop(1) // as the network might; UDP clients ask again
    }
  }
}
