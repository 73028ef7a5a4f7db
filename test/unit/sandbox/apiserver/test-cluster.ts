import type { KubeObject } from '../../../../src/api/object.ts'
import type { ApiAnswer, ApiRequest } from '../../../../src/sandbox/apiserver/http/message.ts'
import { handleRequest } from '../../../../src/sandbox/apiserver/http/handle.ts'
import { newCluster } from '../../../../src/sandbox/apiserver/new-cluster.ts'
import type { Cluster } from '../../../../src/sandbox/apiserver/resource/cluster.ts'
import type { ApiServerOptions } from '../../../../src/sandbox/apiserver/types.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** A CRD of one namespaced kind, Thing, whose spec takes anything. */
export const THING_CRD: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.unit.example.com' },
  spec: {
    group: 'unit.example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                'x-kubernetes-preserve-unknown-fields': true,
                properties: { replicas: { type: 'integer' }, size: { type: 'integer', default: 1 } },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

/** A cluster without sockets, on a clock of its own. */
export function testCluster(options: Partial<ApiServerOptions> = {}): {
  readonly cluster: Cluster
  readonly clock: ManualClock
} {
  const clock = new ManualClock()
  return { cluster: newCluster({ name: 'unit', clock, ...options }), clock }
}

/** A request without sockets. */
export function apiRequest(
  method: string,
  url: string,
  more: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): ApiRequest {
  const [path = '', query = ''] = url.split('?')
  const { body } = more
  const headers: Readonly<Record<string, string>> = { 'content-type': 'application/json', ...more.headers }
  return {
    method,
    path,
    query: new URLSearchParams(query),
    header: (name) => headers[name],
    body:
      body instanceof Uint8Array
        ? body
        : Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)),
  }
}

/** Ask a cluster without sockets; an error that is no Status fails the test. */
export function ask(cluster: Cluster, request: ApiRequest): ApiAnswer {
  return handleRequest(cluster, request, (error) => {
    throw error
  })
}

/** The parsed body of an answer that is whole. */
export function bodyOf(answer: ApiAnswer): Record<string, unknown> {
  if (answer.kind !== 'body' || typeof answer.body !== 'string') throw new Error('the answer is no text')
  return JSON.parse(answer.body) as Record<string, unknown> // a JSON answer
}

/** The HTTP code of an answer. */
export function codeOf(answer: ApiAnswer): number {
  return answer.kind === 'body' ? answer.code : 200
}
