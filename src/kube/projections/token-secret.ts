import type { Projection } from '../types.ts'
import { readObject, recordField } from './raw-object.ts'

/** What is kept of a Secret: the bearer token that a KubeFedCluster refers to, and nothing else of it. */
export interface TokenFacts {
  /** Decoded; undefined: the Secret has no key `token`. */
  readonly token: string | undefined
}

/** Secrets in the control plane's namespace (KubeFed: key `token`). */
export const tokenSecretProjection: Projection<TokenFacts> = {
  kind: 'Secret',
  project(raw) {
    const read = readObject(raw)
    if ('error' in read) return read
    const token = recordField(read.object, 'data')?.['token']
    if (token !== undefined && typeof token !== 'string')
      return { key: read.key, error: 'data.token is no text' }
    const decoded = token === undefined ? undefined : Buffer.from(token, 'base64').toString('utf8')
    return { key: read.key, facts: { token: decoded } }
  },
  same: (left, right) => left.token === right.token,
}
