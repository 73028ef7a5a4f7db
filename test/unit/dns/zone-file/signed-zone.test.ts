import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { readZoneFile } from '../../../../src/dns/zone-file/read-zone-file.ts'

const PLAIN = [
  '@ 60 SOA ns1 host 1 2 3 4 5',
  '@ 60 NS ns1',
  'ns1 60 A 192.0.2.1',
  '@ 60 DNSKEY 257 3 13 QUJD',
]

describe('a master file that was signed', () => {
  it('is refused where its origin has signatures, with a word on what to do', () => {
    const lines = [...PLAIN, '@ 60 RRSIG SOA 13 2 60 20270101000000 20260101000000 7 @ QUJD']

    expect(readZoneFile(lines.join('\n'), parseDomainName('signed.test'))).toEqual({
      kind: 'broken',
      problems: [
        {
          severity: 'error',
          line: 5,
          message:
            'zone is signed already: serve it as it was before signing, and give its keys with --dnssec-keys',
        },
      ],
    })
  })

  it('keys alone are records like others: another signer may have them (RFC 8901)', () => {
    expect(readZoneFile(PLAIN.join('\n'), parseDomainName('signed.test')).kind).toBe('zone')
  })
})
