import { constants, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'

/** A certificate, the certificates that lead from it to its authority behind it, and its key; PEM. */
export interface CertificatePair {
  readonly certPem: string
  readonly keyPem: string
}

/** What a TLS server shows, and what it seals session tickets with: the same in every worker. */
export interface TlsCredentials extends CertificatePair {
  /** TICKET_KEY_BYTES random octets. */
  readonly ticketKeys: Uint8Array
}

export const TICKET_KEY_BYTES = 48

/**
 * How long a session can be taken up again. Whoever learns the key of tickets can read what was said in the sessions of TLS 1.2
 * that it sealed, so the key is replaced as often (RFC 9325, 3.4).
 */
export const SESSION_SECONDS = 3_600

/** With forward secrecy and authenticated encryption alone (RFC 9325, 4.2), the cheapest first; all are allowed in HTTP/2 (RFC 9113, 9.2.2). */
const CIPHERS = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
]

/** How our servers speak TLS: 1.3, else 1.2 (RFC 9325, 3.1), without renegotiation and compression. */
export function secureContextOptions({
  certPem,
  keyPem,
  ticketKeys,
}: TlsCredentials): SecureContextOptions & { readonly ticketKeys: Buffer } {
  return {
    cert: certPem,
    key: keyPem,
    ticketKeys: Buffer.from(ticketKeys),
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS.join(':'),
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    sessionIdContext: 'waypost',
    sessionTimeout: SESSION_SECONDS,
  }
}

/** Why a server could not use a pair. */
export interface CredentialProblem {
  readonly where: 'certificate' | 'key'
  /** What is wrong and what to do, as the end of a sentence that begins with the file. */
  readonly what: string
}

/** What is wrong with a pair; undefined where a server can use it. That it has expired is for clients to judge. */
export function credentialProblem({ certPem, keyPem }: CertificatePair): CredentialProblem | undefined {
  const certificate = attempt(() => new X509Certificate(certPem))
  if (certificate === undefined)
    return { where: 'certificate', what: 'holds no certificate: give one in PEM, its chain behind it' }
  const key = attempt(() => createPrivateKey(keyPem))
  if (key === undefined)
    return { where: 'key', what: 'holds no private key: give one in PEM, without a passphrase' }
  if (!certificate.checkPrivateKey(key))
    return {
      where: 'key',
      what: 'is not the key of the first certificate: give both of one pair',
    }
  return contextProblem({ certPem, keyPem }, key)
}

/** What OpenSSL refuses although both belong together: a key that is too short, a chain that cannot be read. */
function contextProblem(pair: CertificatePair, key: KeyObject): CredentialProblem | undefined {
  try {
    createSecureContext(secureContextOptions({ ...pair, ticketKeys: new Uint8Array(TICKET_KEY_BYTES) }))
    return undefined
  } catch (error) {
    const { reason = 'unknown reason' } = error as { readonly reason?: string } // of OpenSSL, in a few words
    return {
      where: 'certificate',
      what: `cannot be used (${key.asymmetricKeyType ?? 'key'}: ${reason}): give another pair`,
    }
  }
}

/** When the certificate may be shown, in Unix ms. @param certPem - one that credentialProblem() accepts */
export function validityOf({ certPem }: CertificatePair): {
  readonly fromMs: number
  readonly untilMs: number
} {
  const { validFromDate, validToDate } = new X509Certificate(certPem)
  return { fromMs: validFromDate.getTime(), untilMs: validToDate.getTime() }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined // what does not parse is one problem, whatever the parser says
  }
}
