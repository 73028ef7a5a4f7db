import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { datagramsByFamily } from '../../../../src/nameserver/batch/batch-backend.ts'
import { BatchSockets } from '../../../../src/nameserver/batch/batch-socket.ts'
import { openLibc, type Libc } from '../../../../src/nameserver/batch/libc.ts'
import { selfTest } from '../../../../src/nameserver/batch/self-test.ts'
import { BatchUnavailable } from '../../../../src/nameserver/batch/unavailable.ts'
import { canBatch } from './can-batch.ts'

describe.runIf(canBatch)('selfTest', async () => {
  const libc = await openLibc()

  /** Why the test is not passed; undefined when it is. */
  function verdict(changed: Partial<Libc>, socketsLibc: Partial<Libc> = {}): string | undefined {
    const tested = { ...libc, ...changed }
    try {
      selfTest({
        ...{ libc: tested, sockets: new BatchSockets({ ...libc, ...socketsLibc }) },
        datagramsOf: datagramsByFamily(tested),
      })
      return undefined
    } catch (error) {
      if (error instanceof BatchUnavailable) return error.message
      throw error
    }
  }

  it('is passed by this machine, and leaves nothing open', () => {
    const before = readdirSync('/proc/self/fd').length

    expect(verdict({})).toBeUndefined()
    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  })

  it.each<{ name: string; changed: Partial<Libc>; want: string }>([
    {
      name: 'fewer datagrams are sent than there are',
      changed: { sendmmsg: (fd, headers, count, flags) => libc.sendmmsg(fd, headers, count - 1, flags) },
      want: 'sent less than it should',
    },
    {
      name: 'a datagram is lost',
      changed: { sendmmsg: (fd, headers, count, flags) => libc.sendmmsg(fd, headers, count - 1, flags) + 1 },
      want: 'lost a datagram',
    },
    {
      name: 'lengths stand elsewhere',
      changed: {
        recvmmsg: (fd, headers, count, flags, timeout) =>
          libc.recvmmsg(fd, headers + 64n, count - 1, flags, timeout),
      },
      want: 'received 0 octets for 12',
    },
    {
      name: 'more is said to be received than was sent',
      changed: { recvmmsg: (...args) => libc.recvmmsg(...args) + 9 },
      want: 'received 16 datagrams',
    },
    {
      name: 'nothing can be received',
      changed: { recvmmsg: () => -1 },
      want: 'received -1 datagrams',
    },
  ])(
    'is not passed when $name',
    ({ changed, want }) => {
      const before = readdirSync('/proc/self/fd').length

      expect(verdict(changed)).toBe(`the test over 127.0.0.1 ${want}`)
      expect(readdirSync('/proc/self/fd')).toHaveLength(before)
    },
    10_000,
  )

  it('is not passed where no socket can be had', () => {
    expect(verdict({}, { socket: () => -1 })).toMatch(/^no socket at 127\.0\.0\.1: /)
  })
})
