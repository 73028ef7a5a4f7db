import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { NotifySocket, NotifyTarget } from './notifier.ts'

/** Messages that may wait for a socket to open. */
const MAX_WAITING = 256

/**
 * A UDP socket that is connected: the kernel takes nothing in that comes from elsewhere. What cannot be sent is lost, as
 * datagrams may be; the next try has a new socket if there was no way for the one before.
 */
export function openNotifySocket(
  { host, port }: NotifyTarget,
  received: (message: Uint8Array) => void,
): NotifySocket {
  let current: Connecting | undefined
  return {
    send(message) {
      current = current?.isUsable === true ? current : new Connecting(host, port, received)
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

  constructor(host: string, port: number, received: (message: Uint8Array) => void) {
    this.#socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    this.#socket.on('message', received)
    this.#socket.on('error', () => {
      if (this.#waiting !== undefined) this.close() // there is no way; else nobody listens, which shows as silence
    })
    this.#socket.connect(port, host, () => {
      const waiting = this.#waiting ?? []
      this.#waiting = undefined
      if (this.isUsable) for (const message of waiting) this.#socket.send(message)
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
}
