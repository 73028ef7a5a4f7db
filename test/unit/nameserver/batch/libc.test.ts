import { describe, expect, it } from 'vitest'
import { openLibc, type Machine } from '../../../../src/nameserver/batch/libc.ts'
import { BatchUnavailable } from '../../../../src/nameserver/batch/unavailable.ts'
import { canBatch } from './can-batch.ts'

describe('openLibc', () => {
  it.each<Machine>([
    { platform: 'darwin', arch: 'arm64' },
    { platform: 'win32', arch: 'x64' },
    { platform: 'linux', arch: 'arm' },
    { platform: 'linux', arch: 's390x' },
  ])('refuses $platform on $arch', async ({ platform, arch }) => {
    const opening = openLibc({ platform, arch })

    await expect(opening).rejects.toThrow(BatchUnavailable)
    await expect(opening).rejects.toThrow(`made for Linux on x64 and arm64, not for ${platform} on ${arch}`)
  })

  it.runIf(canBatch)('calls, and tells why a call failed', async () => {
    const libc = await openLibc()

    expect(libc.close(-1)).toBe(-1)
    expect(libc.errno()).toBe(9)
  })
})
