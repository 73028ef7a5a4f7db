import type { NameserverOptions } from '../../src/nameserver/server.ts'
import { startTestServer, type TestServer } from './dns-server.ts'
import { makeAuthority, type IssuedCertificate, type TestAuthority } from './test-certificates.ts'

/** A nameserver with encrypted transports, all on free ports of loopback. */
export interface SecureServer extends TestServer {
  readonly tlsPort: number
  readonly httpsPort: number
  /** Its certificate was issued here. */
  readonly authority: TestAuthority
}

let made: Promise<{ readonly authority: TestAuthority; readonly certificate: IssuedCertificate }> | undefined

/** Start with zone lines (dns-lines.ts); the zone is fed.test. */
export async function startSecureServer(
  lines: readonly string[],
  options: Partial<NameserverOptions> = {},
): Promise<SecureServer> {
  made ??= makeAuthority().then(async (authority) => ({ authority, certificate: await authority.issue() }))
  const { authority, certificate } = await made
  const anywhere = [{ host: '127.0.0.1', port: 0 }]
  const server = await startTestServer(['fed.test'], lines, {
    secure: { tls: anywhere, https: anywhere, certificate },
    ...options,
  })
  const { tls, https } = server.nameserver.listeningSecure
  return {
    ...server,
    tlsPort: tls[0]!.port, // one address was asked for
    httpsPort: https[0]!.port,
    authority,
  }
}
