import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { negativeTtlSeconds, serialOf, soaSet, type Soa, withSerial } from '../../../../src/dns/rdata/soa.ts'

const soa: Soa = {
  mname: parseDomainName('ns.example'),
  rname: parseDomainName('hostmaster.example'),
  serial: 4_294_967_295,
  refreshSeconds: 60,
  retrySeconds: 15,
  expireSeconds: 1_209_600,
  minimumSeconds: 15,
  ttlSeconds: 3600,
}

describe('soaSet', () => {
  it('is two names and five numbers (RFC 1035, 3.3.13)', () => {
    const [rdata] = soaSet(soa).rdata

    expect(Buffer.from(rdata!).toString('hex')).toBe(
      [
        '026e73076578616d706c6500',
        '0a686f73746d6173746572076578616d706c6500',
        'ffffffff',
        '0000003c',
        '0000000f',
        '00127500',
        '0000000f',
      ].join(''),
    )
  })

  it('has type 6 and the TTL it was given', () => {
    expect(soaSet(soa)).toMatchObject({ type: 6, ttlSeconds: 3600 })
  })
})

describe('withSerial', () => {
  it.each([
    { name: 'octets', of: (rdata: Uint8Array) => rdata },
    {
      name: 'a Buffer within a larger one',
      of: (rdata: Uint8Array) => Buffer.from([9, ...rdata]).subarray(1),
    },
  ])('moves the serial of $name, and leaves those as they are', ({ of }) => {
    const before = { ...soaSet(soa), rdata: soaSet(soa).rdata.map(of) }
    const moved = withSerial(before, 4_000_000_000)

    expect(serialOf(moved)).toBe(4_000_000_000)
    expect(serialOf(before)).toBe(soa.serial)
    expect(negativeTtlSeconds(moved)).toBe(negativeTtlSeconds(before))
  })
})

describe('negativeTtlSeconds', () => {
  it.each([
    { name: 'the minimum, where it is smaller', ttlSeconds: 3600, minimumSeconds: 15, want: 15 },
    { name: 'the TTL, where it is smaller', ttlSeconds: 5, minimumSeconds: 15, want: 5 },
    { name: 'nothing, where denials are not to be cached', ttlSeconds: 60, minimumSeconds: 0, want: 0 },
  ])('$name (RFC 2308, 5)', ({ ttlSeconds, minimumSeconds, want }) => {
    expect(negativeTtlSeconds(soaSet({ ...soa, ttlSeconds, minimumSeconds }))).toBe(want)
  })
})
