import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StatusError } from '../../../../../src/sandbox/apiserver/model/status.ts'
import { decodeProtobuf } from '../../../../../src/sandbox/apiserver/protobuf/decode.ts'
import { wireFields } from '../../../../../src/sandbox/apiserver/protobuf/wire.ts'
import { protobufMessage } from '../../../../../src/sandbox/apiserver/protobuf/writer.ts'

/** What a real kubectl sent for `kubectl create …`. */
function recorded(name: string): Uint8Array {
  const url = new URL(`../../../../golden/kubectl/1.36/${name}.json`, import.meta.url)
  const { exchanges } = JSON.parse(readFileSync(url, 'utf8')) as { exchanges: { bodyBase64?: string }[] } // our own recorder's
  return Buffer.from(
    exchanges.find((exchange) => exchange.bodyBase64 !== undefined)?.bodyBase64 ?? '',
    'base64',
  )
}

function object(apiVersion: string, kind: string, message: Uint8Array): Uint8Array {
  const typeMeta = protobufMessage([
    [1, apiVersion],
    [2, kind],
  ])
  return Buffer.concat([
    Buffer.from('k8s\0'),
    protobufMessage([
      [1, typeMeta],
      [2, message],
    ]),
  ])
}

describe('decodeProtobuf', () => {
  it('reads the deployment that kubectl creates', () => {
    expect(decodeProtobuf(recorded('create-deployment'))).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'nginx', image: 'nginx:1.27' }] },
        },
      },
    })
  })

  it('reads the service that kubectl creates, target ports as numbers', () => {
    expect(decodeProtobuf(recorded('create-service'))).toMatchObject({
      kind: 'Service',
      spec: {
        type: 'LoadBalancer',
        ports: [{ name: '80-8080', port: 80, protocol: 'TCP', targetPort: 8080 }],
      },
    })
  })

  it('leaves out zeros that mean absent, and keeps those that are values', () => {
    const spec = Uint8Array.of(0x08, 0x00, 0x28, 0x00) // replicas: 0, minReadySeconds: 0

    expect(decodeProtobuf(object('apps/v1', 'Deployment', protobufMessage([[2, spec]])))['spec']).toEqual({
      replicas: 0,
    })
  })

  it('reads bytes, times and fields of embedded messages', () => {
    const seconds = Uint8Array.of(0x08, 0x80, 0xf8, 0xdb, 0xca, 0x06) // 1767308288
    const metadata = protobufMessage([
      [1, 's'],
      [8, seconds],
    ])
    const entry = protobufMessage([
      [1, 'key'],
      [2, Uint8Array.of(1, 2, 255)],
    ])

    expect(
      decodeProtobuf(
        object(
          'v1',
          'Secret',
          protobufMessage([
            [1, metadata],
            [2, entry],
            [3, 'Opaque'],
          ]),
        ),
      ),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', creationTimestamp: '2026-01-01T22:58:08Z' },
      data: { key: 'AQL/' },
      type: 'Opaque',
    })
  })

  it('refuses kinds it has no fields of', () => {
    expect(() => decodeProtobuf(object('example.com/v1', 'Thing', new Uint8Array()))).toThrow(StatusError)
  })

  it('refuses a number where a map or a text is to be', () => {
    const [labels, name] = [11, 1].map((field) => Uint8Array.of(field << 3, 1))

    for (const metadata of [labels, name])
      expect(() => decodeProtobuf(object('v1', 'Secret', protobufMessage([[1, metadata!]])))).toThrow(
        'wrong wire type',
      )
  })

  it('reads or refuses any bytes', () => {
    const attempt = (bytes: Uint8Array): unknown => {
      try {
        return decodeProtobuf(bytes)
      } catch (error) {
        return error instanceof StatusError ? {} : error
      }
    }
    const kind = fc.constantFrom<[string, string]>(
      ['v1', 'Pod'],
      ['v1', 'Service'],
      ['apps/v1', 'Deployment'],
      ['v1', 'Node'],
      ['v1', 'Event'],
    )

    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(attempt(bytes)).not.toBeInstanceOf(Error)
      }),
    )
    fc.assert(
      fc.property(kind, fc.uint8Array({ maxLength: 60 }), ([version, name], message) => {
        expect(attempt(object(version, name, message))).not.toBeInstanceOf(Error)
      }),
      { numRuns: 500 },
    )
  })

  it('reads or refuses a recorded object with a few octets changed', () => {
    const body = recorded('create-deployment')
    const change = fc.tuple(fc.nat(body.length - 1), fc.nat(255))

    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Uint8Array.from(body)
        for (const [at, octet] of changes) bytes[at] = octet
        let found: unknown
        try {
          found = decodeProtobuf(bytes)
        } catch (error) {
          found = error
        }
        expect(found instanceof Error && !(found instanceof StatusError)).toBe(false)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('wireFields', () => {
  it('reads back what protobufMessage writes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.uint8Array({ maxLength: 300 }))),
        (fields) => {
          const read = wireFields(protobufMessage(fields)).map(({ number, value }) => [
            number,
            Uint8Array.from(value as Uint8Array),
          ])

          expect(read).toEqual(fields.map(([number, value]) => [number, Uint8Array.from(value)]))
        },
      ),
    )
  })
})
