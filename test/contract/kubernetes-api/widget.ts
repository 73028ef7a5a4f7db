import type { Json } from '../../support/kubernetes-client.ts'

const AS_IN_CRD: Json = {
  color: {
    description: 'Its color.',
    type: 'string',
    title: 'Color',
    minLength: 2,
    maxLength: 10,
    pattern: '^[a-z]+$',
    enum: ['red', 'blue'],
    example: 'red',
  },
  ratio: { type: 'number', minimum: 0.5, exclusiveMinimum: true, multipleOf: 0.5 },
  weights: {
    description: 'All.',
    type: 'object',
    additionalProperties: { description: 'One.', type: 'integer', format: 'int32' },
  },
  set: { type: 'array', minItems: 1, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  parts: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['id'],
    items: {
      description: 'A part.',
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' } },
    },
  },
  atomic: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: { type: 'string' } } },
  matrix: { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
  when: { type: 'string', format: 'date-time' },
}

const TYPE_META_V3 = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] },
}
const TYPE_META_V2 = {
  ...TYPE_META_V3,
  metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
}
const EITHER = { left: { type: 'string' }, right: { type: 'string' } }
const ONE_OF = [{ required: ['left'] }, { required: ['right'] }]
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }]
const FREE = { 'x-kubernetes-preserve-unknown-fields': true }
const EMBEDDED = { 'x-kubernetes-embedded-resource': true }

/** Each kind of field that is published otherwise than it stands in the CRD: there, in version 3, in version 2. */
const CHANGED: Readonly<Record<string, readonly [crd: Json, v3: Json, v2: Json]>> = {
  size: [
    { description: 'Its size.', type: 'integer', default: 3 },
    { description: 'Its size.', type: 'integer', default: 3 },
    { description: 'Its size.', type: 'integer' },
  ],
  note: [
    { description: 'A note.', type: 'string', nullable: true },
    { description: 'A note.', type: 'string', nullable: true },
    { description: 'A note.' },
  ],
  nullable: [
    { type: 'object', nullable: true, required: ['a'], properties: { a: { type: 'string' } } },
    { type: 'object', nullable: true, required: ['a'], properties: { a: { type: 'string' } } },
    { required: ['a'] },
  ],
  port: [
    { description: 'Its port.', 'x-kubernetes-int-or-string': true },
    { description: 'Its port.', 'x-kubernetes-int-or-string': true, anyOf: INT_OR_STRING },
    { description: 'Its port.', 'x-kubernetes-int-or-string': true },
  ],
  free: [
    { description: 'Anything.', type: 'object', ...FREE, properties: { a: { type: 'string' } } },
    { description: 'Anything.', type: 'object', ...FREE, properties: { a: { type: 'string' } } },
    { description: 'Anything.', ...FREE },
  ],
  whole: [
    { type: 'object', ...EMBEDDED, ...FREE },
    { type: 'object', ...EMBEDDED, ...FREE, required: ['kind', 'apiVersion'], properties: TYPE_META_V3 },
    { ...EMBEDDED, ...FREE },
  ],
  part: [
    { type: 'object', ...EMBEDDED, required: ['spec'], properties: { spec: { type: 'string' } } },
    {
      type: 'object',
      ...EMBEDDED,
      required: ['spec', 'kind', 'apiVersion'],
      properties: { ...TYPE_META_V3, spec: { type: 'string' } },
    },
    {
      type: 'object',
      ...EMBEDDED,
      required: ['spec', 'kind', 'apiVersion'],
      properties: { ...TYPE_META_V2, spec: { type: 'string' } },
    },
  ],
  either: [
    { type: 'object', properties: EITHER, oneOf: ONE_OF },
    { type: 'object', properties: EITHER, oneOf: ONE_OF },
    { type: 'object', properties: EITHER },
  ],
  not: [
    { type: 'string', not: { enum: ['x'] }, allOf: [{ minLength: 1 }] },
    { type: 'string', not: { enum: ['x'] }, allOf: [{ minLength: 1 }] },
    { type: 'string' },
  ],
  default: [
    { type: 'object', default: {}, properties: { oneOf: { type: 'string', default: 'down' } } },
    { type: 'object', default: {}, properties: { oneOf: { type: 'string', default: 'down' } } },
    { type: 'object', properties: { oneOf: { type: 'string' } } },
  ],
}

function schemaOf(which: 0 | 1 | 2, typeMeta: Json): Json {
  const changed = Object.entries(CHANGED).map(([name, forms]) => [name, forms[which]])
  return {
    description: 'A widget.',
    type: 'object',
    required: ['spec'],
    properties: {
      ...typeMeta,
      spec: {
        description: 'What is wanted.',
        type: 'object',
        minProperties: 1,
        properties: { ...AS_IN_CRD, ...(Object.fromEntries(changed) as Json) },
      },
    },
  }
}

/** A CRD whose schema has one of everything. What it says of kind and apiVersion is said by the server instead. */
export function widgetCrd(group: string): Json {
  const own = { type: 'string', description: 'Own words.' }
  const schema = schemaOf(0, { apiVersion: own, kind: own, metadata: { type: 'object' } })
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  }
}

/** Its schema as it is published, without the server's own words. */
export const PUBLISHED_V3 = schemaOf(1, TYPE_META_V3)
export const PUBLISHED_V2 = schemaOf(2, TYPE_META_V2)

/** A schema without descriptions of what every object has: each server has its own. */
export function withoutServerWords(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, inner: unknown) => {
      const ofServer = ['apiVersion', 'kind', 'metadata'].includes(name)
      if (!ofServer || typeof inner !== 'object') return inner
      return { ...inner, description: undefined }
    }),
  ) as unknown
}
