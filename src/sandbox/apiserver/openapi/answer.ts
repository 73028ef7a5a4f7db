import { failure } from '../model/status.ts'
import type { Cluster } from '../resource/cluster.ts'
import { json, text } from '../http/message.ts'
import type { ApiAnswer, ApiRequest } from '../http/message.ts'
import { documentsOf } from './documents.ts'
import type { Served } from './documents.ts'
import { OPENAPI_V2_PROTOBUF } from './v2-protobuf.ts'

const ROOT = '/openapi/v3'
const YEAR_MS = 365 * 86_400_000
const JSON_TYPES = ['application/json', 'application/*', '*/*']

/** Answer `/openapi/v3` with where the documents are, the documents below it, and `/openapi/v2`. */
export function answerOpenApi(cluster: Cluster, request: ApiRequest): ApiAnswer {
  const documents = documentsOf(cluster.catalogue)
  const { path } = request
  if (path === '/openapi/v2') return answerV2(cluster, request)
  if (path === ROOT) {
    const found = documents.paths.map((name) => [
      name,
      { serverRelativeURL: urlOf(name, documents.find(name)) },
    ])
    return text(200, JSON.stringify({ paths: Object.fromEntries(found) as unknown }))
  }
  const name = path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : ''
  const document = documents.find(name)
  return document === undefined
    ? text(404, '404 page not found\n')
    : answerDocument(cluster, request, { name, document })
}

/** One that names the hash of the document may keep it for ever; one that names another is sent on to the present one. */
function answerDocument(
  cluster: Cluster,
  request: ApiRequest,
  { name, document }: { readonly name: string; readonly document: Served },
): ApiAnswer {
  const hash = request.query.get('hash')
  if (hash !== null && hash !== '' && hash !== document.hash) {
    const headers = { ...cacheHeaders(document), location: urlOf(name, document) }
    return { ...json(301, null), body: '', headers }
  }
  return answerServed(request, document, hash === document.hash ? immutable(cluster.clock.nowMs()) : {})
}

function answerV2({ catalogue }: Cluster, request: ApiRequest): ApiAnswer {
  const documents = documentsOf(catalogue)
  const answer = answerServed(request, documents.v2, {})
  const protobuf = answer.code === 200 && (request.header('accept') ?? '').includes('proto-openapi')
  return protobuf ? { ...answer, contentType: OPENAPI_V2_PROTOBUF, body: documents.v2Protobuf } : answer
}

function answerServed(
  request: ApiRequest,
  document: Served,
  more: Readonly<Record<string, string>>,
): Extract<ApiAnswer, { kind: 'body' }> {
  const headers = { ...cacheHeaders(document), ...more }
  if (knows(request.header('if-none-match'), document.hash)) {
    // Of the answer that is left out (RFC 9110, 8.6).
    const length = { 'content-length': String(Buffer.byteLength(document.body)) }
    return { ...json(304, null), body: '', headers: { ...headers, ...length } }
  }
  if (!takesJson(request.header('accept'))) {
    throw failure(406, 'NotAcceptable', 'only the following media types are accepted: application/json')
  }
  return { ...json(200, null), body: document.body, headers }
}

function cacheHeaders({ hash }: Served): Readonly<Record<string, string>> {
  return { etag: `"${hash}"`, vary: 'Accept' }
}

function immutable(nowMs: number): Readonly<Record<string, string>> {
  const expires = new Date(nowMs + YEAR_MS).toUTCString().replace('GMT', 'UTC')
  return { 'cache-control': 'public, immutable', expires }
}

/** Whether an `If-None-Match` names this version (RFC 9110, 13.1.2: compared weakly). */
function knows(ifNoneMatch: string | undefined, hash: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(`"${hash}"`)
}

/** Clients that ask for protobuf get JSON, which they all read. */
function takesJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '' || accept.includes('proto-openapi')) return true
  return accept.split(',').some((range) => JSON_TYPES.includes(range.split(';')[0]!.trim())) // split gives at least one
}

function urlOf(name: string, document: Served | undefined): string {
  return `${ROOT}/${name}?hash=${document?.hash ?? ''}`
}
