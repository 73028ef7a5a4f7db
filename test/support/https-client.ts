import { once } from 'node:events'
import { connect, type ClientHttp2Session, type SecureClientSessionOptions } from 'node:http2'
import { request as requestHttp1 } from 'node:https'

export interface HttpAsk {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

export interface HttpAnswer {
  /** 0: the stream was reset without one. */
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

export const MESSAGE_TYPE = 'application/dns-message'

/** A POST of a DNS message (RFC 8484, 4.1). */
export function post(message: Uint8Array): HttpAsk {
  return { method: 'POST', headers: { 'content-type': MESSAGE_TYPE }, body: message }
}

/** The path of a GET. */
export function getPath(message: Uint8Array): string {
  return `/dns-query?dns=${Buffer.from(message).toString('base64url')}`
}

export async function openHttp2(
  port: number,
  options: SecureClientSessionOptions,
): Promise<ClientHttp2Session> {
  const session = connect(`https://127.0.0.1:${port}`, options)
  session.on('error', () => {}) // a reset is one way to be closed
  await once(session, 'connect')
  return session
}

/** One request and all of its answer. */
export async function askHttp2(session: ClientHttp2Session, ask: HttpAsk): Promise<HttpAnswer> {
  const stream = session.request({
    ':method': ask.method ?? 'GET',
    ':path': ask.path ?? '/dns-query',
    ...ask.headers,
  })
  stream.on('error', () => {}) // a reset is an answer too
  let status = 0
  let headers: HttpAnswer['headers'] = {}
  const pieces: Buffer[] = []
  stream.on('response', (received) => {
    status = received[':status'] ?? 0
    headers = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]))
  })
  stream.on('data', (piece: Buffer) => pieces.push(piece))
  stream.end(ask.body)
  await new Promise((resolve) => stream.once('close', resolve))
  return { status, headers, body: Buffer.concat(pieces) }
}

/** The same over HTTP/1.1, on a connection of its own. */
export async function askHttp1(port: number, ca: string, ask: HttpAsk): Promise<HttpAnswer> {
  const request = requestHttp1({
    ...{ host: '127.0.0.1', port, ca, servername: 'localhost', agent: false },
    method: ask.method ?? 'GET',
    path: ask.path ?? '/dns-query',
    headers: { ...ask.headers },
  })
  request.end(ask.body)
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage] // as documented
  const pieces: Buffer[] = []
  for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece)
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
  )
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(pieces) }
}
