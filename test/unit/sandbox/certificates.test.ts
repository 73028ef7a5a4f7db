import { X509Certificate, createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newCertificateAuthority } from '../../../src/sandbox/certificates.ts'

const NOW_MS = Date.parse('2026-06-01T00:00:00Z')

describe('newCertificateAuthority', () => {
  it('issues certificates that it signed, for the loopback names, with their key', async () => {
    const authority = await newCertificateAuthority('test authority', NOW_MS)
    const { caPem, certPem, keyPem } = await authority.issue('member-1')
    const ca = new X509Certificate(caPem)
    const certificate = new X509Certificate(certPem)

    expect(caPem).toBe(authority.caPem)
    expect([ca.ca, certificate.ca]).toEqual([true, false])
    expect(certificate.checkIssued(ca)).toBe(true)
    expect(certificate.verify(ca.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true)
    expect([
      certificate.checkHost('localhost'),
      certificate.checkIP('127.0.0.1'),
      certificate.checkIP('::1'),
    ]).toEqual(['localhost', '127.0.0.1', '::1'])
    expect(certificate.checkHost('example.com')).toBeUndefined()
  })

  it('are valid from a day before the clock, for ten years', async () => {
    const { issue } = await newCertificateAuthority('test authority', NOW_MS)
    const certificate = new X509Certificate((await issue('x')).certPem)

    expect(Date.parse(certificate.validFrom)).toBe(NOW_MS - 86_400_000)
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(NOW_MS + 9 * 365 * 86_400_000)
  })

  it('two of them share neither key nor serial number', async () => {
    const authority = await newCertificateAuthority('test authority', NOW_MS)
    const [first, second] = [await authority.issue('a'), await authority.issue('b')]

    expect(first.keyPem).not.toBe(second.keyPem)
    expect(new X509Certificate(first.certPem).serialNumber).not.toBe(
      new X509Certificate(second.certPem).serialNumber,
    )
  })
})
