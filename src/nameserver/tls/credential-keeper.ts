import { randomBytes } from 'node:crypto'
import {
  SESSION_SECONDS,
  TICKET_KEY_BYTES,
  type CertificatePair,
  type TlsCredentials,
} from './credentials.ts'

/**
 * The credentials of all workers: the newest certificate, and a key for session tickets that is replaced as often as a session
 * ends, and with every certificate, so that a session does not outlive the certificate it was begun under.
 */
export class CredentialKeeper {
  readonly #changed: (credentials: TlsCredentials) => void
  readonly #timer: NodeJS.Timeout
  #credentials: TlsCredentials

  /** @param changed - called with every change after the first */
  constructor(certificate: CertificatePair, changed: (credentials: TlsCredentials) => void) {
    this.#credentials = withNewKeys(certificate)
    this.#changed = changed
    this.#timer = setInterval(() => this.replace(this.#credentials), SESSION_SECONDS * 1000).unref()
  }

  get credentials(): TlsCredentials {
    return this.#credentials
  }

  replace(certificate: CertificatePair): void {
    this.#credentials = withNewKeys(certificate)
    this.#changed(this.#credentials)
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

function withNewKeys({ certPem, keyPem }: CertificatePair): TlsCredentials {
  return { certPem, keyPem, ticketKeys: randomBytes(TICKET_KEY_BYTES) }
}
