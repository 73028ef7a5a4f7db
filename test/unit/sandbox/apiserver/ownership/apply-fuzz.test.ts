import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { THING_CRD, apiRequest, ask, bodyOf, codeOf, testCluster } from '../test-cluster.ts'

const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>('a', 'f:a', 80, true, null, '__proto__'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'name',
        'a',
        'ports',
        'port',
        'f:a',
        'k:{"a":1}',
        'k:{',
        'v:"x"',
        'v:',
        '.',
        '__proto__',
      ),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', labels: { a: 'b' }, finalizers: ['x/y'], annotations: {} },
  spec: { ports: [{ port: 80, name: 'http' }], selector: { a: 'b' }, externalIPs: ['192.0.2.1'] },
  status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
}
const THING = {
  apiVersion: 'unit.example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a', labels: { a: 'b' } },
  spec: { size: 1, replicas: 2, free: { a: [1, { b: null }] } },
  status: { any: { thing: 1 } },
}
const SCALE = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 3 } }

const PLACES = [
  { path: '/api/v1/namespaces/default/services/a', config: SERVICE },
  { path: '/api/v1/namespaces/default/services/a/status', config: SERVICE },
  { path: '/apis/unit.example.com/v1/namespaces/default/things/a', config: THING },
  { path: '/apis/unit.example.com/v1/namespaces/default/things/a/status', config: THING },
  { path: '/apis/unit.example.com/v1/namespaces/default/things/a/scale', config: SCALE },
]

function pathsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...path, name]))]
}

function replacedAt(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined || typeof value !== 'object' || value === null) return by
  const inner = replacedAt((value as Record<string, unknown>)[name], rest, by)
  return Array.isArray(value)
    ? value.map((item: unknown, index) => (String(index) === name ? inner : item))
    : { ...value, [name]: inner }
}

const write = fc.constantFrom(...PLACES).chain(({ path, config }) =>
  fc.record({
    path: fc.constant(path),
    by: fc.constantFrom('one', 'two', 'kubectl'),
    how: fc.constantFrom('apply', 'force', 'merge', 'put', 'text'),
    body: fc
      .array(fc.tuple(fc.constantFrom(...pathsIn(config), ['metadata', 'managedFields']), anything), {
        maxLength: 2,
      })
      .map((edits) => edits.reduce((edited: unknown, [at, value]) => replacedAt(edited, at, value), config)),
    text: fc.string(),
  }),
)

describe('whatever is applied or written', () => {
  it('is done or refused with a Status, and what is stored can be applied to again', () => {
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 6 }), (writes) => {
        const { cluster } = testCluster({ crds: [THING_CRD] })
        for (const { path, by, how, body, text } of writes) {
          const applies = how !== 'merge' && how !== 'put'
          const query = `fieldManager=${by}${how === 'force' ? '&force=true' : ''}`
          const request = apiRequest(how === 'put' ? 'PUT' : 'PATCH', `${path}?${query}`, {
            body: how === 'text' ? text : (JSON.stringify(body) ?? ''),
            headers: {
              'content-type': applies
                ? 'application/apply-patch+yaml'
                : how === 'put'
                  ? 'application/json'
                  : 'application/merge-patch+json',
            },
          })
          const answer = ask(cluster, request)

          expect([200, 201, 400, 404, 409, 415, 422, 500]).toContain(codeOf(answer))
          if (codeOf(answer) === 500) expect(bodyOf(answer)['message']).toMatch(/^failed to /)
        }
        for (const { path, config } of PLACES.slice(0, 3)) {
          const last = ask(
            cluster,
            apiRequest('PATCH', `${path}?fieldManager=last&force=true`, {
              body: config,
              headers: { 'content-type': 'application/apply-patch+yaml' },
            }),
          )

          expect([200, 201, 404, 409, 422]).toContain(codeOf(last))
        }
      }),
      { numRuns: 150 },
    )
  })
})
