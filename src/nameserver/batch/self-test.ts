import { BindError } from '../bind-failure.ts'
import type { BatchSocket, BatchSockets } from './batch-socket.ts'
import type { Datagrams } from './datagrams.ts'
import type { Libc } from './libc.ts'
import { POLLFD, POLLIN } from './linux.ts'
import { NativeMemory } from './memory.ts'
import { IPV4, IPV6, writeSocketAddress, type Family } from './socket-address.ts'
import { BatchUnavailable } from './unavailable.ts'

export interface SelfTestOptions {
  readonly libc: Libc
  readonly sockets: BatchSockets
  readonly datagramsOf: (family: Family) => Datagrams
}

/** Octets of the datagrams that go there; the empty one is not answered, as a query would not be. */
const SIZES = [12, 0, 1, 93, 512, 1232, 300] as const
const WAIT_MS = 1_000
const RECEIVE_BUFFER_BYTES = 65_536
/** What a machine says that does not have a family, or no loopback in it. */
const ABSENT: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT'])

/**
 * Send datagrams over loopback, through all that serves queries later, and look at every octet: over both families, or the
 * one that the machine has.
 * @throws BatchUnavailable at the first surprise; no socket stays open
 */
export function selfTest(options: SelfTestOptions): void {
  const tried = [
    { host: '127.0.0.1', family: IPV4 },
    { host: '::1', family: IPV6 },
  ].filter(({ host, family }) => isWell(options, host, family))
  if (tried.length === 0) throw new BatchUnavailable('no loopback address to try it at')
}

/** @returns false when the machine lacks the family */
function isWell(options: SelfTestOptions, host: string, family: Family): boolean {
  const { sockets } = options
  const open = (): BatchSocket =>
    sockets.open({ host, port: 0 }, { shared: false, receiveBufferBytes: RECEIVE_BUFFER_BYTES })
  const opened: BatchSocket[] = []
  try {
    const [server, client] = [open(), open()].map((socket) => (opened.push(socket), socket)) as [
      BatchSocket,
      BatchSocket,
    ]
    new Trial(options, { host, family, server, client }).run()
    return true
  } catch (error) {
    if (!(error instanceof BindError)) throw error
    if (ABSENT.has(error.failure.errno)) return false
    throw new BatchUnavailable(`no socket at ${host}: ${error.failure.errno}`)
  } finally {
    for (const { fd } of opened) sockets.close(fd)
  }
}

interface Pair {
  readonly host: string
  readonly family: Family
  readonly server: BatchSocket
  readonly client: BatchSocket
}

class Trial {
  readonly #libc: Libc
  readonly #datagrams: Datagrams
  readonly #pair: Pair
  readonly #scratch: NativeMemory

  constructor({ libc, datagramsOf }: SelfTestOptions, pair: Pair) {
    this.#libc = libc
    this.#pair = pair
    this.#datagrams = datagramsOf(pair.family)
    this.#scratch = new NativeMemory(libc, POLLFD.bytes + pair.family.bytes)
  }

  run(): void {
    const { server, client } = this.#pair
    this.#ask()
    const answered = SIZES.filter((size) => size > 0)
    this.#read(server, { sizes: SIZES, from: client, flip: 0 }, (i, length, ready) => {
      if (length === 0) return false
      this.#fill(ready, length, 0xff)
      this.#datagrams.address(ready, i, length)
      return true
    })
    this.#read(client, { sizes: answered, from: server, flip: 0xff }, () => false)
  }

  #ask(): void {
    const { host, server, client } = this.#pair
    const datagrams = this.#datagrams
    const address = POLLFD.bytes
    if (!writeSocketAddress(this.#scratch, address, { host, port: server.port }))
      this.#fail('wrote no address')
    SIZES.forEach((size, place) => {
      this.#scratch.bytes.copy(datagrams.bytes, datagrams.addressAt(place), address)
      datagrams.address(place, place, size)
      this.#fill(place, size, 0)
    })
    if (datagrams.send(client.fd, 0, SIZES.length) !== SIZES.length) this.#fail('sent less than it should')
  }

  /** Reads until all have come, and sends what `answer` made of each batch. */
  #read(
    socket: BatchSocket,
    {
      sizes,
      from,
      flip,
    }: { readonly sizes: readonly number[]; readonly from: BatchSocket; readonly flip: number },
    answer: (i: number, length: number, ready: number) => boolean,
  ): void {
    let seen = 0
    while (seen < sizes.length) {
      this.#await(socket)
      const count = this.#datagrams.receive(socket.fd)
      if (count <= 0 || seen + count > sizes.length) this.#fail(`received ${count} datagrams`)
      let ready = 0
      for (let i = 0; i < count; i += 1) {
        this.#check(i, sizes[seen + i]!, { from, flip }) // as many as are expected
        if (answer(i, sizes[seen + i]!, ready)) ready += 1
      }
      if (ready > 0 && this.#datagrams.send(socket.fd, 0, ready) !== ready)
        this.#fail('sent less than it should')
      seen += count
    }
  }

  #await({ fd }: BatchSocket): void {
    this.#scratch.view.setInt32(POLLFD.fd, fd, true)
    this.#scratch.view.setInt16(POLLFD.events, POLLIN, true)
    if (this.#libc.poll(this.#scratch.at(0), 1, WAIT_MS) !== 1) this.#fail('lost a datagram')
    if (this.#scratch.view.getInt16(POLLFD.revents, true) !== POLLIN) this.#fail('misunderstood poll')
  }

  #check(
    i: number,
    size: number,
    { from, flip }: { readonly from: BatchSocket; readonly flip: number },
  ): void {
    const datagrams = this.#datagrams
    const length = datagrams.lengthOf(i)
    if (length !== size) this.#fail(`received ${length} octets for ${size}`)
    if (!datagrams.isSound(i) || datagrams.portOf(i) !== from.port) this.#fail('received from a wrong sender')
    const { address, addressBytes } = this.#pair.family
    for (let at = address; at < address + addressBytes; at += 1) {
      if (datagrams.bytes[datagrams.addressAt(i) + at] !== this.#scratch.bytes[POLLFD.bytes + at])
        this.#fail('received from a wrong address')
    }
    const octets = datagrams.query(i, length)
    for (let at = 0; at < length; at += 1) {
      if (octets[at] !== (pattern(size, at) ^ flip)) this.#fail('received wrong octets')
    }
  }

  #fill(place: number, size: number, flip: number): void {
    const out = this.#datagrams.responses[place]! // fewer than a batch
    for (let at = 0; at < size; at += 1) out[at] = pattern(size, at) ^ flip
  }

  #fail(what: string): never {
    throw new BatchUnavailable(`the test over ${this.#pair.host} ${what}`)
  }
}

/** Octets that differ from datagram to datagram. */
function pattern(size: number, at: number): number {
  return (size * 31 + at * 7 + 1) & 0xff
}
