import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { KINDS, OPTIONAL_KINDS, admissionProblems } from '../../src/api/kinds.ts'
import { crdFiles } from '../../src/api/print-crds.ts'
import type { ResourceDefinition } from '../../src/api/resource-definition.ts'
import { KubernetesClient, TABLE } from '../support/kubernetes-client.ts'
import type { ApiTarget, Json } from '../support/kubernetes-client.ts'
import { OBJECTS } from './crds/objects.ts'
import type { ObjectCase } from './crds/objects.ts'
import { ROWS } from './crds/rows.ts'
import { eventually, metaOf, plain } from './kubernetes-api/context.ts'

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const NAMESPACE = 'crds'
const DEFINITIONS = [...KINDS, ...OPTIONAL_KINDS].map(({ definition }) => definition)

/** What our CRDs are held against. */
export interface CrdContractOptions {
  readonly name: string
  /** A server without any of our CRDs. */
  readonly target: () => Promise<ApiTarget>
}

/** Registers one named behaviour. */
type CrdTest = (name: string, run: (api: KubernetesClient) => Promise<void>) => void

const PARTS: readonly (readonly [string, (test: CrdTest) => void])[] = [
  ['installing', installing],
  ['discovery of our kinds', discovery],
  ['objects of our kinds', objects],
  ['rules of our own', ownRules],
  ['columns of our kinds', columns],
]

/** Names of all behaviours, by part. */
export function crdBehaviours(): readonly { readonly part: string; readonly names: readonly string[] }[] {
  return PARTS.map(([part, register]) => {
    const names: string[] = []
    register((name) => names.push(name))
    return { part, names }
  })
}

/**
 * Every file of `crds/` on an API server: it installs without a word of warning, and its schema, pruning and columns do with objects
 * what is written here. Rules beyond structural schemas are not the server's: there such objects are taken.
 */
export function crdContract(options: CrdContractOptions): void {
  describe(`crds/: ${options.name}`, () => {
    let api: KubernetesClient | undefined
    const ready = (): KubernetesClient => {
      if (api === undefined) throw new Error('the target could not be prepared')
      return api
    }

    beforeAll(async () => {
      api = new KubernetesClient(await options.target())
      await api.post('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
    }, 120_000)

    afterAll(() => api?.close())

    for (const [part, register] of PARTS) {
      describe(part, () => {
        register((name, run) => it(name, () => run(ready())))
      })
    }
  })
}

function installing(test: CrdTest): void {
  for (const { path, text } of crdFiles()) {
    test(`crds/${path} is taken without warnings, and established`, async (api) => {
      const crd = parse(text) as { metadata: { name: string } }
      const reply = await api.post(`${CRDS}?fieldValidation=Strict`, crd)
      const approval = crd.metadata.name.endsWith('.k8s.io')
        ? ['KubernetesAPIApprovalPolicyConformant True']
        : []
      const conditions = await eventually(
        () => conditionsOf(api, crd.metadata.name),
        (found) => found.includes('Established True') && found.length >= 2 + approval.length,
      )

      expect({ code: reply.code, message: reply.body['message'], warnings: reply.warnings }).toEqual({
        code: 201,
        message: undefined,
        warnings: [],
      })
      expect(conditions).toEqual(['Established True', ...approval, 'NamesAccepted True'])
    })
  }

  test('installing them again changes nothing', async (api) => {
    for (const { text } of crdFiles()) {
      const crd = parse(text) as { metadata: { name: string }; spec: unknown }
      const path = `${CRDS}/${crd.metadata.name}`
      const before = await api.get(path)
      const after = await api.patch(path, { spec: crd.spec })

      expect(after.warnings).toEqual([])
      expect(after.body['spec']).toEqual(before.body['spec'])
      expect(metaOf(after.body)['generation']).toBe(1)
    }
  })
}

function discovery(test: CrdTest): void {
  for (const definition of DEFINITIONS) {
    const { group, version, plural, singular, kind, shortNames, categories } = definition
    test(`${kind}.${group} is served with its names and subresources`, async (api) => {
      const reply = await eventually(
        () => api.get(`/apis/${group}/${version}`),
        ({ body }) => resourcesOf(body).some(({ name }) => name === plural),
      )
      const found = resourcesOf(reply.body).find(({ name }) => name === plural) ?? {}
      const names = resourcesOf(reply.body).map(({ name }) => name)

      expect({ shortNames: [], categories: [], ...found }).toMatchObject({
        ...{ singularName: singular, kind, namespaced: true, shortNames, categories },
      })
      expect(names.includes(`${plural}/status`)).toBe(definition.subresources.status)
    })
  }
}

function objects(test: CrdTest): void {
  for (const testCase of OBJECTS) {
    const { kind, name, refused, refusedByOlder, unknown = [] } = testCase
    test(`${kind}: ${name} ${refused === undefined ? 'is taken' : 'is refused'}`, async (api) => {
      const object = objectOf(testCase)
      const reply = await api.post(`${pathOf(testCase)}?dryRun=All`, object)

      if (refused === undefined) {
        expect({ code: reply.code, message: reply.body['message'] }).toEqual({
          code: 201,
          message: undefined,
        })
        expect(reply.warnings.toSorted()).toEqual(unknown.map((field) => `unknown field "${field}"`))
        expect(contentOf(reply.body)).toEqual(prunedContent(object, unknown))
      } else {
        const head = `${kindNameOf(testCase)} "${String(object.metadata['name'])}" is invalid: `
        const known = [refused, refusedByOlder].map((words) => head + (words ?? refused))
        expect(reply.code).toBe(422)
        expect(known).toContain(reply.body['message'])
      }
    })
    if (unknown.length === 0) continue
    test(`${kind}: ${name} is refused by fieldValidation=Strict`, async (api) => {
      const reply = await api.post(
        `${pathOf(testCase)}?dryRun=All&fieldValidation=Strict`,
        objectOf(testCase),
      )

      expect(reply.code).toBe(400)
      for (const field of unknown) expect(reply.body['message']).toContain(`unknown field "${field}"`)
    })
  }
}

/** What the schema refuses our rules refuse too, and more; what they take the schema takes. */
function ownRules(test: CrdTest): void {
  for (const testCase of OBJECTS) {
    const { kind, name, refused, beyondSchema = false } = testCase
    const isRefused = refused !== undefined || beyondSchema
    const verdict = beyondSchema
      ? 'is refused by our rules alone'
      : `is ${isRefused ? 'refused' : 'taken'} by our rules too`
    test(`${kind}: ${name} ${verdict}`, async () => {
      expect(admissionProblems(withoutNulls(objectOf(testCase))).length > 0).toBe(isRefused)
      await Promise.resolve()
    })
  }
}

function columns(test: CrdTest): void {
  for (const { kind, name, object, status, want } of ROWS) {
    test(`${kind}: the row of one ${name}`, async (api) => {
      const definition = definitionOf(kind)
      const path = collectionOf(definition)
      const body = { ...typeOf(definition), metadata: { name: 'row' }, ...object }
      expect((await api.post(path, body)).code).toBe(201)
      if (status !== undefined) {
        expect((await api.patch(`${path}/row/status`, { status })).code).toBe(200)
      }
      const table = await api.get(`${path}/row`, TABLE)
      await api.delete(`${path}/row`)
      const names = (table.body['columnDefinitions'] as Json[]).map((column) => column['name'])
      const [row] = table.body['rows'] as { cells: unknown[] }[]

      expect(names).toEqual(['Name', ...definition.printerColumns.map((column) => column.name)])
      expect(Object.fromEntries(names.map((column, index) => [column, row?.cells[index]]))).toEqual({
        Name: 'row',
        ...want,
      })
    })
  }
}

async function conditionsOf(api: KubernetesClient, name: string): Promise<readonly string[]> {
  const status = (await api.get(`${CRDS}/${name}`)).body['status'] as
    | { conditions?: Json[] | null }
    | undefined
  return (status?.conditions ?? [])
    .map((condition) => `${String(condition['type'])} ${String(condition['status'])}`)
    .toSorted()
}

function resourcesOf(body: Json): readonly Json[] {
  return (body['resources'] as Json[] | undefined) ?? [] // an APIResourceList
}

function definitionOf(kind: string): ResourceDefinition {
  const found = DEFINITIONS.find(
    (definition) => definition.kind === kind || `${definition.kind}.${definition.group}` === kind,
  )
  if (found === undefined) throw new Error(`no such kind: ${kind}`)
  return found
}

function typeOf({ group, version, kind }: ResourceDefinition): {
  readonly apiVersion: string
  readonly kind: string
} {
  return { apiVersion: `${group}/${version}`, kind }
}

function collectionOf({ group, version, plural }: ResourceDefinition): string {
  return `/apis/${group}/${version}/namespaces/${NAMESPACE}/${plural}`
}

function pathOf({ kind }: ObjectCase): string {
  return collectionOf(definitionOf(kind))
}

function kindNameOf({ kind }: ObjectCase): string {
  const { kind: name, group } = definitionOf(kind)
  return `${name}.${group}`
}

function objectOf({ kind, object }: ObjectCase): Json & { readonly metadata: Json } {
  const { metadata = {}, ...rest } = object
  return {
    ...typeOf(definitionOf(kind)),
    metadata: { name: 'x', namespace: NAMESPACE, ...(metadata as Json) },
    ...rest,
  }
}

/** Without what the server adds. */
function contentOf(body: Json): Json {
  const { metadata: _, ...content } = plain(body)
  return content
}

function prunedContent(object: Json, fields: readonly string[]): Json {
  const { metadata: _, ...content } = structuredClone(withoutNulls(object))
  for (const field of fields) {
    const path = field.split(/\.|\[|\]\.?/).filter((step) => step !== '')
    const last = path.pop() ?? ''
    const parent = path.reduce<unknown>((value, step) => (value as Json)[step], content) as Json // the path is there
    delete parent[last]
  }
  return content
}

/** No field of ours is nullable: a null is as good as nothing. */
function withoutNulls<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_name, inner: unknown) => (inner === null ? undefined : inner)),
  ) as T // the same JSON, without nulls
}
