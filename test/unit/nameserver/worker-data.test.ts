import { describe, expect, it } from 'vitest'
import { createCounters } from '../../../src/nameserver/counters.ts'
import type { DnsWorkerData, DnsWorkerMessage, DnsWorkerReport } from '../../../src/nameserver/types.ts'
import { createZoneMemory } from '../../../src/nameserver/zone-store/zone-memory.ts'
import { testKey } from '../../support/tsig-messages.ts'

describe('what crosses between threads', () => {
  it('worker data survives structuredClone, its memory shared, not copied', () => {
    const data: DnsWorkerData = {
      zone: createZoneMemory({ reservedBytes: 2 ** 20, seed: Uint32Array.of(1, 2) }),
      counters: createCounters(1),
      row: 0,
      listen: [{ host: '127.0.0.1', port: 0 }],
      shared: false,
      first: true,
      io: 'dgram',
      tcpLimits: { idleMs: 10_000, connections: 150, connectionsPerSource: 25 },
      identity: { serverId: 'one', version: '1', cookieSecrets: [new Uint8Array(16)] },
      rateLimits: { responsesPerSecond: 200, slip: 2, exempt: ['10.0.0.0/8'] },
      signing: [],
    }

    const clone = structuredClone(data)
    new Uint8Array(data.zone)[100] = 42

    expect(clone).toEqual(data)
    expect(new Uint8Array(clone.zone)[100]).toBe(42)
  })

  it.each<DnsWorkerMessage | DnsWorkerReport>([
    { kind: 'limits', limits: { idleMs: 1 } },
    { kind: 'drain' },
    { kind: 'signing', zones: [] },
    { kind: 'tsig-keys', keys: [testKey()].map((key) => ({ ...key, secret: Uint8Array.from(key.secret) })) },
    { kind: 'stop' },
    { kind: 'listening', listen: [{ host: '::1', port: 53 }], receiveBufferBytes: 1 },
    { kind: 'failed', failure: { host: '::1', port: 53, transport: 'tcp', errno: 'EACCES' } },
  ])('$kind survives structuredClone', (message) => {
    expect(structuredClone(message)).toEqual(message)
  })
})
