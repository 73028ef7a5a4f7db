import { destination as fileDestination, pino, stdTimeFunctions } from 'pino'
import type { Logger as PinoLogger } from 'pino'
import { AppError, describeError } from '../errors.ts'
import type { LogFields, Logger } from './logger.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Takes whole lines, each with its line feed. */
export interface LineSink {
  write(line: string): unknown
}

export interface CreateLoggerOptions {
  readonly level: LogLevel
  /** Default: the standard error stream. */
  readonly destination?: LineSink
}

/** Fields whose value is never shown, at the top of a line or one level down. */
const SECRET_FIELDS = ['token', 'password', 'authorization', 'secret', 'kubeconfig', 'privateKey']

/** Secrets inside texts: bearer headers, JSON web tokens, user and password in URLs, private keys. */
const SECRET_TEXTS = [
  { find: /\b(Bearer )[\w.~+/-]+=*/g, hide: '$1[hidden]' },
  { find: /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, hide: '[hidden]' },
  { find: /(:\/\/)[^\s/@"\\]+@/g, hide: '$1[hidden]@' },
  { find: /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, hide: '[hidden]' },
] as const

/**
 * A logger that writes one JSON object a line, at once: nothing is lost when the process ends.
 * An Error in field `err` becomes one line and its `code`; only a programming mistake (no AppError) brings its stack.
 * Secrets are hidden by field name and by their look.
 */
export function createLogger(options: CreateLoggerOptions): Logger {
  const sink = options.destination ?? fileDestination({ dest: 2, sync: true })
  const inner = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withPlainError },
      // a plain `err` is made by withPlainError; the default serializer would make an object of it
      serializers: { err: (error: unknown) => error },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[hidden]' },
      hooks: { streamWrite: hideSecrets },
    },
    sink,
  )
  return wrap(inner)
}

function wrap(inner: PinoLogger): Logger {
  return {
    debug: (fields, message) => inner.debug(fields, message),
    info: (fields, message) => inner.info(fields, message),
    warn: (fields, message) => inner.warn(fields, message),
    error: (fields, message) => inner.error(fields, message),
    child: (fields: LogFields) => wrap(inner.child(fields)),
  }
}

function withPlainError(fields: Record<string, unknown>): Record<string, unknown> {
  const { err } = fields
  if (!(err instanceof Error)) return fields
  const line = describeError(err)
  if (err instanceof AppError) return { code: err.code, ...fields, err: line }
  return { ...fields, err: line, stack: err.stack }
}

function hideSecrets(line: string): string {
  let hidden = line
  for (const { find, hide } of SECRET_TEXTS) hidden = hidden.replace(find, hide)
  return hidden
}
