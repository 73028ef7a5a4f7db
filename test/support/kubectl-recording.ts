import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'

/** One request of kubectl and what was answered. */
export interface RecordedExchange {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly accept?: string
  readonly contentType?: string
  /** As text; bytes that are no text in base64. */
  readonly body?: string
  readonly bodyBase64?: string
  readonly answer: RecordedAnswer
}

/** What of an answer decides how kubectl goes on. */
export interface RecordedAnswer {
  readonly code: number
  readonly contentType: string
  readonly warnings?: readonly string[]
  readonly body: unknown
}

/** The recording of one case. */
export interface KubectlRecording {
  readonly kubectl: string
  readonly args: readonly string[]
  readonly exchanges: readonly RecordedExchange[]
}

type Json = Record<string, unknown>

/** Hashes of documents change with every word in them; what is asked and answered by them does not. */
function withoutHashes(text: string): string {
  return text.replaceAll(/\?hash=[0-9A-F]{128}(&?)/g, (_hash, more: string) => (more === '' ? '' : '?'))
}

/** The part of a body that decides: documents of hundreds of kilobytes are told by what they name. */
export function essentialsOf(text: string, contentType: string): unknown {
  if (contentType.includes('protobuf')) return 'protobuf'
  const value = parsed(withoutHashes(text))
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map((line) => essential(line)) // lines of a watch
  return essential(value)
}

function parsed(text: string): Json | Json[] | string {
  try {
    return JSON.parse(text) as Json
  } catch {
    const lines = text.split('\n').filter((line) => line !== '')
    const isWatch = lines.length > 0 && lines.every((line) => line.startsWith('{'))
    return isWatch ? lines.map((line) => JSON.parse(line) as Json) : text
  }
}

function essential(value: Json): unknown {
  if (value['type'] !== undefined && value['object'] !== undefined) {
    return { type: value['type'], object: essential(value['object'] as Json) } // a line of a watch
  }
  if (value['kind'] === 'Table') return tableEssentials(value)
  if (value['kind'] === 'APIGroupDiscoveryList') return discoveryEssentials(value)
  if (value['openapi'] !== undefined) return openApiEssentials(value)
  return value
}

function tableEssentials(value: Json): unknown {
  const columns = value['columnDefinitions'] as { name: string; type: string; priority: number }[] | null // by its kind
  const rows = value['rows'] as { cells: unknown; object: unknown }[] // likewise
  return {
    kind: value['kind'],
    metadata: value['metadata'],
    columns: columns?.map(({ name, type, priority }) => `${name} ${type} ${priority}`) ?? null,
    rows: rows.map(({ cells }) => cells),
  }
}

function discoveryEssentials(value: Json): unknown {
  const items = value['items'] as { metadata: Json; versions: { version: string; resources: Json[] }[] }[] // by its kind
  return {
    kind: value['kind'],
    apiVersion: value['apiVersion'],
    groups: Object.fromEntries(
      items.flatMap(({ metadata, versions }) =>
        versions.map(({ version, resources }) => [
          `${typeof metadata['name'] === 'string' ? metadata['name'] : ''}/${version}`,
          resources.map((resource) => resource['resource']),
        ]),
      ),
    ),
  }
}

function openApiEssentials(value: Json): unknown {
  const paths = value['paths'] as Record<string, Json> // an OpenAPI document
  const { schemas } = value['components'] as { schemas: Json } // likewise
  return {
    openapi: value['openapi'],
    patched: Object.keys(paths).filter((path) => paths[path]?.['patch']),
    schemas: Object.keys(schemas).length,
  }
}

/** A request under way or done; `text` grows while its answer passes. */
interface Passed extends Omit<RecordedExchange, 'answer'> {
  readonly code: number
  readonly answerType: string
  readonly warnings: readonly string[]
  text: string
}

/** A proxy in front of a server that writes down what passes. Plain HTTP: it adds the token itself. */
export class RecordingProxy {
  readonly #target: ApiServer
  readonly #agent: Agent
  readonly #server: Server
  readonly #exchanges: (Passed | undefined)[] = []

  constructor(target: ApiServer) {
    this.#target = target
    this.#agent = new Agent({ connect: { ca: target.caPem } })
    this.#server = createServer((incoming, outgoing) => {
      this.#pass(incoming, outgoing).catch(() => outgoing.destroy())
    })
  }

  /** Everything that has passed, in the order in which it was asked. */
  get exchanges(): readonly RecordedExchange[] {
    return this.#exchanges
      .filter((passed) => passed !== undefined)
      .map(({ code, answerType, warnings, text, ...asked }) => ({
        ...asked,
        answer: {
          code,
          contentType: answerType,
          ...(warnings.length === 0 ? {} : { warnings }),
          body: essentialsOf(text, answerType),
        },
      }))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` // it listens on a port
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
    await this.#agent.destroy()
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const place = this.#exchanges.length
    this.#exchanges.length += 1
    const parts: Uint8Array[] = []
    for await (const part of incoming) parts.push(part as Uint8Array) // no encoding is set
    const body = Buffer.concat(parts)
    const { accept, 'content-type': contentType } = incoming.headers
    const reply = await request(`${this.#target.url}${incoming.url ?? ''}`, {
      dispatcher: this.#agent,
      method: (incoming.method ?? 'GET') as 'GET', // undici sends any method
      headers: {
        authorization: `Bearer ${this.#target.token}`,
        ...(accept === undefined ? {} : { accept }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body.length === 0 ? {} : { body }),
    })
    const answerType = String(reply.headers['content-type'])
    const warning = reply.headers['warning']
    outgoing.writeHead(reply.statusCode, {
      'content-type': answerType,
      ...(warning === undefined ? {} : { warning: [warning].flat() as unknown as string }), // a list is written as many headers
    })
    outgoing.flushHeaders()
    const exchange: Passed = {
      method: incoming.method ?? 'GET',
      path: withoutHashes(incoming.url ?? ''),
      ...(accept === undefined ? {} : { accept }),
      ...(contentType === undefined ? {} : { contentType }),
      ...recordedBody(body),
      code: reply.statusCode,
      answerType,
      warnings: warning === undefined ? [] : [warning].flat(),
      text: '',
    }
    this.#exchanges[place] = exchange
    try {
      for await (const part of reply.body) {
        exchange.text += String(part)
        outgoing.write(part)
      }
    } finally {
      outgoing.end()
    }
  }
}

function recordedBody(body: Buffer): { readonly body?: string; readonly bodyBase64?: string } {
  if (body.length === 0) return {}
  const text = body.toString()
  return Buffer.from(text).equals(body) && !text.includes('\0')
    ? { body: text }
    : { bodyBase64: body.toString('base64') }
}
