import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface IssuedCertificate {
  readonly certPem: string
  readonly keyPem: string
}

export interface LeafOptions {
  readonly commonName?: string
  readonly ips?: readonly string[]
  readonly names?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** A certificate authority for tests; keys are EC P-256 and live in memory only. */
export interface TestAuthority {
  readonly certPem: string
  issue(options?: LeafOptions): Promise<IssuedCertificate>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 24 * 60 * 60 * 1000

/** Make an authority whose certificates are valid from yesterday to tomorrow unless told otherwise. */
export async function makeAuthority(commonName = 'test authority'): Promise<TestAuthority> {
  const keys = await newKeys()
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${commonName}`,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  })
  let serial = 1
  return {
    certPem: authority.toString('pem'),
    issue: async (options = {}) => {
      const leafKeys = await newKeys()
      serial += 1
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(4, '0'),
        subject: `CN=${options.commonName ?? 'localhost'}`,
        issuer: authority.subject,
        notBefore: options.notBefore ?? new Date(Date.now() - DAY_MS),
        notAfter: options.notAfter ?? new Date(Date.now() + DAY_MS),
        signingAlgorithm: ALGORITHM,
        signingKey: keys.privateKey,
        publicKey: leafKeys.publicKey,
        extensions: [namesExtension(options)],
      })
      return { certPem: leaf.toString('pem'), keyPem: await exportKey(leafKeys.privateKey) }
    },
  }
}

function namesExtension({ ips = ['127.0.0.1'], names = ['localhost'] }: LeafOptions): x509.Extension {
  return new x509.SubjectAlternativeNameExtension([
    ...ips.map((value) => ({ type: 'ip' as const, value })),
    ...names.map((value) => ({ type: 'dns' as const, value })),
  ])
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${bytes.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
}
