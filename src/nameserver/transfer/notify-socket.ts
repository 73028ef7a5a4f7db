import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { NotifySocket, NotifyTarget } from './notifier.ts'

/** Messages that may wait for a socket to open. */
const MAX_WAITING = 256
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/**
 * From which of our addresses a target is told: one that we answer at, since that is where it knows us; the system chooses where
 * none is of its kind.
 * @param own - addresses that are listened on, wildcards among them
 */
export function sourceFor(target: string, own: readonly string[]): string | undefined {
  return own.find(
    (host) =>
      !WILDCARDS.has(host) && isIPv6(host) === isIPv6(target) && (isLoopback(target) || !isLoopback(host)),
  )
}

function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.')
}

/**
 * A UDP socket that is connected: the kernel takes nothing in that comes from elsewhere. What cannot be sent is lost, as
 * datagrams may be; the next try has a new socket if there was no way for the one before.
 * @param from - our address; undefined: the system chooses
 */
export function openNotifySocket(
  target: NotifyTarget,
  from: string | undefined,
  received: (message: Uint8Array) => void,
): NotifySocket {
  let current: Connecting | undefined
  return {
    send(message) {
      current = current?.isUsable === true ? current : new Connecting(target, from, received)
      current.send(message)
    },
    close() {
      current?.close()
    },
  }
}

class Connecting {
  readonly #socket: Socket
  #waiting: Uint8Array[] | undefined = []
  isUsable = true

  constructor(
    { host, port }: NotifyTarget,
    from: string | undefined,
    received: (message: Uint8Array) => void,
  ) {
    this.#socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    this.#socket.on('message', received)
    this.#socket.on('error', () => {
      if (this.#waiting !== undefined) this.close() // there is no way; else nobody listens, which shows as silence
    })
    this.#socket.bind({ port: 0, exclusive: true, ...(from === undefined ? {} : { address: from }) }, () => {
      if (this.isUsable) this.#socket.connect(port, host, () => this.#flush())
    })
    this.#socket.unref()
  }

  send(message: Uint8Array): void {
    if (this.#waiting === undefined) this.#socket.send(message)
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(message)
  }

  close(): void {
    if (!this.isUsable) return
    this.isUsable = false
    this.#socket.close()
  }

  #flush(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    if (this.isUsable) for (const message of waiting) this.#socket.send(message)
  }
}
