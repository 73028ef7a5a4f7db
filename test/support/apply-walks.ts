import fc from 'fast-check'
import { gadgetCrd } from '../contract/kubernetes-api/objects.ts'
import { APPLY_PATCH, MERGE_PATCH } from './kubernetes-client.ts'
import type { ApiReply, Json, KubernetesClient } from './kubernetes-client.ts'

/** One write of a walk: `config` is applied, or merged, or created, by a manager. */
export interface WalkStep {
  readonly method: 'POST' | 'PATCH' | 'PUT'
  /** Path and query; `NAME` stands for the object's name. */
  readonly path: string
  readonly contentType: string
  readonly body: Json
}

/** What is compared of an answer. */
export interface WalkAnswer {
  readonly code: number
  /** Of a refused write, its lines in order. */
  readonly message?: string
  /** Of one that went through: the object without what no two servers have alike. */
  readonly object?: Json
  /** Owner → what it owns, as it is written. */
  readonly owners?: Readonly<Record<string, unknown>>
}

/** Writes of one object, in their order, and what a real server answered. */
export interface RecordedWalk {
  readonly kind: string
  readonly steps: readonly { readonly step: WalkStep; readonly answer: WalkAnswer }[]
}

/** Group of the custom resource that walks write. */
export const WALK_GROUP = 'walks.example.com'

const NAMESPACE = 'default'
const GADGETS = `/apis/${WALK_GROUP}/v1/namespaces/${NAMESPACE}/gadgets`
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`
const CORE = `/api/v1/namespaces/${NAMESPACE}`

/** Make the custom resource of the walks and wait for it. */
export async function prepareWalks(api: KubernetesClient): Promise<void> {
  await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', gadgetCrd(WALK_GROUP))
  for (let left = 100; (await api.get(GADGETS)).code !== 200; left -= 1) {
    if (left === 0) throw new Error('the custom resource of the walks is not served')
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
  }
}

/** Do one step on the object of this name. */
export async function walked(api: KubernetesClient, step: WalkStep, name: string): Promise<WalkAnswer> {
  const body = JSON.stringify(step.body).replaceAll('"NAME"', JSON.stringify(name))
  const { method, contentType } = step
  const reply = await api.call(method, step.path.replaceAll('NAME', name), { body, contentType })
  return answerOf(reply, name)
}

function answerOf({ code, body }: ApiReply, name: string): WalkAnswer {
  if (code >= 400) {
    const message = String(body['message']).replaceAll(name, 'NAME')
    return { code, message: message.split('\n').toSorted().join('\n') }
  }
  const { metadata, ...rest } = JSON.parse(
    JSON.stringify(body).replaceAll(JSON.stringify(name), '"NAME"'),
  ) as {
    readonly metadata: Json
  } & Json // an object of a Kubernetes API
  const { managedFields, uid: _uid, resourceVersion: _version, creationTimestamp: _at, ...meta } = metadata
  return { code, object: sorted({ metadata: meta, ...rest }) as Json, owners: ownersOf(managedFields) }
}

/** Addresses and ports that a server gives. */
const GIVEN = new Set(['clusterIP', 'clusterIPs', 'nodePort'])

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Json
  return Object.fromEntries(
    Object.keys(fields)
      .toSorted()
      .map((name) => [name, GIVEN.has(name) ? '*' : sorted(fields[name])]),
  )
}

function ownersOf(entries: unknown): Readonly<Record<string, unknown>> {
  const owners = ((entries ?? []) as readonly Json[]).map((entry): [string, unknown] => {
    const { manager, operation, apiVersion, subresource, time, fieldsV1 } = entry
    const words = [manager, operation, apiVersion, subresource, time === undefined ? 'untimed' : undefined]
    return [words.filter((word) => typeof word === 'string').join(' '), fieldsV1]
  })
  return Object.fromEntries(owners.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const one = <T>(...values: readonly T[]) => fc.constantFrom(...values)
const part = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] })
const map = part({ a: one('1', '2'), b: one('1', '2'), c: one('1') })
const some = (...values: readonly string[]) => fc.shuffledSubarray([...values])

const metadata = part({
  labels: map,
  annotations: map,
  finalizers: some('x/b', 'x/c').map((names) => ['x/a', ...names]),
}).map((fields) => ({ name: 'NAME', ...fields }))

const configMap = fc
  .record({ metadata, data: map })
  .map((fields) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...fields }))

const service = fc
  .record({
    metadata,
    spec: fc.record(
      {
        ports: fc.shuffledSubarray(
          [
            { port: 80, name: 'h' },
            { port: 53, name: 'd', protocol: 'UDP' },
            { port: 9, name: 'n', targetPort: 'x' },
          ],
          { minLength: 1 },
        ),
        selector: map,
        type: one('ClusterIP', 'NodePort', 'LoadBalancer'),
        sessionAffinity: one('None', 'ClientIP'),
      },
      { requiredKeys: ['ports'] },
    ),
  })
  .map((fields) => ({ apiVersion: 'v1', kind: 'Service', ...fields }))

const container = fc.record(
  {
    name: fc.constant('main'),
    image: one('i:1', 'j:1'),
    env: some('A', 'B', 'C').chain((names) =>
      fc.tuple(...names.map((name) => one('1', '2').map((value) => ({ name, value })))),
    ),
    args: some('a', 'b'),
    ports: fc.shuffledSubarray([
      { containerPort: 80 },
      { containerPort: 80, protocol: 'UDP' },
      { containerPort: 81, name: 'x' },
    ]),
  },
  { requiredKeys: ['name', 'image'] },
)

const deployment = fc
  .record({
    metadata,
    replicas: fc.option(one(0, 1, 2), { nil: undefined }),
    spec: part({
      nodeSelector: map,
      tolerations: some('a', 'b').map((keys) => keys.map((key) => ({ key, operator: 'Exists' }))),
      volumes: some('a', 'b').map((names) => names.map((name) => ({ name, emptyDir: {} }))),
    }),
    containers: fc.tuple(container).map((containers): readonly unknown[] => containers),
  })
  .map((made) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: made.metadata,
    spec: {
      paused: true,
      ...(made.replicas === undefined ? {} : { replicas: made.replicas }),
      selector: { matchLabels: { app: 'x' } },
      template: { metadata: { labels: { app: 'x' } }, spec: { ...made.spec, containers: made.containers } },
    },
  }))

const gadget = fc
  .record({
    metadata,
    spec: fc.record(
      {
        color: one('red', 'blue'),
        tags: some('a', 'b', 'c').map((tags) => tags.slice(0, 2)),
        weights: part({ a: one(1, 2), b: one(1) }),
        port: one<unknown>(80, 'http'),
        free: one<unknown>(
          { a: { b: 1 } },
          { a: { c: 2 } },
          { l: [1, 2] },
          { a: 1 },
          { l: [{ x: 1 }], a: { b: {} } },
        ),
        parts: some('a', 'b', 'c').map((ids) =>
          ids.map((id) => ({ id, ...(id === 'b' ? { label: 'x' } : {}) })),
        ),
        size: one(4, 5),
      },
      { requiredKeys: ['color'] },
    ),
  })
  .map((fields) => ({ apiVersion: `${WALK_GROUP}/v1`, kind: 'Gadget', ...fields }))

const KINDS: Readonly<Record<string, { readonly path: string; readonly body: fc.Arbitrary<Json> }>> = {
  configmaps: { path: `${CORE}/configmaps`, body: configMap },
  services: { path: `${CORE}/services`, body: service },
  deployments: { path: DEPLOYMENTS, body: deployment },
  gadgets: { path: GADGETS, body: gadget },
}

/** Names of the kinds that walks write. */
export const WALK_KINDS = Object.keys(KINDS)

/** Random walks of a kind, the same for the same seed. */
export function walksOf(
  kind: string,
  { seed, count }: { readonly seed: number; readonly count: number },
): readonly (readonly WalkStep[])[] {
  const { path, body } = KINDS[kind] ?? { path: '', body: fc.constant({}) }
  const manager = one('m1', 'm2', 'm3', 'kubectl')
  const step = fc
    .tuple(manager, body, one('apply', 'force', 'apply', 'force', 'merge', 'put'))
    .map(([by, config, how]): WalkStep => {
      const query = `fieldManager=${by}${how === 'force' ? '&force=true' : ''}`
      // Custom resources are replaced with a version only; a walk has none at hand.
      const replaced = how === 'put' && kind !== 'gadgets'
      return {
        method: replaced ? 'PUT' : 'PATCH',
        path: `${path}/NAME?${query}`,
        contentType: replaced
          ? 'application/json'
          : how === 'apply' || how === 'force'
            ? APPLY_PATCH
            : MERGE_PATCH,
        body: config,
      }
    })
  const first = body.map((config): WalkStep => ({
    method: 'POST',
    path: `${path}?fieldManager=m1`,
    contentType: 'application/json',
    body: config,
  }))
  const walk = fc.tuple(fc.option(first, { nil: undefined }), fc.array(step, { minLength: 8, maxLength: 8 }))
  return fc
    .sample(walk, { seed, numRuns: count })
    .map(([start, steps]) => (start === undefined ? steps : [start, ...steps]))
}
