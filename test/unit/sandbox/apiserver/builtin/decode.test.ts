import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../../src/api/object.ts'
import { decodeTyped } from '../../../../../src/sandbox/apiserver/builtin/decode.ts'
import { StatusError } from '../../../../../src/sandbox/apiserver/model/status.ts'

const CONTEXT = 'X in version "v1" cannot be handled as a X'

function decode(kind: string, raw: unknown): ReturnType<typeof decodeTyped> {
  return decodeTyped(kind, { apiVersion: 'v1', kind: 'X', ...(raw as object) } as KubeObject, CONTEXT)
}

function refusal(kind: string, raw: unknown): string | undefined {
  try {
    decode(kind, raw)
    return undefined
  } catch (error) {
    return error instanceof StatusError ? error.status.message?.replace(`${CONTEXT}: `, '') : String(error)
  }
}

const SERVICE = 'io.k8s.api.core.v1.Service'
const POD = 'io.k8s.api.core.v1.Pod'
const LEASE = 'io.k8s.api.coordination.v1.Lease'
const SECRET = 'io.k8s.api.core.v1.Secret'
const CRD = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition'

describe('decodeTyped', () => {
  it('drops unknown fields and names them in the order of the document', () => {
    const { object, unknown } = decode(SERVICE, {
      spec: { odd: 1, ports: [{ port: 80, odder: 2 }] },
      metadata: { name: 'a', oddest: 3 },
    })

    expect(object).toEqual({
      kind: 'X',
      apiVersion: 'v1',
      metadata: { name: 'a' },
      spec: { ports: [{ port: 80 }] },
    })
    expect(unknown).toEqual([
      'unknown field "spec.odd"',
      'unknown field "spec.ports[0].odder"',
      'unknown field "metadata.oddest"',
    ])
  })

  it('drops nulls and empty optional maps and lists, and keeps empty objects', () => {
    const { object } = decode(POD, {
      metadata: { name: 'a', labels: {}, annotations: { x: null } },
      spec: {
        nodeName: null,
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [{ name: 'c', command: [] }],
      },
    })

    expect(object['metadata']).toEqual({ name: 'a', annotations: { x: '' } })
    expect(object['spec']).toEqual({ volumes: [{ name: 'v', emptyDir: {} }], containers: [{ name: 'c' }] })
  })

  it('brings times to UTC, whole seconds but for micro times', () => {
    const { object } = decode(LEASE, {
      metadata: { creationTimestamp: '2026-01-01T01:00:00.5+01:00' },
      spec: { renewTime: '2026-01-01T01:00:00.123456+01:00' },
    })

    expect(object.metadata.creationTimestamp).toBe('2026-01-01T00:00:00Z')
    expect(object['spec']).toEqual({ renewTime: '2026-01-01T00:00:00.123456Z' })
  })

  it('quantities become text', () => {
    const { object } = decode(POD, {
      spec: { containers: [{ name: 'c', resources: { limits: { cpu: 2, memory: '1Gi' } } }] },
    })

    expect(object['spec']).toEqual({
      containers: [{ name: 'c', resources: { limits: { cpu: '2', memory: '1Gi' } } }],
    })
  })

  it.each([
    {
      kind: SERVICE,
      in: { spec: 'x' },
      want: 'json: cannot unmarshal string into Go struct field Service.spec of type v1.ServiceSpec',
    },
    {
      kind: SERVICE,
      in: { spec: { ports: {} } },
      want: 'json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort',
    },
    {
      kind: SERVICE,
      in: { spec: { ports: [{ port: 'x' }] } },
      want: 'json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
    },
    {
      kind: SERVICE,
      in: { spec: { ports: [{ port: 1.5 }] } },
      want: 'json: cannot unmarshal number 1.5 into Go struct field ServicePort.spec.ports.port of type int32',
    },
    {
      kind: SERVICE,
      in: { spec: { selector: { a: true } } },
      want: 'json: cannot unmarshal bool into Go struct field ServiceSpec.spec.selector of type string',
    },
    {
      kind: SERVICE,
      in: { metadata: { name: 1 } },
      want: 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string',
    },
    {
      kind: SERVICE,
      in: { spec: { publishNotReadyAddresses: 'yes' } },
      want: 'json: cannot unmarshal string into Go struct field ServiceSpec.spec.publishNotReadyAddresses of type bool',
    },
    { kind: SECRET, in: { data: { a: 'AA=%' } }, want: 'illegal base64 data at input byte 0' },
    {
      kind: CRD,
      in: {
        spec: { versions: [{ schema: { openAPIV3Schema: { properties: { a: { minLength: 'x' } } } } }] },
      },
      want: 'json: cannot unmarshal string into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties.minLength of type int64',
    },
    {
      kind: CRD,
      in: { spec: { versions: [{ schema: { openAPIV3Schema: { items: { required: 'x' } } } }] } },
      want: 'json: cannot unmarshal string into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.items.required of type []string',
    },
  ])('$want', ({ kind, in: raw, want }) => {
    expect(refusal(kind, raw)).toBe(want)
  })

  it('decodes or refuses any JSON, and what it decoded it decodes again', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('metadata', 'spec', 'status', 'odd'), fc.jsonValue()),
        (raw) => {
          let first: KubeObject | undefined
          try {
            first = decode(POD, raw).object
          } catch (error) {
            expect(error).toBeInstanceOf(StatusError)
          }
          if (first !== undefined) expect(decode(POD, first)).toEqual({ object: first, unknown: [] })
        },
      ),
    )
  })
})
