import { expect } from 'vitest'
import { TABLE } from '../../support/kubernetes-client.ts'
import type { Json } from '../../support/kubernetes-client.ts'
import { eventually, statusOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { CRDS, defineGizmos, gizmoCrd } from './gizmos.ts'

const APPROVAL = 'api-approved.kubernetes.io'
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111'
const LABEL_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const SPEC = 'spec.validation.openAPIV3Schema.properties[spec].properties[a]'

/** Properties of a spec that no CRD may have, and the message behind `is invalid: `. */
const BROKEN: readonly { readonly name: string; readonly a: Json; readonly want: string }[] = [
  {
    name: 'a default of another type',
    a: { type: 'string', default: 5 },
    want: `${SPEC}.default: Invalid value: "integer":  in body must be of type string: "integer"`,
  },
  {
    name: 'a list without items',
    a: { type: 'array' },
    want: `${SPEC}.items: Required value: must be specified`,
  },
  {
    name: 'properties and additional ones',
    a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } },
    want: `${SPEC}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
  },
  {
    name: 'a pattern that does not parse',
    a: { type: 'string', pattern: '(' },
    want: `${SPEC}.pattern: Invalid value: "(": must be a valid regular expression, but isn't`,
  },
  {
    name: 'a type among alternatives',
    a: { type: 'string', oneOf: [{ type: 'string' }] },
    want: `${SPEC}.oneOf[0].type: Forbidden: must be empty to be structural`,
  },
  {
    name: 'a keyed list that is none',
    a: { type: 'object', 'x-kubernetes-list-type': 'map' },
    want: `[${SPEC}.type: Invalid value: "object": must be array if x-kubernetes-list-type is specified, ${SPEC}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map, ${SPEC}.items: Required value: must have a schema if x-kubernetes-list-type is map]`,
  },
]

/** Names of a CRD that do not go, and the message. */
const NAMES: readonly { readonly name: string; readonly names: Json; readonly want: string }[] = [
  {
    name: 'a short name with an underscore',
    names: { shortNames: ['g_'] },
    want: `spec.names.shortNames[0]: Invalid value: "g_": ${LABEL_1035}`,
  },
  {
    name: 'a kind that ends with a dash',
    names: { kind: 'Gizmo-', singular: 'gizmo', listKind: 'GizmoList' },
    want: `spec.names.kind: Invalid value: "Gizmo-": may have mixed case, but should otherwise match: ${LABEL_1035}`,
  },
]

const FEATURES = {
  nullable: { type: 'string', nullable: true, default: 'd' },
  filled: { type: 'string', default: 'd' },
  word: { type: 'string', enum: ['A', 'B', ''] },
  wordOrNull: { type: 'string', nullable: true, enum: ['A', 'B'] },
  either: { 'x-kubernetes-int-or-string': true, default: '5' },
  step: { type: 'number', multipleOf: 0.5 },
  list: {
    type: 'array',
    minItems: 1,
    items: { type: 'object', properties: { k: { type: 'string', default: 'dk' } } },
  },
  map: {
    type: 'object',
    minProperties: 1,
    maxProperties: 2,
    additionalProperties: { type: 'object', properties: { x: { type: 'integer', default: 1 } } },
  },
  any: { 'x-kubernetes-preserve-unknown-fields': true },
  duration: { type: 'string', format: 'duration' },
  ipv4: { type: 'string', format: 'ipv4' },
  bytes: { type: 'string', format: 'byte' },
  uuid: { type: 'string', format: 'uuid' },
  host: { type: 'string', format: 'hostname' },
  date: { type: 'string', format: 'date' },
  whole: { type: 'integer' },
  small: { type: 'integer', format: 'int32' },
}
const FILLED = { either: '5', filled: 'd', nullable: 'd' }

/** A spec of those, and what it becomes, or the message behind `is invalid: `; `older`: as Kubernetes 1.34 says it. */
const VALUES: readonly {
  readonly spec: Json
  readonly want: Json | string
  readonly older?: Json | string
}[] = [
  { spec: {}, want: FILLED },
  { spec: { nullable: null, filled: null }, want: { ...FILLED, nullable: null } },
  { spec: { word: '' }, want: { ...FILLED, word: '' } },
  { spec: { word: 'C' }, want: 'spec.word: Unsupported value: "C": supported values: "A", "B", ""' },
  {
    spec: { wordOrNull: null },
    want: 'spec.wordOrNull: Unsupported value: null: supported values: "A", "B"',
  },
  { spec: { either: 5 }, want: { ...FILLED, either: 5 } },
  {
    spec: { either: 5.5 },
    want: 'spec.either: Invalid value: "number": spec.either in body must be of type integer,string: "number"',
  },
  { spec: { step: 1.5 }, want: { ...FILLED, step: 1.5 } },
  {
    spec: { step: 0.3 },
    want: 'spec.step: Invalid value: 0.3: spec.step in body should be a multiple of 0.5',
  },
  { spec: { list: [] }, want: 'spec.list: Invalid value: 0: spec.list in body should have at least 1 items' },
  { spec: { list: [{}] }, want: { ...FILLED, list: [{ k: 'dk' }] } },
  {
    spec: { map: {} },
    want: 'spec.map: Invalid value: 0: spec.map in body should have at least 1 properties',
  },
  { spec: { map: { a: {} } }, want: { ...FILLED, map: { a: { x: 1 } } } },
  { spec: { map: { a: { y: 1 } } }, want: { ...FILLED, map: { a: { x: 1 } } } },
  { spec: { map: { a: {}, b: {}, c: {} } }, want: 'spec.map: Too many: 3: must have at most 2 items' },
  { spec: { any: [1, { a: null }] }, want: { ...FILLED, any: [1, { a: null }] } },
  { spec: { duration: '5m' }, want: { ...FILLED, duration: '5m' } },
  {
    spec: { duration: 'later' },
    want: 'spec.duration: Invalid value: "later": spec.duration in body must be of type duration: "later"',
  },
  {
    spec: { ipv4: '::1' },
    want: 'spec.ipv4: Invalid value: "::1": spec.ipv4 in body must be of type ipv4: "::1"',
  },
  {
    spec: { bytes: '%' },
    want: 'spec.bytes: Invalid value: "%": spec.bytes in body must be of type byte: "%"',
  },
  { spec: { uuid: 'x' }, want: 'spec.uuid: Invalid value: "x": spec.uuid in body must be of type uuid: "x"' },
  {
    spec: { host: 'a_b' },
    want: 'spec.host: Invalid value: "a_b": spec.host in body must be of type hostname: "a_b"',
  },
  {
    spec: { date: '2020-13-01' },
    want: 'spec.date: Invalid value: "2020-13-01": spec.date in body must be of type date: "2020-13-01"',
  },
  {
    spec: { whole: 2.5 },
    want: '[spec.whole: Invalid value: "number": spec.whole in body must be of type integer: "number", <nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.whole]',
    older: 'spec.whole: Invalid value: "number": spec.whole in body must be of type integer: "number"',
  },
  {
    spec: { small: 2.5 },
    want: '[spec.small: Invalid value: "float64": spec.small in body must be of type int32: "float64", <nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.small]',
    older: 'spec.small: Invalid value: "number": spec.small in body must be of type integer: "number"',
  },
  {
    spec: { small: 3_000_000_000 },
    want: '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.small',
    older: { ...FILLED, small: 3_000_000_000 },
  },
]

const COLUMNS = [
  { name: 'S', type: 'string', jsonPath: '.spec.s' },
  { name: 'I', type: 'integer', jsonPath: '.spec.i' },
  { name: 'N', type: 'number', jsonPath: '.spec.n' },
  { name: 'B', type: 'boolean', jsonPath: '.spec.b' },
  { name: 'D', type: 'date', jsonPath: '.spec.d' },
  { name: 'L', type: 'string', jsonPath: '.spec.l' },
  { name: 'First', type: 'string', jsonPath: '.spec.l[0]' },
  { name: 'Each', type: 'string', jsonPath: '.spec.l[*].x' },
  { name: 'Ready', type: 'string', jsonPath: '.spec.c[?(@.type=="Ready")].status' },
  { name: 'Dotted', type: 'string', jsonPath: ".spec.m['a.b']" },
  { name: 'Escaped', type: 'string', jsonPath: String.raw`.metadata.labels.x\.y/z` },
]
const ANY_SPEC = Object.fromEntries(
  ['s', 'i', 'n', 'b', 'd', 'l', 'c', 'm'].map((field) => [
    field,
    { 'x-kubernetes-preserve-unknown-fields': true },
  ]),
)
const AGED = expect.stringMatching(/^\d+y$/) as unknown

/** A spec and the cells behind the name. */
const CELLS: readonly { readonly name: string; readonly spec: Json; readonly want: readonly unknown[] }[] = [
  { name: 'nothing', spec: {}, want: [null, null, null, null, null, null, null, null, null, null] },
  {
    name: 'what fits',
    spec: {
      ...{ s: 'x', i: 5, n: 1.5, b: true, d: '2000-01-01T00:00:00Z', m: { a: { b: 'v' }, 'a.b': 'w' } },
      ...{ l: [{ x: 1 }, { x: 'two' }], c: [{ type: 'Other' }, { type: 'Ready', status: 'Yes' }] },
    },
    want: ['x', 5, 1.5, true, AGED, '[{"x":1},{"x":"two"}]', '{"x":1}', '1', 'Yes', 'v'],
  },
  {
    name: 'what does not fit',
    spec: { s: 5, i: 'five', n: 'n', b: 'no', d: 'soon', l: ['a'], c: [], m: 'x' },
    want: ['5', null, null, null, '<invalid>', '["a"]', 'a', null, null, null],
  },
  {
    name: 'other types',
    spec: { s: ['a'], i: 5.7, n: 2, b: null, d: 7, l: 'text' },
    want: ['["a"]', 5, 2, null, null, 'text', null, null, null, null],
  },
]

/** CRDs: what they may say, and what their schemas and columns make of objects. */
export function definitionContract(test: ContractTest): void {
  for (const { name, a, want } of BROKEN) {
    test(`a CRD with ${name} is 422`, async ({ api, group }) => {
      const reply = await api.post(`${CRDS}?dryRun=All`, gizmoCrd(`dry.${group}`, { a }, 'm'))

      expect(statusOf(reply)).toMatchObject({
        http: 422,
        message: expect.stringContaining(`"gizmos.dry.${group}" is invalid: ${want}`),
      })
    })
  }

  for (const { name, names, want } of NAMES) {
    test(`a CRD with ${name} is 422`, async ({ api, group }) => {
      const crd = gizmoCrd(`dry.${group}`, {}, 'm') as { spec: Json }
      const spec = { ...crd.spec, names: { ...(crd.spec['names'] as Json), ...names } }

      expect(statusOf(await api.post(`${CRDS}?dryRun=All`, { ...crd, spec }))).toMatchObject({
        http: 422,
        message: expect.stringContaining(want),
      })
    })
  }

  test('a schema says no more of metadata than its names', async ({ api, group }) => {
    const crd = (metadata: Json) => {
      const whole = gizmoCrd(`dry.${group}`, {}, 'm') as { spec: { versions: Json[] } & Json }
      const schema = { openAPIV3Schema: { type: 'object', properties: { metadata } } }
      const versions = whole.spec.versions.map((version) => ({ ...version, schema }))
      return { ...whole, spec: { ...whole.spec, versions } }
    }
    const name = { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } }
    const labels = { type: 'object', properties: { labels: { type: 'object' } } }

    expect((await api.post(`${CRDS}?dryRun=All`, crd(name))).code).toBe(201)
    expect(statusOf(await api.post(`${CRDS}?dryRun=All`, crd(labels)))).toMatchObject({
      http: 422,
      message: expect.stringContaining(
        'properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    })
  })

  test('a column has a format that is known', async ({ api, group }) => {
    const columns = [{ name: 'A', type: 'string', jsonPath: '.spec.a', format: 'name' }]

    expect(
      statusOf(await api.post(`${CRDS}?dryRun=All`, gizmoCrd(`dry.${group}`, {}, 'm', { columns }))),
    ).toMatchObject({
      http: 422,
      message: expect.stringContaining(
        'spec.additionalPrinterColumns[0].format: Invalid value: "name": must be one of byte,date,date-time,double,float,int32,int64,password',
      ),
    })
  })

  test('a format of text that nobody knows is a warning', async ({ api, group }) => {
    const properties = { a: { type: 'string', format: 'odd' }, b: { type: 'string', format: 'date-time' } }
    const reply = await api.post(`${CRDS}?dryRun=All`, gizmoCrd(`dry.${group}`, properties, 'm'))

    expect(reply).toMatchObject({ code: 201, warnings: ['unrecognized format "odd"'] })
  })

  test('a group of the Kubernetes project needs an approval', async ({ api, unique }) => {
    const group = `${unique('g')}.k8s.io`
    const post = (approval?: string) => {
      const annotations = approval === undefined ? {} : { [APPROVAL]: approval }
      const crd = gizmoCrd(group, {}, 'm')
      return api.post(`${CRDS}?dryRun=All`, { ...crd, metadata: { name: `gizmos.${group}`, annotations } })
    }
    const words = `protected groups must have approval annotation "${APPROVAL}"`

    expect(statusOf(await post())).toMatchObject({
      http: 422,
      message: expect.stringContaining(`metadata.annotations[${APPROVAL}]: Required value: ${words}, ${SEE}`),
    })
    expect(statusOf(await post('nonsense'))).toMatchObject({
      http: 422,
      message: expect.stringContaining(
        `Invalid value: "nonsense": ${words} with either a URL or a reason starting with "unapproved", ${SEE}`,
      ),
    })
    expect((await post('https://example.com/approved')).code).toBe(201)
    expect((await post('unapproved, a trial')).code).toBe(201)
  })

  test('the approval of an API is a condition of its CRD', async ({ api, unique }) => {
    for (const [approval, want] of [
      ['https://example.com/approved', 'True ApprovedAnnotation approved in https://example.com/approved'],
      ['unapproved, a trial', 'False UnapprovedAnnotation not approved: "unapproved, a trial"'],
    ]) {
      const group = `${unique('g')}.k8s.io`
      const name = `gizmos.${group}`
      const metadata = { name, annotations: { [APPROVAL]: approval } }
      await api.post(CRDS, { ...gizmoCrd(group, {}, 'm'), metadata })
      const found = await eventually(
        async () => {
          const status = (await api.get(`${CRDS}/${name}`)).body['status'] as
            | { conditions?: Json[] | null }
            | undefined
          return status?.conditions?.find(({ type }) => type === 'KubernetesAPIApprovalPolicyConformant')
        },
        (condition) => condition !== undefined,
      )
      await api.delete(`${CRDS}/${name}`)

      expect([found?.['status'], found?.['reason'], found?.['message']].join(' ')).toBe(want)
    }
  })

  test('values are filled, kept and refused by schema', async (context) => {
    const { api, group } = context
    const path = await defineGizmos(context, FEATURES)
    for (const { spec, want, older } of VALUES) {
      const object = { apiVersion: `${group}/v1`, kind: 'Gizmo', metadata: { name: 'x' }, spec }
      const { code, body } = await api.post(`${path}?dryRun=All`, object)
      const { mark: _, ...filled } = (body['spec'] ?? {}) as Json
      const seen = code === 201 ? filled : body['message']

      const known = [want, ...(older === undefined ? [] : [older])].map((each) =>
        typeof each === 'string' ? `Gizmo.${group} "x" is invalid: ${each}` : each,
      )

      expect({ spec, known }).toEqual({ spec, known: expect.arrayContaining([seen]) as unknown })
    }
  })

  test('columns show what fits their type', async (context) => {
    const { api, group, unique } = context
    const path = await defineGizmos(context, ANY_SPEC, { columns: COLUMNS })
    for (const { name: title, spec, want } of CELLS) {
      const name = unique('gz')
      const metadata = { name, labels: { 'x.y/z': 'label' } }
      await api.post(path, { apiVersion: `${group}/v1`, kind: 'Gizmo', metadata, spec })
      const [row] = (await api.get(`${path}/${name}`, TABLE)).body['rows'] as { cells: unknown[] }[]
      await api.delete(`${path}/${name}`)

      expect({ title, cells: row?.cells }).toEqual({ title, cells: [name, ...want, 'label'] })
    }
  })

  test('without columns of its own a custom resource shows its age', async (context) => {
    const path = await defineGizmos(context, {})
    const { body } = await context.api.get(path, TABLE)

    expect((body['columnDefinitions'] as Json[]).map(({ name, type }) => [name, type])).toEqual([
      ['Name', 'string'],
      ['Age', 'date'],
    ])
  })
}
