import { HEADER_BYTES, MAX_TCP_BYTES } from '../../dns/protocol.ts'
import type { Client } from '../client.ts'
import type { MessageAnswerer } from '../streams/message-stream.ts'
import { freshSeconds } from './freshness.ts'

/** What is looked at of a request. */
export interface RequestHead {
  readonly method: string
  /** Path and query, or a whole URL. */
  readonly target: string
  readonly contentType: string | undefined
  readonly contentLength: string | undefined
}

/** What goes back; the names of headers in lower case. */
export interface DohReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What a session asks for the client behind it. */
export interface DohClient {
  /** How long a request may take to arrive. */
  readonly requestMs: number
  /** @returns undefined where the body is needed */
  head(head: RequestHead): DohReply | undefined
  message(body: Buffer): DohReply
  /** A request was given up. */
  failed(): void
}

export const DOH_PATH = '/dns-query'
const MESSAGE_TYPE = 'application/dns-message'
/** The longest body that is read: a message has no more octets. */
export const MAX_BODY_BYTES = MAX_TCP_BYTES
const RESPONSE_BIT = 0x80

/**
 * Answer a request as far as its head tells (RFC 8484, 4.1). Whom it is addressed to (Host, :authority) is of no interest: the
 * zones are the same under every name.
 * @returns undefined where the message is in the body, which is for answerMessage()
 */
export function answerHead(
  head: RequestHead,
  client: Client,
  answerer: MessageAnswerer,
): DohReply | undefined {
  const [path, query] = splitTarget(head.target)
  if (path !== DOH_PATH) return refusal(404, `nothing here: ask at ${DOH_PATH}`)
  switch (head.method) {
    case 'GET': {
      const message = readMessage(query)
      return message === undefined
        ? refusal(400, 'give one parameter dns: a DNS message in base64url without padding')
        : answerMessage(message, client, answerer)
    }
    case 'POST':
      if (mediaType(head.contentType) !== MESSAGE_TYPE)
        return refusal(415, `send a body of type ${MESSAGE_TYPE}`)
      return Number(head.contentLength ?? 0) > MAX_BODY_BYTES ? tooLarge() : undefined
    default:
      return refusal(405, 'use GET or POST', { allow: 'GET, POST' })
  }
}

/** Answer the octets of one message. A response gets no DNS message back, as over any transport. */
export function answerMessage(message: Buffer, client: Client, answerer: MessageAnswerer): DohReply {
  const response = answerer.answer(message, client)
  if (response !== undefined)
    return {
      status: 200,
      headers: {
        'content-type': MESSAGE_TYPE,
        'content-length': String(response.length),
        'cache-control': `max-age=${freshSeconds(response)}`,
      },
      body: Buffer.from(response), // a copy: the answerer uses its octets again
    }
  const isResponse = message.length >= HEADER_BYTES && (message[2]! & RESPONSE_BIT) !== 0
  return refusal(400, isResponse ? 'a response is no question' : 'no DNS message: it ends within its header')
}

export function tooLarge(): DohReply {
  return refusal(413, `a DNS message has at most ${MAX_BODY_BYTES} octets`)
}

function refusal(status: number, line: string, headers: Readonly<Record<string, string>> = {}): DohReply {
  const body = Buffer.from(`${line}\n`)
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(body.length),
      'cache-control': 'no-store',
      ...headers,
    },
    body,
  }
}

/** Clients may send the whole URL (RFC 9112, 3.2.2). */
function splitTarget(target: string): readonly [path: string, query: string] {
  const start = target.startsWith('/') ? 0 : Math.max(0, target.indexOf('/', target.indexOf('//') + 2))
  const mark = target.indexOf('?', start)
  return mark < 0 ? [target.slice(start), ''] : [target.slice(start, mark), target.slice(mark + 1)]
}

/** The one parameter `dns` (RFC 8484, 4.1.1 and 6). */
function readMessage(query: string): Buffer | undefined {
  const [text, another] = query
    .split('&')
    .filter((part) => part.startsWith('dns='))
    .map((part) => part.slice('dns='.length))
  if (text === undefined || another !== undefined || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  return text.length % 4 === 1 ? undefined : Buffer.from(text, 'base64url')
}

/** Without parameters, in lower case (RFC 9110, 8.3.1). */
function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase()
}
