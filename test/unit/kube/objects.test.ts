import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src/api/object.ts'
import { KubeError } from '../../../src/kube/kube-error.ts'
import type { KubeErrorCode } from '../../../src/kube/kube-error.ts'
import { ObjectClient } from '../../../src/kube/objects.ts'
import type { KubeRequest } from '../../../src/kube/transport.ts'
import { WriteLimiter } from '../../../src/runtime/write-limiter.ts'

const endpoints = { group: 'externaldns.k8s.io', version: 'v1alpha1', plural: 'dnsendpoints' }
const place = { namespace: 'shop', name: 'service-web' }
const path = '/apis/externaldns.k8s.io/v1alpha1/namespaces/shop/dnsendpoints/service-web'
const object: KubeObject = {
  apiVersion: 'externaldns.k8s.io/v1alpha1',
  kind: 'DNSEndpoint',
  metadata: { ...place, resourceVersion: '7' },
  spec: { endpoints: [] },
}

/** A transport that keeps requests and gives prepared answers. */
class FakeTransport {
  readonly cluster = 'host'
  readonly requests: KubeRequest[] = []
  readonly #answers: unknown[]

  constructor(...answers: readonly unknown[]) {
    this.#answers = [...answers]
  }

  requestJson(request: KubeRequest): Promise<unknown> {
    this.requests.push(request)
    const answer = this.#answers.shift()
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
}

function refusal(code: KubeErrorCode, reason: string): KubeError {
  return new KubeError(code, { cluster: 'host', method: 'GET', path, reason })
}

describe('ObjectClient', () => {
  interface Case {
    readonly name: string
    readonly act: (client: ObjectClient) => Promise<unknown>
    readonly want: KubeRequest
  }

  test.each<Case>([
    { name: 'get', act: (client) => client.get(endpoints, place), want: { path } },
    {
      name: 'create posts to the collection',
      act: (client) => client.create(endpoints, object),
      want: { method: 'POST', path: path.replace('/service-web', ''), body: object },
    },
    {
      name: 'update puts the whole object: its version is the precondition',
      act: (client) => client.update(endpoints, object),
      want: { method: 'PUT', path, body: object },
    },
    {
      name: 'merge patch',
      act: (client) => client.patch(endpoints, place, { kind: 'merge', body: { spec: {} } }),
      want: { method: 'PATCH', path, contentType: 'application/merge-patch+json', body: { spec: {} } },
    },
    {
      name: 'merge patch of one version only',
      act: (client) =>
        client.patch(endpoints, place, {
          kind: 'merge',
          body: { metadata: { labels: { a: 'b' } } },
          resourceVersion: '7',
        }),
      want: {
        method: 'PATCH',
        path,
        contentType: 'application/merge-patch+json',
        body: { metadata: { labels: { a: 'b' }, resourceVersion: '7' } },
      },
    },
    {
      name: 'JSON patch',
      act: (client) =>
        client.patch(endpoints, place, { kind: 'json', body: [{ op: 'remove', path: '/spec' }] }),
      want: {
        method: 'PATCH',
        path,
        contentType: 'application/json-patch+json',
        body: [{ op: 'remove', path: '/spec' }],
      },
    },
    {
      name: 'server-side apply',
      act: (client) =>
        client.patch(endpoints, place, {
          kind: 'apply',
          body: object,
          fieldManager: 'waypost',
          force: false,
        }),
      want: {
        method: 'PATCH',
        path,
        query: { fieldManager: 'waypost', force: false },
        contentType: 'application/apply-patch+yaml',
        body: object,
      },
    },
    {
      name: 'status is merged through its subresource',
      act: (client) => client.patchStatus(endpoints, place, { status: { observedGeneration: 2 } }),
      want: {
        method: 'PATCH',
        path: `${path}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: { observedGeneration: 2 } },
      },
    },
    {
      name: 'status of one version only',
      act: (client) => client.patchStatus(endpoints, place, { status: {}, resourceVersion: '7' }),
      want: {
        method: 'PATCH',
        path: `${path}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: {}, metadata: { resourceVersion: '7' } },
      },
    },
    {
      name: 'delete, of this uid and version only',
      act: (client) => client.delete(endpoints, place, { uid: 'u', resourceVersion: '7' }),
      want: {
        method: 'DELETE',
        path,
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          preconditions: { uid: 'u', resourceVersion: '7' },
        },
      },
    },
  ])('$name', async ({ act, want }) => {
    const transport = new FakeTransport(object)

    await act(new ObjectClient(transport))

    expect(transport.requests).toEqual([want])
  })

  test('an object that is not there is undefined, and deleting it is done; a missing API is an error', async () => {
    const missing = refusal('KUBE_NOT_FOUND', 'NotFound')
    const noApi = refusal('KUBE_NOT_FOUND', '')
    const client = new ObjectClient(new FakeTransport(missing, missing, noApi, noApi))

    expect(await client.get(endpoints, place)).toBeUndefined()
    expect(await client.delete(endpoints, place)).toBe(false)
    await expect(client.get(endpoints, place)).rejects.toBe(noApi)
    await expect(client.delete(endpoints, place)).rejects.toBe(noApi)
  })

  test('a precondition that does not hold is an error', async () => {
    const conflict = refusal('KUBE_CONFLICT', 'Conflict')

    await expect(new ObjectClient(new FakeTransport(conflict)).update(endpoints, object)).rejects.toBe(
      conflict,
    )
    await expect(new ObjectClient(new FakeTransport(conflict)).delete(endpoints, place)).rejects.toBe(
      conflict,
    )
  })

  test('an answer that is no object is an error', async () => {
    const client = new ObjectClient(new FakeTransport({ hello: 'proxy' }))

    await expect(client.get(endpoints, place)).rejects.toMatchObject({ code: 'KUBE_BAD_ANSWER' })
  })

  test('a list is all its pages; items get kind and apiVersion', async () => {
    const page = (name: string, next?: string) => ({
      kind: 'DNSEndpointList',
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      metadata: { resourceVersion: '9', ...(next === undefined ? {} : { continue: next }) },
      items: [{ metadata: { name } }],
    })
    const transport = new FakeTransport(page('a', 'next'), page('b'))

    const listed = await new ObjectClient(transport).list(endpoints, {
      namespace: 'shop',
      labelSelector: 'x=y',
    })

    expect(listed).toEqual(
      ['a', 'b'].map((name) => ({
        apiVersion: 'externaldns.k8s.io/v1alpha1',
        kind: 'DNSEndpoint',
        metadata: { name },
      })),
    )
    expect(transport.requests.map(({ query }) => query)).toEqual([
      { limit: 500, labelSelector: 'x=y', continue: undefined },
      { limit: 500, labelSelector: 'x=y', continue: 'next' },
    ])
  })

  test('writes wait for their turn at the limiter, reads do not', async () => {
    const transport = new FakeTransport(object, object)
    const limiter = new WriteLimiter({ concurrency: 1, perSecond: 1000 })
    void limiter.run('host', () => new Promise(() => {}))
    const client = new ObjectClient(transport, limiter)
    const abort = new AbortController()

    const writing = client.update(endpoints, object, abort.signal)
    await client.get(endpoints, place)
    abort.abort(new Error('no longer wanted'))

    await expect(writing).rejects.toThrow('no longer wanted')
    expect(transport.requests.map(({ method }) => method)).toEqual([undefined])
  })
})
