import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NativeMemory } from '../../../../src/nameserver/batch/memory.ts'
import { familyOf, IPV4, IPV6, writeSocketAddress } from '../../../../src/nameserver/batch/socket-address.ts'
import { SimulatedKernel, sockaddr } from './simulated-kernel.ts'

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0)

describe('writeSocketAddress', () => {
  it.each([
    { name: 'IPv4', host: '192.0.2.1', port: 53, want: sockaddr([192, 0, 2, 1], 53) },
    { name: 'the IPv4 wildcard, port 0', host: '0.0.0.0', port: 0, want: sockaddr([0, 0, 0, 0], 0) },
    {
      name: 'IPv6',
      host: '2001:db8::35',
      port: 65_535,
      want: sockaddr([0x20, 1, 0xd, 0xb8, ...zeros(11), 0x35], 65_535),
    },
    {
      name: 'IPv6 in a long spelling',
      host: '2001:DB8:0:0:0:0:0:35',
      port: 1,
      want: sockaddr([0x20, 1, 0xd, 0xb8, ...zeros(11), 0x35], 1),
    },
    { name: 'IPv6 loopback', host: '::1', port: 5300, want: sockaddr([...zeros(15), 1], 5300) },
  ])('writes $name as the C headers have it, over whatever was there', ({ host, port, want }) => {
    const memory = new NativeMemory(new SimulatedKernel(), 64)
    memory.bytes.fill(0xee)

    const isWritten = writeSocketAddress(memory, 8, { host, port })

    expect(isWritten).toBe(true)
    expect(Uint8Array.from(memory.bytes.subarray(8, 8 + want.length))).toEqual(Uint8Array.from(want))
    expect(memory.bytes[8 + want.length]).toBe(0xee)
  })

  it.each([
    { name: 'a name', host: 'localhost' },
    { name: 'an address with a zone', host: 'fe80::1%eth0' },
    { name: 'IPv4 in the clothes of IPv6', host: '::ffff:192.0.2.1' },
    { name: 'nothing', host: '' },
  ])('refuses $name', ({ host }) => {
    const memory = new NativeMemory(new SimulatedKernel(), 64)

    expect(writeSocketAddress(memory, 0, { host, port: 53 })).toBe(false)
  })
})

describe('properties', () => {
  it('every IPv4 and IPv6 address is written into its family', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 65_535 }), (host, port) => {
        const memory = new NativeMemory(new SimulatedKernel(), 64)
        if (!writeSocketAddress(memory, 0, { host, port }))
          return host.startsWith('::ffff:') || host.includes('.')
        const family = host.includes(':') ? IPV6 : IPV4
        expect(familyOf(host)).toBe(family)
        expect(memory.view.getUint16(0, true)).toBe(family === IPV4 ? 2 : 10)
        expect(memory.view.getUint16(2)).toBe(port)
        return true
      }),
    )
  })
})
