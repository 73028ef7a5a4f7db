import { readFile } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import { AppError } from '../errors.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ClientCertificate, Credentials, CredentialSource } from './access.ts'
import { isRecord } from './kube-error.ts'
import { text } from './kubeconfig-file.ts'
import type { KubeconfigEntry } from './kubeconfig-file.ts'
import { certificatesOf } from './lenient-connector.ts'
import type { RawRecord } from './projections/raw-object.ts'

export interface KubeConfigCredentialsOptions {
  readonly entry: KubeconfigEntry
  readonly clock: Clock
  /** How long a credential plugin or identity provider may take (15 s). */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 15_000
/** Files and expiry are looked at again after this long. */
const FRESH_MS = 10_000
/** However often a server says 401, plugins are not asked afresh more often. */
const DROP_EVERY_MS = 5_000

/**
 * Credentials of one kubeconfig entry. The library reads them, behind what it lacks (node-stack 2.2): one KubeConfig for
 * one cluster and one user, thrown away on 401 (its caches with it); one call at a time; a limit of time; `tokenFile`.
 */
export class KubeConfigCredentials implements CredentialSource {
  readonly #options: KubeConfigCredentialsOptions
  #config: KubeConfig | undefined
  #cached: { readonly credentials: Credentials; readonly atMs: number } | undefined
  #flight: Promise<Credentials> | undefined
  #droppedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: KubeConfigCredentialsOptions) {
    this.#options = options
  }

  get(): Promise<Credentials> {
    const nowMs = this.#options.clock.nowMs()
    if (this.#cached !== undefined && nowMs - this.#cached.atMs < FRESH_MS) {
      return Promise.resolve(this.#cached.credentials)
    }
    return (this.#flight ??= this.#fly())
  }

  drop(): void {
    const nowMs = this.#options.clock.nowMs()
    if (nowMs - this.#droppedAtMs < DROP_EVERY_MS) return
    this.#droppedAtMs = nowMs
    this.#cached = undefined
    this.#config = undefined
  }

  /** One call for all who wait. One that hangs is left behind, together with the KubeConfig it hangs in. */
  async #fly(): Promise<Credentials> {
    try {
      const credentials = await this.#limited(this.#fetch())
      this.#cached = { credentials: this.#kept(credentials), atMs: this.#options.clock.nowMs() }
      return this.#cached.credentials
    } catch (cause) {
      this.#config = undefined
      throw cause instanceof AppError
        ? cause
        : credentialsError('the credentials cannot be had', this.#options.entry, cause)
    } finally {
      this.#flight = undefined
    }
  }

  /** Equal certificates stay the same object: nothing then needs to be hashed again. */
  #kept(credentials: Credentials): Credentials {
    const before = this.#cached?.credentials.clientCertificate
    const now = credentials.clientCertificate
    const isSame = before?.certPem === now?.certPem && before?.keyPem === now?.keyPem
    return isSame && before !== undefined ? { ...credentials, clientCertificate: before } : credentials
  }

  #limited(promise: Promise<Credentials>): Promise<Credentials> {
    const { clock, timeoutMs = TIMEOUT_MS, entry } = this.#options
    return new Promise((resolve, reject) => {
      const timer = clock.after(timeoutMs, () =>
        reject(credentialsError('the credentials did not come in time: check the credential plugin', entry)),
      )
      promise.then(resolve, reject).finally(() => timer.cancel())
    })
  }

  async #fetch(): Promise<Credentials> {
    const options: RequestOptions = { headers: {} }
    this.#config ??= newKubeConfig(this.#options.entry)
    await this.#config.applyToHTTPSOptions(options)
    const tokenFile = text(this.#options.entry.user['tokenFile'])
    const token = tokenFile === undefined ? undefined : await readToken(tokenFile)
    return {
      headers: {
        ...headersOf(options),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...certificateOf(options),
      ...(await this.#ca()),
    }
  }

  /** A CA in a file may be replaced, as in Pods. What is there cannot be used while it is being written: then the last one counts. */
  async #ca(): Promise<Pick<Credentials, 'caPem'>> {
    const { cluster } = this.#options.entry
    const path = text(cluster['certificate-authority'])
    if (path === undefined || text(cluster['certificate-authority-data']) !== undefined) return {}
    const caPem = (await readUsableCa(path)) ?? this.#cached?.credentials.caPem
    return caPem === undefined ? {} : { caPem }
  }
}

async function readUsableCa(path: string): Promise<string | undefined> {
  try {
    const pem = await readFile(path, 'utf8')
    return certificatesOf(pem).length > 0 ? pem : undefined
  } catch {
    return undefined // the access said at the start that it could be read; from then on there is a last one
  }
}

/** A KubeConfig that knows one cluster and one user, so that nothing of another can leak into it (fault 2). */
function newKubeConfig(entry: KubeconfigEntry): KubeConfig {
  const { tokenFile: _, 'token-file': __, ...user } = entry.user
  const server = text(entry.cluster['server']) ?? ''
  // The library refuses http unless told that TLS is not checked; we make the connections ourselves.
  const cluster = server.startsWith('http:') ? { server, 'insecure-skip-tls-verify': true } : { server }
  const config = new KubeConfig()
  config.loadFromString(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'cluster', cluster }],
      users: [{ name: 'user', user: withExecInfo(user, entry) }],
      contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
      'current-context': 'context',
    }),
  )
  return config
}

/** Credential plugins are told what they are asked for (client.authentication.k8s.io, KUBERNETES_EXEC_INFO; fault 4). */
function withExecInfo(user: RawRecord, entry: KubeconfigEntry): RawRecord {
  const exec = user['exec']
  if (!isRecord(exec)) return user
  const {
    server,
    'certificate-authority-data': ca,
    'tls-server-name': name,
    'proxy-url': proxy,
  } = entry.cluster
  const cluster = {
    server,
    ...(ca === undefined ? {} : { 'certificate-authority-data': ca }),
    ...(name === undefined ? {} : { 'tls-server-name': name }),
    ...(proxy === undefined ? {} : { 'proxy-url': proxy }),
  }
  const info = {
    apiVersion: exec['apiVersion'],
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec['provideClusterInfo'] === true ? { cluster } : {}) },
  }
  const env: unknown[] = Array.isArray(exec['env']) ? exec['env'] : []
  return {
    ...user,
    exec: { ...exec, env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }] },
  }
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (typeof value === 'string') headers[name.toLowerCase()] = value
  }
  const { auth } = options
  return typeof auth === 'string'
    ? { ...headers, authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
    : headers
}

function certificateOf(options: RequestOptions): { readonly clientCertificate?: ClientCertificate } {
  const [certPem, keyPem] = [pemOf(options.cert), pemOf(options.key)]
  return certPem === undefined || keyPem === undefined ? {} : { clientCertificate: { certPem, keyPem } }
}

function pemOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined
}

async function readToken(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim()
  if (token !== '' && /^[\x21-\x7e]+$/.test(token)) return token
  throw new AppError('the token file holds no token', {
    code: 'KUBE_CREDENTIALS_FAILED',
    retry: 'backoff',
    fields: { path },
  })
}

function credentialsError(message: string, entry: KubeconfigEntry, cause?: unknown): AppError {
  return new AppError(message, {
    code: 'KUBE_CREDENTIALS_FAILED',
    retry: 'backoff',
    fields: { context: entry.context },
    ...(cause === undefined ? {} : { cause }),
  })
}
