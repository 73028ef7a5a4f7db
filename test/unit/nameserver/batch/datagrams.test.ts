import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BATCH, Datagrams } from '../../../../src/nameserver/batch/datagrams.ts'
import { IPV4, IPV6, type Family } from '../../../../src/nameserver/batch/socket-address.ts'
import { SimulatedKernel, sockaddr, type Travelling } from './simulated-kernel.ts'

const FD = 7
const V4 = [192, 0, 2, 1]
const V6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]

function made(family: Family): { kernel: SimulatedKernel; datagrams: Datagrams } {
  const kernel = new SimulatedKernel()
  return { kernel, datagrams: new Datagrams(kernel, family) }
}

const datagram = (data: Uint8Array, address: readonly number[] = V4, port = 4000): Travelling => ({
  data,
  address: sockaddr(address, port),
})

/** Octets of a received datagram, as serving sees them. */
function octets(datagrams: Datagrams, i: number): number[] {
  const length = datagrams.lengthOf(i)
  return [...datagrams.query(i, length).subarray(0, length)]
}

describe('receive', () => {
  it.each([
    { name: 'IPv4', family: IPV4, address: V4 },
    { name: 'IPv6', family: IPV6, address: V6 },
  ])('finds each datagram with its sender ($name)', ({ family, address }) => {
    const { kernel, datagrams } = made(family)
    const sizes = [12, 0, 1, 128, 129, 1232, 1233, 65_507]
    for (const [i, size] of sizes.entries())
      kernel.inbox.push(datagram(Buffer.alloc(size, i + 1), address, 1000 + i))

    const count = datagrams.receive(FD)

    expect(count).toBe(sizes.length)
    for (const [i, size] of sizes.entries()) {
      const at = datagrams.addressAt(i) + family.address
      expect(octets(datagrams, i)).toEqual(Array.from({ length: size }, () => i + 1))
      expect([...datagrams.bytes.subarray(at, at + family.addressBytes)]).toEqual(address)
      expect(datagrams.portOf(i)).toBe(1000 + i)
      expect(datagrams.isSound(i)).toBe(true)
    }
  })

  it('takes no more than a batch at once', () => {
    const { kernel, datagrams } = made(IPV4)
    for (let i = 0; i < BATCH + 3; i += 1) kernel.inbox.push(datagram(Uint8Array.of(i)))

    expect([datagrams.receive(FD), datagrams.receive(FD), datagrams.receive(FD)]).toEqual([BATCH, 3, -1])
  })

  it.each([
    { name: 'one that was cut off', lies: { flags: 0x20 } },
    { name: 'one without an address', lies: { nameLength: 0 } },
    { name: 'one with a longer address', lies: { nameLength: 28 } },
  ])('$name is not sound; what comes into its place after it is', ({ lies }) => {
    const { kernel, datagrams } = made(IPV4)
    kernel.inbox.push(datagram(Uint8Array.of(1)))
    kernel.lies = lies
    datagrams.receive(FD)
    const before = datagrams.isSound(0)

    kernel.inbox.push(datagram(Uint8Array.of(2), [198, 51, 100, 7]))
    kernel.lies = {}
    datagrams.receive(FD)

    expect([before, datagrams.isSound(0)]).toEqual([false, true])
    expect(datagrams.bytes.readUInt32BE(datagrams.addressAt(0) + IPV4.address)).toBe(0xc6336407)
  })

  it('an address of another family is not sound', () => {
    const { kernel, datagrams } = made(IPV6)
    kernel.inbox.push({ data: Uint8Array.of(1), address: Buffer.concat([sockaddr(V4, 1), Buffer.alloc(12)]) })
    datagrams.receive(FD)

    expect(datagrams.isSound(0)).toBe(false)
  })

  it('believes no count above a batch, and no length above its memory', () => {
    const { kernel, datagrams } = made(IPV4)
    kernel.inbox.push(datagram(Uint8Array.of(1)), datagram(Uint8Array.of(1)))
    kernel.lies = { count: BATCH + 1 }
    const count = datagrams.receive(FD)
    kernel.inbox.push(datagram(Uint8Array.of(1)))
    kernel.lies = { length: 0xffff_ffff }
    datagrams.receive(FD)

    expect([count, datagrams.lengthOf(0)]).toEqual([-1, 0])
  })
})

describe('send', () => {
  it.each([
    { name: 'IPv4', family: IPV4, address: V4 },
    { name: 'IPv6', family: IPV6, address: V6 },
  ])(
    'a response goes to the sender of its query, also from an earlier place ($name)',
    ({ family, address }) => {
      const { kernel, datagrams } = made(family)
      for (let i = 0; i < 4; i += 1) kernel.inbox.push(datagram(Uint8Array.of(i), address, 1000 + i))
      datagrams.receive(FD)

      for (const [place, i] of [1, 3].entries()) {
        datagrams.responses[place]!.fill(i, 0, 5)
        datagrams.address(place, i, 5)
      }
      const count = datagrams.send(FD, 0, 2)

      expect(count).toBe(2)
      expect(kernel.sent).toEqual(
        [1, 3].map((i) => ({
          data: Uint8Array.from(Buffer.alloc(5, i)),
          address: Uint8Array.from(sockaddr(address, 1000 + i)),
        })),
      )
    },
  )

  it('goes on where it was told to', () => {
    const { kernel, datagrams } = made(IPV4)
    for (let i = 0; i < 3; i += 1) kernel.inbox.push(datagram(Uint8Array.of(i), V4, 1000 + i))
    datagrams.receive(FD)
    for (let i = 0; i < 3; i += 1) {
      datagrams.responses[i]![0] = i
      datagrams.address(i, i, 1)
    }

    datagrams.send(FD, 2, 3)

    expect(kernel.sent.map(({ data }) => data[0])).toEqual([2])
  })

  it('one more than a batch can be sent: what is answered later', () => {
    const { kernel, datagrams } = made(IPV4)
    datagrams.bytes.set(sockaddr(V4, 99), datagrams.addressAt(BATCH))
    datagrams.responses[BATCH]!.fill(3, 0, 2)
    datagrams.resize(BATCH, 2)

    expect(datagrams.send(FD, BATCH, BATCH + 1)).toBe(1)
    expect(kernel.sent).toEqual([{ data: Uint8Array.of(3, 3), address: Uint8Array.from(sockaddr(V4, 99)) }])
  })
})

describe('properties', () => {
  it('any datagrams come in as they are, in order, over any that were there before', () => {
    const { kernel, datagrams } = made(IPV4)
    const some = fc.array(fc.uint8Array({ maxLength: 2000 }), { minLength: 1, maxLength: BATCH })
    fc.assert(
      fc.property(some, (batch) => {
        kernel.inbox.push(...batch.map((data) => datagram(data)))

        const count = datagrams.receive(FD)

        expect(Array.from({ length: count }, (_, i) => octets(datagrams, i))).toEqual(
          batch.map((data) => [...data]),
        )
      }),
    )
  })

  it('a view of a query is as long as it, or, where it is longer than usual, at least so', () => {
    const { datagrams } = made(IPV4)
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: BATCH - 1 }),
        fc.integer({ min: 0, max: 65_507 }),
        (i, length) => {
          const view = datagrams.query(i, length).length
          expect(length <= 512 ? view === length : view >= length).toBe(true)
          expect(length > 1232 || view <= 1232).toBe(true) // or it would not be answered in place
          expect(datagrams.query(i, length)).toBe(datagrams.query(i, length))
        },
      ),
    )
  })
})
