import { gzipSync } from 'node:zlib'
import type { Exchange } from './listener.ts'
import { badRequest, tooLarge } from './model/status.ts'
import { statusAnswer } from './http/handle.ts'
import type { AnswerStream, ApiAnswer, ApiRequest } from './http/message.ts'

/** A client that reads slower than this much behind is cut off, as a real server does with slow watches. */
const MAX_BEHIND_BYTES = 64 * 1_024 * 1_024

/**
 * Read a request whole.
 * @returns undefined when the client went away
 * @throws StatusError 413 when the body is larger than `maxBodyBytes`, 400 for a path that is none
 */
export async function readRequest(
  { request }: Exchange,
  maxBodyBytes: number,
): Promise<ApiRequest | undefined> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for await (const part of request as AsyncIterable<Uint8Array>) {
      sizeBytes += part.byteLength
      if (sizeBytes > maxBodyBytes) break
      parts.push(part)
    }
  } catch {
    return undefined
  }
  if (sizeBytes > maxBodyBytes) throw tooLarge(maxBodyBytes)
  const { path, query } = parseUrl(request.url)
  return {
    method: request.method,
    path,
    query,
    header: (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value[0] : value
    },
    body: Buffer.concat(parts),
  }
}

function parseUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const at = url.indexOf('?')
  const path = at === -1 ? url : url.slice(0, at)
  try {
    return { path: decodeURIComponent(path), query: new URLSearchParams(at === -1 ? '' : url.slice(at + 1)) }
  } catch {
    throw badRequest(`the path ${JSON.stringify(path)} is not valid`)
  }
}

/** Answers from this size on are compressed for clients that ask for it (apiserver endpoints/handlers/responsewriters). */
const COMPRESS_FROM_BYTES = 128 * 1_024

/** Write an answer that is whole. */
export function sendBody(
  { request, response }: Exchange,
  answer: Extract<ApiAnswer, { kind: 'body' }>,
): void {
  if (response.destroyed || response.writableEnded) return
  const whole = Buffer.from(answer.body)
  const compresses = whole.byteLength >= COMPRESS_FROM_BYTES && takesGzip(request.headers['accept-encoding'])
  const body = compresses ? gzipSync(whole, { level: 1 }) : whole
  const warnings = (answer.warnings ?? []).map((words) => `299 - ${JSON.stringify(words)}`)
  response.writeHead(answer.code, {
    'cache-control': 'no-cache, private',
    'content-type': answer.contentType,
    'content-length': body.byteLength,
    ...(compresses ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    ...(warnings.length === 0 ? {} : { warning: [...warnings] as unknown as string }), // a list is written as many headers
    ...answer.headers,
  })
  response.end(body)
  // The real server sends whoever it does not know away from its HTTP/2 connection; what is under way on it goes on.
  if (answer.last === true && 'session' in response.stream) response.stream.session?.close()
}

function takesGzip(header: string | string[] | undefined): boolean {
  return [header ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .some((coding) => coding.trim() === 'gzip')
}

/** Write the error of a request that could not even be read. */
export function sendError(exchange: Exchange, error: Parameters<typeof statusAnswer>[0]): void {
  const answer = statusAnswer(error)
  if (answer.kind === 'body') sendBody(exchange, answer)
}

/** An answer under way: writes at once, or holds back while it is told to. */
export class ResponseStream implements AnswerStream {
  readonly #exchange: Exchange
  #held: string[] | undefined
  #ended = false

  constructor(exchange: Exchange, contentType: string) {
    this.#exchange = exchange
    const { response } = exchange
    response.on('error', () => {})
    response.writeHead(200, { 'cache-control': 'no-cache, private', 'content-type': contentType })
    // The client must learn that its watch is open before anything happens: HTTP/1.1 holds headers back until the first byte.
    if ('flushHeaders' in response && typeof response.flushHeaders === 'function') response.flushHeaders()
  }

  write(text: string): void {
    const { response } = this.#exchange
    if (this.#held !== undefined) this.#held.push(text)
    else if (!response.destroyed && !response.writableEnded) {
      response.write(text)
      if (response.writableLength > MAX_BEHIND_BYTES) response.destroy()
    }
  }

  end(): void {
    this.#ended = true
    if (this.#held === undefined) this.#exchange.response.end()
  }

  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held
    this.#held = undefined
    for (const text of held ?? []) this.write(text)
    if (this.#ended) this.#exchange.response.end()
  }
}
