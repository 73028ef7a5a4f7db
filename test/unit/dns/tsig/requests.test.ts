import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TSIG_ALGORITHMS } from '../../../../src/dns/tsig/algorithms.ts'
import { signRequest } from '../../../../src/dns/tsig/client.ts'
import { checkRequest } from '../../../../src/dns/tsig/requests.ts'
import { queryBytes } from '../../../support/dns-query.ts'
import { NOW_SECONDS, ring, signedBy, testKey } from '../../../support/tsig-messages.ts'
import { SIGNED_QUERIES, SIGNED_TRANSFER } from '../../../support/tsig-vectors.ts'

const query = queryBytes({ ask: 'www.example.com A', edns: {} })

describe('checkRequest', () => {
  it.each(SIGNED_QUERIES)('knows the signature of $name', ({ algorithm, nowSeconds, hex }) => {
    const message = Buffer.from(hex, 'hex')

    const checked = checkRequest(message, ring(testKey(algorithm)), nowSeconds)

    expect(checked.kind).toBe('signed')
    const plain = queryBytes({ ask: 'www.example.com A', id: message.readUInt16BE(0), flags: 0x0120 })
    if (checked.kind === 'signed') expect(Buffer.from(checked.message)).toEqual(plain)
  })

  it('is the octets that dig signs a request with', () => {
    const signed = Buffer.from(SIGNED_TRANSFER.request, 'hex')
    const plain = queryBytes({ ask: 'v.test AXFR', id: 0xd93a, flags: 0x20 })

    const { request } = signRequest(plain, testKey(), SIGNED_TRANSFER.nowSeconds)

    expect(Buffer.from(request)).toEqual(signed)
  })

  it('passes over a message without a signature', () => {
    expect(checkRequest(query, ring(testKey()), NOW_SECONDS)).toEqual({ kind: 'unsigned' })
  })
})

describe('properties', () => {
  const algorithms = fc.constantFrom(...TSIG_ALGORITHMS)

  it('what is signed verifies, and is what it was', () => {
    fc.assert(
      fc.property(algorithms, fc.nat(0xffff), fc.integer({ min: -300, max: 300 }), (algorithm, id, skew) => {
        const key = testKey(algorithm)
        const message = queryBytes({ ask: 'Www.example.com TXT', id, edns: {} })

        const checked = checkRequest(
          signRequest(message, key, NOW_SECONDS + skew).request,
          ring(key),
          NOW_SECONDS,
        )

        expect(checked).toMatchObject({ kind: 'signed', key })
        if (checked.kind === 'signed') expect(Buffer.from(checked.message)).toEqual(message)
      }),
    )
  })

  it('no bit of a signed message can be turned, but those of its id and of case in the names of key and algorithm', () => {
    fc.assert(
      fc.property(algorithms, fc.nat(), (algorithm, at) => {
        const key = testKey(algorithm)
        const { request } = signRequest(query, key, NOW_SECONDS)
        const bit = at % (request.length * 8)
        const turned = Uint8Array.from(request)
        turned[bit >> 3]! ^= 1 << (bit & 7)
        const isId = bit < 16
        const isCase = 1 << (bit & 7) === 0x20 && bit >> 3 >= query.length

        const { kind } = checkRequest(turned, ring(key), NOW_SECONDS)

        fc.pre(!isCase)
        expect(kind === 'signed').toBe(isId)
      }),
      { numRuns: 2_000 },
    )
  })

  it('any octets are judged without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(600), fc.nat(255), (junk, at, value) => {
        const message = Uint8Array.from(signedBy(testKey(), query, { other: junk }))
        message[at % message.length] = value

        expect(['signed', 'refused', 'unsigned']).toContain(
          checkRequest(message, ring(testKey()), NOW_SECONDS).kind,
        )
        expect(['refused', 'unsigned']).toContain(checkRequest(junk, ring(testKey()), NOW_SECONDS).kind)
      }),
    )
  })
})
