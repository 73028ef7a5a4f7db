import { describe, expect, it } from 'vitest'
import { readZoneFileSources } from '../../../../src/app/zone-files/zone-file-sources.ts'
import { UsageError } from '../../../../src/config/usage-error.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'

const originOf = (origin: string): string | undefined =>
  readZoneFileSources([{ origin, file: 'a.zone' }], undefined)[0]?.origin

function lineOf(...origins: string[]): string {
  try {
    readZoneFileSources(
      origins.map((origin, at) => ({ origin, file: `${at}.zone` })),
      undefined,
    )
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as UsageError).line
  }
  return 'no error'
}

describe('readZoneFileSources', () => {
  it.each([
    { name: 'the final dot may be left out, case does not matter', in: 'Example.COM', want: 'example.com.' },
    { name: 'the root is a zone', in: '.', want: '.' },
    {
      name: 'a zone of part of a network (RFC 2317)',
      in: '0/25.2.0.192.in-addr.arpa',
      want: '0/25.2.0.192.in-addr.arpa.',
    },
    { name: 'a service', in: '_tcp.example.com', want: '_tcp.example.com.' },
    { name: 'an escape stands for its octet', in: 'a\\098c.example', want: 'abc.example.' },
    { name: 'a dot within a label', in: 'a\\.b.example', want: 'a\\046b.example.' },
  ])('takes $name', ({ in: text, want }) => {
    expect(originOf(text)).toBe(want)
  })

  it.each([
    { name: 'an empty label', in: 'example..', want: 'which is no domain name' },
    { name: 'a label in front of which nothing stands', in: '.example', want: 'which is no domain name' },
    { name: 'a label that is too long', in: `${'a'.repeat(64)}.example`, want: 'which is no domain name' },
    { name: 'a name that is too long', in: 'a.'.repeat(130), want: 'which is no domain name' },
    { name: 'half an escape', in: 'a\\0.example', want: 'which is no domain name' },
    { name: 'letters outside of ASCII', in: 'exämple', want: 'as xn--' },
    { name: 'what stands for the origin in a file', in: '@', want: 'which is no domain name' },
  ])('refuses $name', ({ in: text, want }) => {
    expect(lineOf(text)).toContain(`--zone: names the zone ${JSON.stringify(text)}, `)
    expect(lineOf(text)).toContain(want)
  })

  it('refuses a zone that is named twice, however it is written', () => {
    expect(lineOf('example.com', 'example.org', 'EXAMPLE.com.')).toBe(
      '--zone: names the zone example.com. twice, with 0.zone and 2.zone: keep one of them',
    )
  })

  it('knows the zone that a federation writes into', () => {
    const zone = ['example.com', 'example.org'].map((origin) => ({ origin, file: 'a.zone' }))

    expect(readZoneFileSources(zone, parseDomainName('example.org')).map(({ shared }) => shared)).toEqual([
      false,
      true,
    ])
  })
})
