import type { ControllerConfig, DnsConfig } from '../config/config.ts'
import { UsageError } from '../config/usage-error.ts'
import { describeError } from '../errors.ts'
import type { Nameserver, NameserverOptions } from '../nameserver/server.ts'
import { validityOf, type CertificatePair } from '../nameserver/tls/credentials.ts'
import type { Clock, Timer } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { CertificateError, CertificateFiles } from './certificate-files.ts'

export type EncryptionConfig = Pick<
  ControllerConfig & DnsConfig,
  'tlsListen' | 'httpsListen' | 'tlsCert' | 'tlsKey'
>

/** The encrypted transports of a DNS server, as its options say. */
export interface Encryption {
  readonly secure: NameserverOptions['secure']
  /** When the certificate ends that is shown now, in Unix ms. */
  readonly untilMs: number | undefined
  /** Show the newest certificate from now on, until closed. */
  serve(nameserver: Pick<Nameserver, 'setCertificate'>): void
  close(): void
}

/** How often the files are looked at. A look at the folder would miss the links that Kubernetes swaps. */
const LOOK_EVERY_MS = 2_000
/** A certificate with less of its life left should have been renewed: cert-manager does it at a third. */
const LAST_PART = 0.1

/** Nothing is encrypted. */
export const NO_ENCRYPTION: Encryption = {
  secure: undefined,
  untilMs: undefined,
  serve: () => {},
  close: () => {},
}

/**
 * Read certificate and key. Once served, they are read again when they change; a pair that cannot be used is told of, and the one
 * before goes on.
 * @throws UsageError naming file and reason, when they cannot be used now
 */
export function readEncryption(
  config: EncryptionConfig,
  deps: { readonly clock: Clock; readonly logger: Logger },
): Encryption {
  const { tlsCert, tlsKey, tlsListen: tls, httpsListen: https } = config
  if (tlsCert === undefined || tlsKey === undefined) return NO_ENCRYPTION
  const files = new CertificateFiles({ certificate: tlsCert, key: tlsKey })
  try {
    return new FollowedCertificate({ ...deps, files, secure: { tls, https, certificate: files.read() } })
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const { file, reason } = error.fields
    throw new UsageError(error.where === 'key' ? '--tls-key' : '--tls-cert', `${file} ${reason}`, error)
  }
}

/** When the certificate ends, for alerts; nothing where nothing is encrypted. */
export function observeEncryption(metrics: Pick<Metrics, 'observed'>, encryption: Encryption): void {
  if (encryption.secure === undefined) return
  metrics.observed(
    'gauge',
    {
      component: 'nameserver',
      what: 'tls_certificate_expiry',
      unit: 'seconds',
      help: 'When the certificate of DNS over TLS and HTTPS ends, in Unix time.',
    },
    () => [[{}, (encryption.untilMs ?? 0) / 1000]],
  )
}

interface FollowedOptions {
  readonly files: CertificateFiles
  readonly secure: NonNullable<NameserverOptions['secure']>
  readonly clock: Clock
  readonly logger: Logger
}

type Age = 'fine' | 'late' | 'over'

class FollowedCertificate implements Encryption {
  readonly secure: NonNullable<NameserverOptions['secure']>
  readonly #options: FollowedOptions
  #validity: ReturnType<typeof validityOf>
  #age: Age = 'fine'
  #timer: Timer | undefined

  constructor(options: FollowedOptions) {
    this.secure = options.secure
    this.#options = options
    this.#validity = validityOf(options.secure.certificate)
    this.#watchAge()
  }

  get untilMs(): number {
    return this.#validity.untilMs
  }

  serve(nameserver: Pick<Nameserver, 'setCertificate'>): void {
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => {
      this.#look((certificate) => nameserver.setCertificate(certificate))
      this.serve(nameserver)
    })
  }

  close(): void {
    this.#timer?.cancel()
  }

  #look(show: (certificate: CertificatePair) => void): void {
    const { files, logger } = this.#options
    try {
      const certificate = files.readIfChanged()
      if (certificate !== undefined) {
        show(certificate)
        this.#validity = validityOf(certificate)
        logger.info({ component: 'tls', expires: this.#expires }, 'certificate read again')
      }
    } catch (error) {
      const err = describeError(error)
      logger.error({ component: 'tls', err }, 'certificate refused, the one before goes on')
    }
    this.#watchAge()
  }

  get #expires(): string {
    return new Date(this.#validity.untilMs).toISOString()
  }

  /** Tell, once, of a certificate that grows old. */
  #watchAge(): void {
    const { clock, logger } = this.#options
    const { fromMs, untilMs } = this.#validity
    const leftMs = untilMs - clock.nowMs()
    const age: Age = leftMs <= 0 ? 'over' : leftMs < (untilMs - fromMs) * LAST_PART ? 'late' : 'fine'
    if (age === this.#age) return
    this.#age = age
    const fields = { component: 'tls', expires: this.#expires }
    if (age === 'late') logger.warn(fields, 'certificate expires soon: renew it')
    if (age === 'over') logger.error(fields, 'certificate has expired: clients that check it do not connect')
  }
}
