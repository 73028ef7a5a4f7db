import { describe, expect, it } from 'vitest'
import { dgramBackend, type UdpBackend } from '../../../src/nameserver/udp-backend.ts'
import { openUdpBackend } from '../../../src/nameserver/udp-io.ts'

const other: UdpBackend = { ...dgramBackend, io: 'batch' }

describe('openUdpBackend', () => {
  it('dgram: loads nothing else', async () => {
    const opened = await openUdpBackend('dgram', () => Promise.reject(new Error('loaded')))

    expect(opened).toEqual({ backend: dgramBackend })
  })

  it('batch: where it can be', async () => {
    expect(await openUdpBackend('batch', () => Promise.resolve(other))).toEqual({ backend: other })
  })

  it('batch: dgram where it cannot be, for whatever reason, which is told', async () => {
    const opened = await openUdpBackend('batch', () => Promise.reject(new TypeError('no such machine')))

    expect(opened).toEqual({ backend: dgramBackend, batchProblem: 'no such machine' })
  })
})
