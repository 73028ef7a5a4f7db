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
import { eventually, plain } from './kubernetes-api/context.ts'

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const NAMESPACE = 'crds'
const DEFINITIONS = [...KINDS, ...OPTIONAL_KINDS].map(({ definition }) => definition)

/** What our CRDs are held against. */
export interface CrdContractOptions {
  readonly name: string
  /** A server without any of our CRDs. */
  readonly target: () => Promise<ApiTarget>
}

/**
 * Every file of `crds/` on an API server: it installs without a word of warning, and its schema, pruning and columns do with objects
 * what is written here. Rules beyond structural schemas are not the server's: there such objects are taken.
 */
export function crdContract(options: CrdContractOptions): void {
  describe(`crds/: ${options.name}`, () => {
    let api: KubernetesClient

    beforeAll(async () => {
      api = new KubernetesClient(await options.target())
      await api.post('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
    }, 120_000)

    afterAll(() => api.close())

    describe('installing', () => {
      it.each(crdFiles())('$path is taken without warnings, and established', async ({ text }) => {
        const crd = parse(text) as { metadata: { name: string } }
        const reply = await api.post(`${CRDS}?fieldValidation=Strict`, crd)
        const conditions = await eventually(
          () => conditionsOf(api, crd.metadata.name),
          (found) => found.includes('Established True'),
        )

        expect({ code: reply.code, message: reply.body['message'], warnings: reply.warnings }).toEqual({
          code: 201,
          message: undefined,
          warnings: [],
        })
        const approval = crd.metadata.name.endsWith('.k8s.io')
          ? ['KubernetesAPIApprovalPolicyConformant True']
          : []
        expect(conditions).toEqual(['Established True', ...approval, 'NamesAccepted True'])
      })

      it('is the same a second time', async () => {
        for (const { text } of crdFiles()) {
          const crd = parse(text) as { metadata: { name: string }; spec: unknown }
          const path = `${CRDS}/${crd.metadata.name}`
          const before = await eventually(
            () => api.get(path),
            (reply) => reply.code === 200,
          )
          const after = await api.patch(path, { spec: crd.spec })

          expect(after.warnings).toEqual([])
          expect(versionOf(after.body)).toBe(versionOf(before.body))
        }
      })
    })

    describe('discovery', () => {
      it.each(DEFINITIONS)('$kind.$group has its names and status', async (definition) => {
        const { group, version, plural, singular, kind, shortNames, categories } = definition
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
    })

    describe('objects', () => {
      it.each(OBJECTS)('$kind: $name', async (testCase) => {
        const object = objectOf(testCase)
        const reply = await api.post(`${pathOf(testCase)}?dryRun=All`, object)
        const unknown = (testCase.unknown ?? []).map((field) => `unknown field "${field}"`)

        if (testCase.refused === undefined) {
          expect({ code: reply.code, message: reply.body['message'] }).toEqual({
            code: 201,
            message: undefined,
          })
          expect(reply.warnings.toSorted()).toEqual(unknown)
          expect(contentOf(reply.body)).toEqual(prunedContent(object, testCase.unknown ?? []))
        } else {
          expect(reply.code).toBe(422)
          expect(reply.body['message']).toBe(
            `${kindNameOf(testCase)} "${String(object.metadata['name'])}" is invalid: ${testCase.refused}`,
          )
        }
      })

      it.each(OBJECTS)('$kind: $name, as our own rules see it', (testCase) => {
        const isRefused = testCase.refused !== undefined || testCase.beyondSchema === true
        const object = prunedNulls(objectOf(testCase))

        expect(admissionProblems(object).length > 0).toBe(isRefused)
      })

      it.each(OBJECTS.filter((testCase) => testCase.unknown !== undefined && testCase.unknown.length > 0))(
        '$kind: $name, refused by fieldValidation=Strict',
        async (testCase) => {
          const reply = await api.post(
            `${pathOf(testCase)}?dryRun=All&fieldValidation=Strict`,
            objectOf(testCase),
          )
          const words = (testCase.unknown ?? []).map((field) => `unknown field "${field}"`)

          expect(reply.code).toBe(400)
          for (const word of words) expect(reply.body['message']).toContain(word)
        },
      )
    })

    describe('columns', () => {
      it.each(ROWS)('of $kind: $name', async ({ kind, object, status, want }) => {
        const definition = definitionOf(kind)
        const path = collectionOf(definition)
        const { apiVersion, kind: ofKind } = typeOf(definition)
        const body = { apiVersion, kind: ofKind, metadata: { name: 'row' }, ...object }
        expect((await api.post(path, body)).code).toBe(201)
        if (status !== undefined) {
          expect((await api.patch(`${path}/row/status`, { status })).code).toBe(200)
        }
        const table = await api.get(`${path}/row`, TABLE)
        await api.delete(`${path}/row`)
        const columns = (table.body['columnDefinitions'] as Json[]).map((column) => column['name'])
        const [row] = table.body['rows'] as { cells: unknown[] }[]

        expect(Object.fromEntries(columns.map((column, index) => [column, row?.cells[index]]))).toEqual({
          Name: 'row',
          ...want,
        })
        expect(columns).toEqual(['Name', ...definition.printerColumns.map((column) => column.name)])
      })
    })
  })
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
  const { metadata: _, ...content } = structuredClone(prunedNulls(object))
  for (const field of fields) {
    const path = field.split(/\.|\[|\]\.?/).filter((step) => step !== '')
    const last = path.pop() ?? ''
    const parent = path.reduce<unknown>((value, step) => (value as Json)[step], content) as Json // the path is there
    delete parent[last]
  }
  return content
}

/** No field of ours is nullable: a null is as good as nothing. */
function prunedNulls<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_name, inner: unknown) => (inner === null ? undefined : inner)),
  ) as T // the same JSON, without nulls
}

function versionOf(body: Json): unknown {
  return (body['metadata'] as Json | undefined)?.['resourceVersion']
}
