import { readdirSync, readlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findEventLoop } from '../../../../src/nameserver/batch/event-loop.ts'
import { openLibc } from '../../../../src/nameserver/batch/libc.ts'
import { canBatch } from './can-batch.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe.runIf(canBatch)('findEventLoop', async () => {
  const libc = await openLibc()

  it('finds an epoll descriptor, the same each time, and leaves nothing open', async () => {
    const first = await findEventLoop(libc)
    await turn()
    await turn()
    const before = readdirSync('/proc/self/fd').length
    const again = await findEventLoop(libc)
    await turn()
    await turn()

    expect(readlinkSync(`/proc/self/fd/${first}`)).toBe('anon_inode:[eventpoll]')
    expect(again).toBe(first)
    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  })

  it.each([
    {
      name: 'no descriptor watches',
      changed: { epoll_ctl: () => -1 },
      want: 'the event loop of Node cannot be found',
    },
    {
      name: 'what is found is something else',
      changed: { epoll_ctl: (fd: number) => (fd === 0 ? 0 : -1), poll: () => 0 },
      want: 'the event loop of Node does not behave as expected',
    },
    {
      name: 'what is found is never done',
      changed: { epoll_ctl: (fd: number) => (fd === 0 ? 0 : -1), poll: () => 1 },
      want: 'the event loop of Node does not behave as expected',
    },
    {
      name: 'there are no sockets',
      changed: { socketpair: () => -1 },
      want: 'no pair of sockets to find the event loop with',
    },
  ])('says so when $name', async ({ changed, want }) => {
    await expect(findEventLoop({ ...libc, ...changed })).rejects.toThrow(want)
  })
})
