import { describe, expect, it } from 'vitest'
import { openApiV2Protobuf } from '../../../../../src/sandbox/apiserver/openapi/v2-protobuf.ts'
import type { OpenApiV2 } from '../../../../../src/sandbox/apiserver/openapi/v2.ts'

type Message = readonly (readonly [number: number, bytes: Buffer])[]

/** A message of length-delimited fields, as protobuf writes it. */
function read(bytes: Buffer): Message {
  const fields: (readonly [number, Buffer])[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = varint(bytes, at)
    const length = varint(bytes, tag.next)
    if (tag.value % 8 !== 2) throw new Error(`wire type ${tag.value % 8}`)
    fields.push([Math.floor(tag.value / 8), bytes.subarray(length.next, length.next + length.value)])
    at = length.next + length.value
  }
  return fields
}

function varint(bytes: Buffer, from: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let at = from, shift = 1; ; at += 1, shift *= 128) {
    const octet = bytes[at] ?? 0
    value += (octet & 0x7f) * shift
    if (octet < 0x80) return { value, next: at + 1 }
  }
}

/** The values of a field, followed down a path of field numbers. */
function at(message: Buffer, ...path: readonly number[]): readonly string[] {
  const [number, ...rest] = path
  const found = read(message)
    .filter(([field]) => field === number)
    .map(([, bytes]) => bytes)
  return rest.length === 0 ? found.map(String) : found.flatMap((bytes) => at(bytes, ...rest))
}

const DOCUMENT: OpenApiV2 = {
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'v1' },
  paths: {
    '/apis/g/v1/things/{name}': {
      patch: {
        parameters: [{ name: 'fieldValidation', in: 'query', type: 'string' }],
        'x-kubernetes-group-version-kind': { group: 'g', kind: 'Thing', version: 'v1' },
      },
    },
  },
  definitions: {
    'g.v1.Thing': {
      description: 'A thing.',
      type: 'object',
      required: ['spec', 'kind'],
      properties: {
        spec: { $ref: '#/definitions/g.v1.Spec', description: 'Wanted.' },
        weights: { type: 'object', additionalProperties: { type: 'integer', format: 'int32' } },
        parts: {
          type: 'array',
          items: { type: 'string', enum: ['a', 'b'] },
          'x-kubernetes-patch-merge-key': 'name',
        },
      },
      'x-kubernetes-group-version-kind': [{ group: 'g', kind: 'Thing', version: 'v1' }],
    },
    'g.v1.Empty': {},
  },
}

/** Numbers of the fields in gnostic's openapi.v2: Document.definitions, Definitions.additional_properties, NamedSchema.value … */
const SCHEMA = [9, 1, 2]
const PROPERTY = [...SCHEMA, 25, 1, 2]

describe('OpenAPI v2 as protobuf', () => {
  const bytes = Buffer.from(openApiV2Protobuf(DOCUMENT))

  it.each([
    { name: 'version', path: [1], want: ['2.0'] },
    { name: 'names of paths', path: [8, 2, 1], want: ['/apis/g/v1/things/{name}'] },
    { name: 'parameters of a patch', path: [8, 2, 2, 8, 8, 1, 2, 3, 4], want: ['fieldValidation'] },
    {
      name: 'kind of a patch',
      path: [8, 2, 2, 8, 13, 2, 2],
      want: ['{"group":"g","kind":"Thing","version":"v1"}\n'],
    },
    { name: 'names of definitions', path: [9, 1, 1], want: ['g.v1.Thing', 'g.v1.Empty'] },
    { name: 'description', path: [...SCHEMA, 4], want: ['A thing.'] },
    { name: 'type', path: [...SCHEMA, 22, 1], want: ['object'] },
    { name: 'required fields', path: [...SCHEMA, 19], want: ['spec', 'kind'] },
    { name: 'names of fields', path: [...SCHEMA, 25, 1, 1], want: ['spec', 'weights', 'parts'] },
    { name: 'reference of a field', path: [...PROPERTY, 1], want: ['#/definitions/g.v1.Spec'] },
    { name: 'description of a field', path: [...PROPERTY, 4], want: ['Wanted.'] },
    { name: 'type of the values of a map', path: [...PROPERTY, 21, 1, 22, 1], want: ['integer'] },
    { name: 'format', path: [...PROPERTY, 21, 1, 2], want: ['int32'] },
    { name: 'type of the items of a list', path: [...PROPERTY, 23, 1, 22, 1], want: ['string'] },
    { name: 'values to choose from', path: [...PROPERTY, 23, 1, 20, 2], want: ['"a"\n', '"b"\n'] },
    { name: 'name of an extension', path: [...PROPERTY, 31, 1], want: ['x-kubernetes-patch-merge-key'] },
    { name: 'value of an extension', path: [...PROPERTY, 31, 2, 2], want: ['"name"\n'] },
  ])('$name', ({ path, want }) => {
    expect(at(bytes, ...path)).toEqual(want)
  })
})
