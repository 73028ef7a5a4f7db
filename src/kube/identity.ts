import type { Clock } from '../runtime/clock.ts'
import { abortable } from './abortable.ts'
import { isRecord, KubeError } from './kube-error.ts'
import { resourcePath } from './paths.ts'
import type { Transport } from './transport.ts'

const PATH = resourcePath({ group: '', version: 'v1', plural: 'namespaces' }, { name: 'kube-system' })
const TIMEOUT_MS = 10_000
/** Watches of one cluster that reconnect together ask once. */
const FRESH_MS = 5_000

/** The uid of a cluster's `kube-system`; undefined where it may not be read or does not exist. @throws KubeError */
export async function readClusterUid(
  transport: Pick<Transport, 'requestJson'>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const raw = await transport.requestJson({
      path: PATH,
      timeoutMs: TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    })
    const metadata = isRecord(raw) ? raw['metadata'] : undefined
    const uid = isRecord(metadata) ? metadata['uid'] : undefined
    return typeof uid === 'string' && uid !== '' ? uid : undefined
  } catch (error) {
    const isHidden = error instanceof KubeError && (error.httpStatus === 403 || error.httpStatus === 404)
    if (isHidden) return undefined
    throw error
  }
}

/**
 * Holds that one and the same cluster answers: what another cluster behind the address does not have is no absence
 * (DESIGN 5.2). Asked before each list and watch.
 */
export class Identity {
  readonly #transport: Pick<Transport, 'requestJson' | 'cluster'>
  readonly #clock: Clock
  #expected: string | undefined
  #flight: Promise<string | undefined> | undefined
  #checkedAtMs = Number.NEGATIVE_INFINITY
  #epoch = 0

  /** @param expected - from an earlier life; without it the first answer is believed */
  constructor(transport: Pick<Transport, 'requestJson' | 'cluster'>, clock: Clock, expected?: string) {
    this.#transport = transport
    this.#clock = clock
    this.#expected = expected
  }

  /** As far as known. */
  get uid(): string | undefined {
    return this.#expected
  }

  /** @throws KubeError KUBE_IDENTITY_CHANGED, or why the cluster cannot be asked */
  async check(signal: AbortSignal): Promise<void> {
    if (this.#clock.nowMs() - this.#checkedAtMs < FRESH_MS) return
    const epoch = this.#epoch
    const uid = await abortable((this.#flight ??= this.#ask()), signal)
    if (uid === undefined || epoch !== this.#epoch) return // what an address of before said does not count
    this.#expected ??= uid
    if (this.#expected !== uid) {
      throw new KubeError('KUBE_IDENTITY_CHANGED', {
        cluster: this.#transport.cluster,
        method: 'GET',
        path: PATH,
        detail: `kube-system has uid ${uid}, not ${this.#expected}`,
      })
    }
    this.#checkedAtMs = this.#clock.nowMs()
  }

  /** The cluster at this address is meant to be another one: believe the next answer. */
  forget(): void {
    this.#epoch += 1
    this.#expected = undefined
    this.#flight = undefined
    this.#checkedAtMs = Number.NEGATIVE_INFINITY
  }

  async #ask(): Promise<string | undefined> {
    const epoch = this.#epoch
    try {
      return await readClusterUid(this.#transport)
    } finally {
      if (epoch === this.#epoch) this.#flight = undefined
    }
  }
}
