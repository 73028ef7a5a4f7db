import { X509Certificate } from 'node:crypto'
import { TLSSocket, checkServerIdentity, rootCertificates } from 'node:tls'
import type { DetailedPeerCertificate } from 'node:tls'
import { buildConnector } from 'undici'
import type { ClusterAccess } from './access.ts'

/** Longer chains are refused. */
const MAX_CHAIN = 8

/**
 * A connector that accepts a certificate outside its validity period, and nothing else: the chain up to a trusted CA and
 * the name are checked here, because OpenSSL reports only one of several faults and `expired` may hide `not trusted`.
 */
export function lenientConnector(
  options: buildConnector.BuildOptions,
  access: ClusterAccess,
): buildConnector.connector {
  const connect = buildConnector({ ...options, rejectUnauthorized: false })
  const trusted = certificatesOf(access.caPem ?? rootCertificates.join('\n'))
  return (target, done) => {
    connect(target, (...result) => {
      const [error, socket] = result
      if (error !== null) return done(error, null)
      const problem = socket instanceof TLSSocket ? problemOf(socket, target, access, trusted) : undefined
      if (problem === undefined) return done(null, socket)
      socket.destroy()
      return done(Object.assign(new Error(problem), { code: 'CERT_NOT_TRUSTED' }), null)
    })
  }
}

function problemOf(
  socket: TLSSocket,
  target: buildConnector.Options,
  access: ClusterAccess,
  trusted: readonly X509Certificate[],
): string | undefined {
  const peer = socket.getPeerCertificate(true)
  if (!access.skippedChecks.includes('SubjectName')) {
    const name = access.serverName ?? target.servername ?? target.hostname
    const mismatch = checkServerIdentity(name, peer)
    if (mismatch !== undefined) return mismatch.message
  }
  return isTrustedChain(chainOf(peer), trusted) ? undefined : 'the certificate is signed by no trusted CA'
}

/** The certificates that the server sent, its own first. */
function chainOf(peer: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  for (
    let at: DetailedPeerCertificate | undefined = peer;
    at?.raw !== undefined && chain.length < MAX_CHAIN;
  ) {
    chain.push(new X509Certificate(at.raw))
    const next: DetailedPeerCertificate | undefined = at.issuerCertificate
    at = next === at || next?.fingerprint256 === at.fingerprint256 ? undefined : next // a root issues itself
  }
  return chain
}

/** True when each certificate is signed by the next, up to one that is trusted or signed by a trusted one. */
export function isTrustedChain(
  chain: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): boolean {
  for (const [i, certificate] of chain.entries()) {
    if (trusted.some((ca) => ca.fingerprint256 === certificate.fingerprint256)) return true
    if (trusted.some((ca) => isIssuedBy(certificate, ca))) return true
    const issuer = chain[i + 1]
    if (issuer === undefined || !isIssuedBy(certificate, issuer)) return false
  }
  return false
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

/** Split a PEM bundle. @throws Error when one of them is no certificate */
export function certificatesOf(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}
