/** What the worker does with a key whose step failed. */
export type Retry = 'backoff' | 'never' | { readonly afterMs: number }

export interface AppErrorOptions {
  /** Constant, upper case, in the table of docs/errors.md. */
  readonly code: string
  readonly retry?: Retry
  /** The values: names, limits, addresses. Never a token or a whole object. */
  readonly fields?: Readonly<Record<string, string | number | boolean>>
  readonly cause?: unknown
}

/**
 * The root of all errors raised here: a constant message, a constant `code`, values in `fields`, and the advice on retry.
 * Only `runtime/worker` acts on `retry`.
 */
export class AppError extends Error {
  readonly code: string
  readonly retry: Retry
  readonly fields: Readonly<Record<string, string | number | boolean>>

  constructor(message: string, options: AppErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code
    this.retry = options.retry ?? 'never'
    this.fields = options.fields ?? {}
  }
}

/** One line for a person: message, then the fields in brackets, then the deepest cause. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const fields =
    error instanceof AppError
      ? Object.entries(error.fields)
          .map(([name, value]) => `${name}=${String(value)}`)
          .join(' ')
      : ''
  const own = fields === '' ? error.message : `${error.message} (${fields})`
  return error.cause === undefined ? own : `${own}: ${describeError(error.cause)}`
}
