import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { BatchSockets, type BatchSocket } from '../../../../src/nameserver/batch/batch-socket.ts'
import { openLibc } from '../../../../src/nameserver/batch/libc.ts'
import { NativeMemory } from '../../../../src/nameserver/batch/memory.ts'
import { BindError } from '../../../../src/nameserver/bind-failure.ts'
import { canBatch } from './can-batch.ts'

const WANTED = { shared: false, receiveBufferBytes: 200_000 }

describe.runIf(canBatch)('BatchSockets', async () => {
  const libc = await openLibc()
  const sockets = new BatchSockets(libc)
  const opened: BatchSocket[] = []
  afterEach(() => {
    for (const { fd } of opened.splice(0)) sockets.close(fd)
  })

  function open(...args: Parameters<BatchSockets['open']>): BatchSocket {
    const socket = sockets.open(...args)
    opened.push(socket)
    return socket
  }

  function failure(...args: Parameters<BatchSockets['open']>): BindError['failure'] {
    try {
      open(...args)
    } catch (error) {
      if (error instanceof BindError) return error.failure
      throw error
    }
    throw new Error('it opened')
  }

  function option(fd: number, level: number, name: number): number {
    const memory = new NativeMemory(libc, 8)
    memory.view.setUint32(4, 4, true)
    return libc.getsockopt(fd, level, name, memory.at(0), memory.at(4)) === 0
      ? memory.view.getInt32(0, true)
      : NaN
  }

  it.each(['127.0.0.1', '::1'])('finds a free port at %s, and tells it', (host) => {
    const socket = open({ host, port: 0 }, WANTED)

    expect(socket.port).toBeGreaterThan(0)
    expect(failure({ host, port: socket.port }, WANTED)).toEqual({
      host,
      port: socket.port,
      transport: 'udp',
      errno: 'EADDRINUSE',
    })
  })

  it.each([
    { name: 'an address that is not of this machine', host: '192.0.2.1', errno: 'EADDRNOTAVAIL' },
    { name: 'a name', host: 'localhost', errno: 'EINVAL' },
  ])('says so of $name, and leaves nothing open', ({ host, errno }) => {
    const before = readdirSync('/proc/self/fd').length

    expect(failure({ host, port: 5300 }, WANTED)).toEqual({ host, port: 5300, transport: 'udp', errno })
    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  })

  it('shares a port with those who share it, and with nobody else', () => {
    const { port } = open({ host: '127.0.0.1', port: 0 }, { ...WANTED, shared: true })

    open({ host: '127.0.0.1', port }, { ...WANTED, shared: true })

    expect(failure({ host: '127.0.0.1', port }, WANTED).errno).toBe('EADDRINUSE')
  })

  it('an IPv6 wildcard leaves IPv4 to others', () => {
    const { port } = open({ host: '::', port: 0 }, WANTED)

    expect(() => open({ host: '0.0.0.0', port }, WANTED)).not.toThrow()
  })

  it('tells what was granted of the receive buffer', () => {
    const { fd, receiveBufferBytes } = open({ host: '127.0.0.1', port: 0 }, WANTED)

    expect(receiveBufferBytes).toBe(2 * WANTED.receiveBufferBytes) // the kernel's own bookkeeping
    expect(option(fd, 1, 8)).toBe(receiveBufferBytes)
  })

  it.each([
    { host: '127.0.0.1', level: 0, name: 10, what: 'IP_MTU_DISCOVER' },
    { host: '::1', level: 41, name: 23, what: 'IPV6_MTU_DISCOVER' },
  ])('never fragments, and believes no forged path MTU: $what is PROBE', ({ host, level, name }) => {
    const { fd } = open({ host, port: 0 }, WANTED)

    expect(option(fd, level, name)).toBe(3)
  })

  it('opens and closes without a trace', () => {
    const before = readdirSync('/proc/self/fd').length

    for (let i = 0; i < 20; i += 1) sockets.close(sockets.open({ host: '127.0.0.1', port: 0 }, WANTED).fd)

    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  })
})
