import { describe, expect, it } from 'vitest'
import { primariesOf, readSecondarySources } from '../../../../src/app/secondary/secondary-sources.ts'
import { fixedKeys } from '../../../../src/app/tsig-keys.ts'
import { UsageError } from '../../../../src/config/usage-error.ts'
import type { DomainName } from '../../../../src/dns/names.ts'
import type { TsigKey } from '../../../../src/dns/tsig/keys.ts'

const key: TsigKey = { name: 'xfr.' as DomainName, algorithm: 'hmac-sha256', secret: Uint8Array.of(1) } // checked by eye
const keys = fixedKeys([key])
const at = { host: '192.0.2.1', port: 53 }

describe('readSecondarySources', () => {
  it('takes several primaries of one zone together, in their order', () => {
    const sources = readSecondarySources(
      {
        zone: [],
        secondary: [
          { origin: 'example.com', ...at, key: 'XFR' },
          { origin: 'example.org', ...at },
          { origin: 'Example.COM.', host: '2001:DB8::0:1', port: 5353 },
        ],
      },
      keys,
    )

    expect(sources).toEqual([
      {
        origin: 'example.com.',
        primaries: [
          { ...at, key: expect.any(Function) },
          { host: '2001:db8::1', port: 5353 },
        ],
      },
      { origin: 'example.org.', primaries: [at] },
    ])
    expect(sources[0]?.primaries[0].key?.()).toBe(key)
    expect(primariesOf(sources)).toEqual([
      { key: 'xfr.' },
      { prefix: '2001:db8::1' },
      { prefix: '192.0.2.1' },
    ])
  })

  it.each([
    { name: 'what is no zone', secondary: { origin: 'exa mple', ...at } },
    { name: 'a zone that has a file', secondary: { origin: 'Example.net', ...at } },
    { name: 'a key that is in no file', secondary: { origin: 'example.com', ...at, key: 'other' } },
  ])('refuses $name', ({ secondary }) => {
    const zone = [{ origin: 'example.net.', file: 'zone' }]

    expect(() => readSecondarySources({ zone, secondary: [secondary] }, keys)).toThrow(UsageError)
  })
})
