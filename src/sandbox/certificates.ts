// Decorators of the X.509 library read metadata that this makes; it must come first.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { X509Certificate } from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

/** A server's key and certificate, and the certificate that signed it; all PEM. */
export interface ServerCertificate {
  readonly caPem: string
  readonly certPem: string
  readonly keyPem: string
}

/** A certificate authority that lives in this process. */
export interface CertificateAuthority {
  readonly caPem: string
  /** A certificate for 127.0.0.1, ::1 and localhost, valid for ten years. */
  issue(commonName: string): Promise<ServerCertificate>
}

/**
 * Make a certificate authority (EC P-256).
 * @param nowMs - certificates are valid from a day before, so that clocks may differ
 */
export async function newCertificateAuthority(
  commonName: string,
  nowMs: number,
): Promise<CertificateAuthority> {
  const keys = await newKeys()
  const ca = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    ...validity(nowMs),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { caPem: ca.toString('pem'), issue: (name) => issue({ ca, keys, nowMs }, name) }
}

interface Authority {
  readonly ca: X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
  readonly nowMs: number
}

async function issue({ ca, keys, nowMs }: Authority, commonName: string): Promise<ServerCertificate> {
  const serverKeys = await newKeys()
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${commonName}`,
    issuer: ca.subject,
    ...validity(nowMs),
    publicKey: serverKeys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await AuthorityKeyIdentifierExtension.create(keys.publicKey),
      await SubjectKeyIdentifierExtension.create(serverKeys.publicKey),
    ],
  })
  return {
    caPem: ca.toString('pem'),
    certPem: certificate.toString('pem'),
    keyPem: await privateKeyPem(serverKeys.privateKey),
  }
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`
}

function validity(nowMs: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(nowMs - DAY_MS), notAfter: new Date(nowMs + 10 * YEAR_MS) }
}

/** 16 random octets, the first bit clear: a positive number. */
function serialNumber(): string {
  const octets = webcrypto.getRandomValues(new Uint8Array(16))
  octets[0] = (octets[0]! & 0x7f) | 0x01 // 16 octets
  return Buffer.from(octets).toString('hex')
}
