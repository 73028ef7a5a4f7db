import type { KubeAnswer, KubeRequest } from '../../../../src/kube/transport.ts'

/** One request, as a test reads it. */
export interface Asked {
  readonly what: string
  readonly body: unknown
}

/** A host's API server that takes every write, writes it down, and refuses what it is told to. */
export class FakeHostTransport {
  readonly cluster = 'host'
  readonly asked: Asked[] = []
  readonly #refusals = new Map<string, Error>()

  /** From now on, and until told otherwise, fail requests such as `POST dnsendpoints`. */
  refuse(what: string, error: Error | undefined): void {
    if (error === undefined) this.#refusals.delete(what)
    else this.#refusals.set(what, error)
  }

  /** Requests since the last look whose kind is this: `PATCH servicednsrecords`. */
  taken(what: string): readonly Asked[] {
    const found = this.asked.filter((one) => one.what.startsWith(what))
    for (const one of found) this.asked.splice(this.asked.indexOf(one), 1)
    return found
  }

  requestJson(request: KubeRequest): Promise<unknown> {
    const { method = 'GET', path, body } = request
    const plural = /\/namespaces\/[^/]+\/([^/]+)/.exec(path)?.[1] ?? path
    const name = /\/namespaces\/[^/]+\/[^/]+\/([^/]+)/.exec(path)?.[1] ?? ''
    this.asked.push({ what: [method, plural, name].join(' ').trim(), body })
    const refusal = this.#refusals.get(`${method} ${plural}`)
    return refusal === undefined
      ? Promise.resolve({ kind: 'Any', metadata: { name } })
      : Promise.reject(refusal)
  }
}

/** The API server of a member that is well, or says this. */
export function fakeMember(answer: { readonly httpStatus: number; readonly body: string }) {
  return {
    denied: [],
    request: (): Promise<KubeAnswer> =>
      Promise.resolve({
        httpStatus: answer.httpStatus,
        retryAfter: undefined,
        bytes: Buffer.from(answer.body),
      }),
    requestJson: ({ path }: KubeRequest): Promise<unknown> =>
      Promise.resolve(path === '/version' ? { gitVersion: 'v1.36.3' } : { metadata: { uid: 'u' } }),
  }
}
