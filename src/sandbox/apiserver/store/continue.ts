import { badRequest } from '../model/status.ts'
import { isFields } from '../model/values.ts'

/** Where a paged list goes on. */
export interface ContinueAt {
  /** Revision of the first page; -1: whatever is there now. */
  readonly revision: number
  /** First key of the next page, at the earliest. */
  readonly startKey: string
}

/** A continue token, in the form of the real server's. */
export function encodeContinue(at: ContinueAt): string {
  const token = { v: 'meta.k8s.io/v1', rv: at.revision, start: at.startKey }
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

/** @throws StatusError 400 for a token that this server did not make */
export function decodeContinue(token: string): ContinueAt {
  const parsed = parse(token)
  if (!isFields(parsed)) throw badToken('unexpected value')
  const { v, rv, start } = parsed
  if (v !== 'meta.k8s.io/v1') throw badToken(`server does not recognize this encoded version ${String(v)}`)
  if (typeof rv !== 'number' || rv === 0) {
    throw badToken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  }
  if (typeof start !== 'string' || start === '') {
    throw badToken('encoded start key empty (version meta.k8s.io/v1)')
  }
  return { revision: rv, startKey: start }
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch {
    throw badToken('invalid character looking for beginning of value')
  }
}

function badToken(words: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${words}`)
}
