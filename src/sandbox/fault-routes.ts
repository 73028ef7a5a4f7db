import * as z from 'zod'
import type { Fault, Faults } from './apiserver/types.ts'

/** What a mounted route gets. */
export interface RouteRequest {
  readonly method: string
  /** Path of the URL, still percent-encoded, without query. */
  readonly path: string
  readonly body: string
}

/** What it answers; `body` is JSON. */
export interface RouteResponse {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Largest request body that a caller needs to read; a fault is far smaller. */
export const MAX_FAULT_BODY_BYTES = 4096

const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('down') }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().min(1).max(600_000) }),
  z.strictObject({
    kind: z.literal('status'),
    code: z.literal([401, 403, 410, 429, 500, 503]),
    retryAfterSeconds: z.int().min(0).max(3600).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('compact') }),
  z.strictObject({ kind: z.literal('malformed') }),
])

const EXAMPLES = [
  '{"kind":"hang"}',
  '{"kind":"reset"}',
  '{"kind":"down"}',
  '{"kind":"slow","delayMs":2000}',
  '{"kind":"status","code":429,"retryAfterSeconds":5}',
  '{"kind":"compact"}',
  '{"kind":"malformed"}',
]

/**
 * The HTTP routes by which a user breaks a cluster: PUT, DELETE and GET `/sandbox/clusters/<name>/fault`, and GET
 * `/sandbox/clusters` for all names with their faults.
 * @param servers - by cluster name
 * @returns undefined for paths of others
 */
export function sandboxFaultRoutes(
  servers: ReadonlyMap<string, { readonly faults: Faults }>,
): (request: RouteRequest) => RouteResponse | undefined {
  return (request) => {
    if (request.path === '/sandbox/clusters') return onList(request, servers)
    const match = /^\/sandbox\/clusters\/([^/]+)\/fault$/.exec(request.path)
    if (match === null) return undefined
    const name = decoded(match[1] ?? '')
    const faults = servers.get(name)?.faults
    if (faults === undefined)
      return failure(404, `there is no cluster "${name}"; there are ${[...servers.keys()].join(', ')}`)
    return onFault(request, name, faults)
  }
}

function onList(
  request: RouteRequest,
  servers: ReadonlyMap<string, { readonly faults: Faults }>,
): RouteResponse {
  if (request.method !== 'GET') return notAllowed('GET')
  const clusters = [...servers].map(([name, { faults }]) => ({ name, fault: faults.current ?? null }))
  return { status: 200, body: { clusters } }
}

function onFault(request: RouteRequest, name: string, faults: Faults): RouteResponse {
  const answer = () => ({ status: 200, body: { cluster: name, fault: faults.current ?? null } })
  switch (request.method) {
    case 'GET':
      return answer()
    case 'DELETE':
      faults.clear()
      return answer()
    case 'PUT': {
      const parsed = parseFault(request.body)
      if (typeof parsed === 'string') return failure(400, parsed)
      faults.set(parsed)
      return answer()
    }
    default:
      return notAllowed('GET, PUT, DELETE')
  }
}

/** The fault, or what is wrong with the text. */
function parseFault(body: string): Fault | string {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return `body is not JSON; send one of ${EXAMPLES.join(' ')}`
  }
  const parsed = faultSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a fault'}; send one of ${EXAMPLES.join(' ')}`
}

function failure(status: number, error: string): RouteResponse {
  return { status, body: { error } }
}

function notAllowed(allow: string): RouteResponse {
  return { status: 405, body: { error: `use ${allow}` }, headers: { allow } }
}

/** The name as written, when its percent-encoding is broken: it is then no cluster's. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
