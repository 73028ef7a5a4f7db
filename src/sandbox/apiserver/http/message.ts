/** One HTTP request, read whole. */
export interface ApiRequest {
  readonly method: string
  /** Decoded path, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** By lower-case name; the first value. */
  header(name: string): string | undefined
  readonly body: Uint8Array
}

/** One HTTP response. */
export type ApiAnswer =
  | {
      readonly kind: 'body'
      readonly code: number
      readonly contentType: string
      readonly body: string | Uint8Array
      readonly headers?: Readonly<Record<string, string>>
      /** Words of `Warning: 299 - "…"` headers. */
      readonly warnings?: readonly string[]
      /** The connection takes no further requests after it (HTTP/2). */
      readonly last?: true
    }
  | {
      readonly kind: 'stream'
      readonly contentType: string
      /** Begin to write. */
      readonly open: (stream: AnswerStream) => OpenStream
    }

/** Where a streamed answer is written. */
export interface AnswerStream {
  write(text: string): void
  end(): void
}

/** A streamed answer under way. */
export interface OpenStream {
  /** The client has gone. */
  stop(): void
  /** The history it lives on is dropped. */
  expire(): void
}

/** A JSON body. */
export function json(code: number, value: unknown): Extract<ApiAnswer, { kind: 'body' }> {
  return { kind: 'body', code, contentType: 'application/json', body: JSON.stringify(value) }
}

/** A plain text body. */
export function text(code: number, body: string): Extract<ApiAnswer, { kind: 'body' }> {
  return { kind: 'body', code, contentType: 'text/plain; charset=utf-8', body }
}
