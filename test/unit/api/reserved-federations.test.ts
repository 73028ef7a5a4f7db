import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomain } from '../../../src/api/domain.ts'
import { whyReserved } from '../../../src/api/reserved-federations.ts'

const CLUSTER = 'has its own meaning in cluster DNS'
const SPECIAL = 'has its own meaning in DNS'
const PUBLIC = 'is a public top-level domain'
const COUNTRY = 'is a top-level domain: two letters are those of countries'

describe('whyReserved', () => {
  const rows: readonly { readonly in: string; readonly want: string | undefined }[] = [
    ...['svc', 'pod', 'cluster', 'local'].map((name) => ({ in: name, want: CLUSTER })),
    ...['localhost', 'onion', 'internal'].map((name) => ({ in: name, want: SPECIAL })),
    ...['com', 'net', 'org', 'arpa', 'dev', 'app', 'cloud', 'info'].map((name) => ({
      in: name,
      want: PUBLIC,
    })),
    ...['io', 'eu', 'uk', 'zz'].map((name) => ({ in: name, want: COUNTRY })),
    { in: 'my.com', want: PUBLIC },
    { in: 'my.io', want: COUNTRY },
    ...['myfederation', 'fed', 'f', 'e1', 'com1', 'svc-1', 'io.fed', 'test', 'example', 'production'].map(
      (name) => ({
        in: name,
        want: undefined,
      }),
    ),
  ]
  it.each(rows)('$in: $want', ({ in: name, want }) => expect(whyReserved(name)).toBe(want))

  it('any two letters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{2}$/), (name) => {
        expect(whyReserved(name)).toBe(COUNTRY)
      }),
    )
  })
})

describe('a Domain of such a name', () => {
  it('is refused, and told what to do', () => {
    const metadata = { namespace: 'kube-federation-system', name: 'dev' }

    expect(parseDomain({ metadata, domain: 'example.com' })).toEqual({
      kind: 'rejected',
      problems: ['metadata.name: "dev" is a public top-level domain: call the federation something else'],
    })
  })
})
