import { Agent, request } from 'undici'

/** Where a Kubernetes API listens, and how to get in. */
export interface ApiTarget {
  readonly url: string
  readonly token: string
  /** PEM that the server's certificate is checked against; absent: it is not checked. */
  readonly caPem?: string
}

/** Any JSON object. */
export type Json = Record<string, unknown>

/** One answer, its body parsed where it is JSON. */
export interface ApiReply {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body as an object; empty when it is something else. */
  readonly body: Json
  readonly text: string
  /** Words of its `Warning` headers. */
  readonly warnings: readonly string[]
}

/** How a request differs from a plain one. */
export interface CallOptions {
  /** Bytes and text are sent as they are, anything else as JSON. */
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
  readonly userAgent?: string
  /** Instead of the target's; empty: none. */
  readonly token?: string
  /** Beside those; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One line of a watch. */
export interface WatchLine {
  readonly type: string
  readonly object: Json
}

const WATCH_LIMIT_MS = 15_000

export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
export const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json'
export const METADATA_LIST =
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json'
export const MERGE_PATCH = 'application/merge-patch+json'
export const JSON_PATCH = 'application/json-patch+json'
export const APPLY_PATCH = 'application/apply-patch+yaml'
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json'

/** A plain HTTP client of a Kubernetes API: no retries, no caches, nothing hidden. */
export class KubernetesClient {
  readonly #target: ApiTarget
  readonly #agent: Agent

  constructor(target: ApiTarget, options: { readonly http2?: boolean } = {}) {
    this.#target = target
    this.#agent = new Agent({
      connect: target.caPem === undefined ? { rejectUnauthorized: false } : { ca: target.caPem },
      allowH2: options.http2 ?? true,
    })
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<ApiReply> {
    const reply = await request(`${this.#target.url}${path}`, {
      dispatcher: this.#agent,
      method: method as 'GET', // undici sends any method
      headers: this.#headers(options),
      ...(options.body === undefined ? {} : { body: asBytes(options.body) }),
    })
    const text = await reply.body.text()
    return {
      code: reply.statusCode,
      headers: reply.headers,
      text,
      body: parsed(text),
      warnings: [reply.headers['warning'] ?? []]
        .flat()
        .flatMap((header) => [...header.matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)])
        .map(([, quoted = '""']) => String(JSON.parse(quoted))),
    }
  }

  get(path: string, accept?: string): Promise<ApiReply> {
    return this.call('GET', path, accept === undefined ? {} : { accept })
  }

  post(path: string, body: unknown): Promise<ApiReply> {
    return this.call('POST', path, { body })
  }

  put(path: string, body: unknown): Promise<ApiReply> {
    return this.call('PUT', path, { body })
  }

  patch(path: string, body: unknown, contentType = MERGE_PATCH): Promise<ApiReply> {
    return this.call('PATCH', path, { body, contentType })
  }

  delete(path: string, body?: unknown): Promise<ApiReply> {
    return this.call('DELETE', path, { body })
  }

  /** Open a watch. The path carries `watch=1` and the rest of its query. */
  async watch(path: string, accept?: string): Promise<WatchReader> {
    const stop = new AbortController()
    const reply = await request(`${this.#target.url}${path}`, {
      dispatcher: this.#agent,
      method: 'GET',
      headers: this.#headers(accept === undefined ? {} : { accept }),
      signal: stop.signal,
      bodyTimeout: 0,
    })
    return new WatchReader(reply.statusCode, reply.body, stop)
  }

  #headers(options: CallOptions): Record<string, string> {
    const token = options.token ?? this.#target.token
    return {
      accept: options.accept ?? 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(options.userAgent === undefined ? {} : { 'user-agent': options.userAgent }),
      ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      ...options.headers,
    }
  }
}

/** Reads the lines of one watch. */
export class WatchReader {
  readonly code: number
  readonly #lines: AsyncIterator<WatchLine>
  readonly #stop: AbortController

  constructor(code: number, body: AsyncIterable<Uint8Array>, stop: AbortController) {
    this.code = code
    this.#stop = stop
    this.#lines = linesOf(body)[Symbol.asyncIterator]()
  }

  /** The next line; undefined when the server has ended the watch. Fails when neither comes in time. */
  async next(): Promise<WatchLine | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no watch event within ${WATCH_LIMIT_MS} ms`)),
        WATCH_LIMIT_MS,
      )
    })
    try {
      const result = await Promise.race([this.#lines.next(), late])
      return result.done === true ? undefined : result.value
    } finally {
      clearTimeout(timer)
    }
  }

  /** As next(), however long it takes. */
  async following(): Promise<WatchLine | undefined> {
    const result = await this.#lines.next()
    return result.done === true ? undefined : result.value
  }

  /** So many lines; fails when the watch ends before. */
  async take(count: number): Promise<readonly WatchLine[]> {
    const lines: WatchLine[] = []
    while (lines.length < count) {
      const line = await this.next()
      if (line === undefined) throw new Error(`the watch ended after ${lines.length} of ${count} events`)
      lines.push(line)
    }
    return lines
  }

  /** Everything until the server ends the watch. */
  async rest(): Promise<readonly WatchLine[]> {
    const lines: WatchLine[] = []
    for (let line = await this.next(); line !== undefined; line = await this.next()) lines.push(line)
    return lines
  }

  close(): void {
    this.#stop.abort()
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchLine> {
  const decoder = new TextDecoder()
  let kept = ''
  try {
    for await (const part of body) {
      kept += decoder.decode(part, { stream: true })
      const lines = kept.split('\n')
      kept = lines.pop() ?? ''
      for (const line of lines) if (line !== '') yield JSON.parse(line) as WatchLine
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error // closed by the reader itself
  }
}

function asBytes(body: unknown): string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
}

function parsed(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Json) : {}
  } catch {
    return {}
  }
}
