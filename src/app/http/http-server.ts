import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIP, type AddressInfo } from 'node:net'
import { AppError, describeError } from '../../errors.ts'
import type { Logger } from '../../telemetry/logger.ts'

export interface HttpRequest {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** The body as text, at most 1 MiB. */
  readonly body: string
}

export interface HttpReply {
  readonly status: number
  readonly contentType?: string
  readonly body: string
}

/** Answers what it knows; undefined lets the next route try. */
export type HttpRoute = (request: HttpRequest) => HttpReply | undefined | Promise<HttpReply | undefined>

export interface HttpServer {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

const MAX_BODY_BYTES = 1_048_576

/** A reply of JSON, indented for people with curl. */
export function jsonReply(status: number, value: unknown): HttpReply {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value, undefined, 2)}\n` }
}

/** A reply of one line. */
export function textReply(status: number, line: string): HttpReply {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${line}\n` }
}

/**
 * Serve routes over plain HTTP.
 * @throws AppError HTTP_LISTEN_FAILED when the port is in use or may not be bound
 */
export async function startHttpServer(options: {
  readonly host: string
  readonly port: number
  readonly routes: readonly HttpRoute[]
  readonly logger: Logger
}): Promise<HttpServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const misdirected = isLoopback(options.host) && !isLocalName(request.headers.host)
    void serve(request, response, misdirected ? { ...options, routes: [MISDIRECTED] } : options)
  })
  await listen(server, options)
  const { port } = server.address() as AddressInfo // bound to TCP, so the address is one
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A page of some web site whose name was made to lead here is no client of ours (DNS rebinding). */
const MISDIRECTED: HttpRoute = () => textReply(421, 'ask by an address or as localhost')

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** `localhost` or an address, with or without a port. @param host - the header; clients of HTTP/1.0 send none */
function isLocalName(host: string | undefined): boolean {
  if (host === undefined || host.startsWith('[')) return true
  const name = host.replace(/:\d*$/, '')
  return name === 'localhost' || isIP(name) !== 0
}

function listen(
  server: ReturnType<typeof createServer>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const inUse = 'code' in cause && cause.code === 'EADDRINUSE'
      const message = inUse
        ? 'HTTP port is in use: choose another, or 0 for a free one'
        : 'cannot listen for HTTP: check the address'
      reject(new AppError(message, { code: 'HTTP_LISTEN_FAILED', fields: { host, port }, cause }))
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, logger }: { readonly routes: readonly HttpRoute[]; readonly logger: Logger },
): Promise<void> {
  try {
    const parsed = await readRequest(request)
    send(response, 'status' in parsed ? parsed : await firstReply(parsed, routes))
  } catch (error) {
    const isGone = request.destroyed && !request.complete // a client that gives up is its own affair
    logger[isGone ? 'debug' : 'error'](
      { component: 'http', err: describeError(error) },
      'http request failed',
    )
    if (!response.headersSent) send(response, textReply(500, 'internal error; see the log'))
  }
}

async function firstReply(request: HttpRequest, routes: readonly HttpRoute[]): Promise<HttpReply> {
  for (const route of routes) {
    const reply = await route(request)
    if (reply !== undefined) return reply
  }
  return textReply(404, `nothing at ${request.method} ${request.path}`)
}

async function readRequest(request: IncomingMessage): Promise<HttpRequest | HttpReply> {
  const target = URL.parse(request.url ?? '/', 'http://localhost')
  if (target === null) return textReply(400, 'the request target is not a URL path')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return textReply(413, `the body is larger than ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return {
    method: request.method ?? 'GET',
    path: decodePath(target.pathname),
    query: target.searchParams,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function send(response: ServerResponse, reply: HttpReply): void {
  response.writeHead(reply.status, {
    'content-type': reply.contentType ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-store',
  })
  response.end(reply.body)
}
