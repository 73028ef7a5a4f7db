import { expect } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import { metaOf, statusOf } from './context.ts'
import type { ContractContext, ContractTest } from './context.ts'

const LONG = `${'p'.repeat(63)}.${'p'.repeat(63)}.${'p'.repeat(63)}`
const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const UNQUALIFIED = 'name is neither a standard finalizer name nor is it fully qualified'

/** Metadata that fits, and metadata that does not: the message behind `metadata.`. */
const METADATA: readonly { readonly name: string; readonly metadata: Json; readonly want?: string }[] = [
  { name: 'a label key of 63 signs', metadata: { labels: { ['a'.repeat(63)]: 'v' } } },
  {
    name: 'a label key of 64 signs',
    metadata: { labels: { ['a'.repeat(64)]: 'v' } },
    want: `labels: Invalid value: "${'a'.repeat(64)}": name part must be no more than 63 bytes`,
  },
  { name: 'a label value of 63 signs', metadata: { labels: { a: 'v'.repeat(63) } } },
  {
    name: 'a label value of 64 signs',
    metadata: { labels: { a: 'v'.repeat(64) } },
    want: `labels: Invalid value: "${'v'.repeat(64)}": must be no more than 63 bytes`,
  },
  { name: 'a label prefix of 253 signs', metadata: { labels: { [`${LONG}.${'p'.repeat(61)}/n`]: 'v' } } },
  {
    name: 'a label prefix of 254 signs',
    metadata: { labels: { [`${LONG}.${'p'.repeat(62)}/n`]: 'v' } },
    want: `labels: Invalid value: "${LONG}.${'p'.repeat(62)}/n": prefix part must be no more than 253 bytes`,
  },
  {
    name: 'a label with an empty prefix',
    metadata: { labels: { '/n': 'v' } },
    want: 'labels: Invalid value: "/n": prefix part must be non-empty',
  },
  { name: 'an annotation in capitals', metadata: { annotations: { 'UPPER.example.com/X': 'v' } } },
  {
    name: 'an annotation with a blank',
    metadata: { annotations: { 'a b': 'v' } },
    want: `annotations: Invalid value: "a b": ${NAME_RULE}`,
  },
  {
    name: 'annotations of more than 256 KiB',
    metadata: { annotations: { a: 'x'.repeat(262_144) } },
    want: 'annotations: Too long: may not be more than 262144 bytes',
  },
  { name: 'a finalizer of a domain', metadata: { finalizers: ['a.example.com/x'] } },
  { name: "a finalizer of Kubernetes' own", metadata: { finalizers: ['kubernetes'] } },
  { name: 'a finalizer given twice', metadata: { finalizers: ['a.example.com/x', 'a.example.com/x'] } },
  {
    name: 'a finalizer without a domain',
    metadata: { finalizers: ['plain'] },
    want: `finalizers[0]: Invalid value: "plain": ${UNQUALIFIED}`,
  },
  {
    name: 'a finalizer with a blank',
    metadata: { finalizers: ['a b'] },
    want: `[metadata.finalizers: Invalid value: "a b": ${NAME_RULE}, metadata.finalizers[0]: Invalid value: "a b": ${UNQUALIFIED}]`,
  },
  {
    name: 'the finalizers of two deletion policies',
    metadata: { finalizers: ['foregroundDeletion', 'orphan'] },
    want: 'finalizers: Invalid value: ["foregroundDeletion","orphan"]: finalizer orphan and foregroundDeletion cannot be both set',
  },
  { name: 'one controlling owner', metadata: { ownerReferences: [owner('a', { controller: true })] } },
  {
    name: 'two controlling owners',
    metadata: { ownerReferences: [owner('a', { controller: true }), owner('b', { controller: true })] },
    want: 'ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"u-a","controller":true},{"apiVersion":"v1","kind":"ConfigMap","name":"b","uid":"u-b","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/a and ConfigMap/b',
  },
  {
    name: 'an owner without a name',
    metadata: { ownerReferences: [owner('a', { name: '' })] },
    want: 'ownerReferences.name: Invalid value: "": must not be empty',
  },
  {
    name: 'an owner of a strange version',
    metadata: { ownerReferences: [owner('a', { apiVersion: 'a/b/c' })] },
    want: 'ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
  },
  {
    name: 'an event as owner',
    metadata: { ownerReferences: [owner('a', { kind: 'Event' })] },
    want: 'ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"u-a"}: /v1, Kind=Event is disallowed from being an owner',
  },
]

function owner(name: string, more: Json): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: `u-${name}`, ...more }
}

/** Names of ConfigMaps, Services, namespaces and custom resources: whether they are taken. */
const NAMES: readonly (readonly [
  of: 'configmaps' | 'services' | 'namespaces' | 'gadgets',
  name: string,
  taken: boolean,
])[] = [
  ['configmaps', 'a'.repeat(253), true],
  ['configmaps', 'a'.repeat(254), false],
  ['configmaps', 'a..b', false],
  ['configmaps', 'a_b', false],
  ['gadgets', 'g'.repeat(253), true],
  ['gadgets', 'g'.repeat(254), false],
  ['gadgets', 'A', false],
  ['services', 's'.repeat(63), true],
  ['services', 's'.repeat(64), false],
  ['services', 'a.b', false],
  ['namespaces', 'n'.repeat(63), true],
  ['namespaces', 'n'.repeat(64), false],
  ['namespaces', 'a.b', false],
]

/** How long and how large things may be. */
export function limitContract(test: ContractTest): void {
  for (const { name, metadata, want } of METADATA) {
    test(`metadata: ${name} is ${want === undefined ? 'taken' : '422'}`, async ({ api, core }) => {
      const reply = await api.post(`${core('configmaps')}?dryRun=All`, {
        metadata: { name: 'x', ...metadata },
      })
      const path = want?.startsWith('[') === true ? '' : 'metadata.'

      if (want === undefined) expect(reply.code).toBe(201)
      else {
        const message = `ConfigMap "x" is invalid: ${path}${want}`
        expect({ code: reply.code, message: inBytes(reply.body['message']) }).toEqual({ code: 422, message })
      }
    })
  }

  for (const [plural, name, taken] of NAMES) {
    const shown = name.length > 10 ? `${name.length} signs` : `"${name}"`
    test(`a name of ${shown} is ${taken ? 'taken' : '422'} for ${plural}`, async (context) => {
      const reply = await context.api.post(
        `${collection(context, plural)}?dryRun=All`,
        bodyFor(context, plural, name),
      )

      expect(reply.code).toBe(taken ? 201 : 422)
    })
  }

  test('a finalizer without a domain is a warning for custom resources', async ({
    api,
    unique,
    gadgets,
    gadget,
  }) => {
    const name = unique('gd')
    const words =
      'metadata.finalizers: "plain": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers'
    const metadata = { name, finalizers: ['plain'] }
    const created = await api.post(gadgets(), gadget(name, { color: 'red' }, { metadata }))
    const again = await api.patch(gadgets(name), { spec: { color: 'blue' } })
    await api.patch(gadgets(name), { metadata: { finalizers: null } })

    expect(created).toMatchObject({ code: 201, warnings: [words] })
    expect(again.warnings).toEqual([])
  })

  test('a prefix for generated names is cut to what fits', async ({ api, core }) => {
    const { body } = await api.post(`${core('configmaps')}?dryRun=All`, {
      metadata: { generateName: 'g'.repeat(253) },
    })

    expect(String(metaOf(body)['name'])).toMatch(/^g{58}[a-z0-9]{5}$/)
  })

  test('a ConfigMap and a Secret hold 1 MiB', async ({ api, core }) => {
    const post = (plural: string, more: Json) =>
      api.post(`${core(plural)}?dryRun=All`, { metadata: { name: 'x' }, ...more })
    const bytes = (count: number) => Buffer.alloc(count).toString('base64')
    const words = 'Too long: may not be more than 1048576 bytes'

    expect((await post('configmaps', { data: { a: 'x'.repeat(1_048_576) } })).code).toBe(201)
    expect(statusOf(await post('configmaps', { data: { a: 'x'.repeat(1_048_577) } }))).toMatchObject({
      http: 422,
      message: `ConfigMap "x" is invalid: []: ${words}`,
    })
    expect(statusOf(await post('configmaps', { binaryData: { a: bytes(1_048_577) } }))).toMatchObject({
      http: 422,
    })
    expect((await post('secrets', { data: { a: bytes(1_048_576) } })).code).toBe(201)
    expect(statusOf(await post('secrets', { data: { a: bytes(1_048_577) } }))).toMatchObject({
      http: 422,
      message: `Secret "x" is invalid: data: ${words}`,
    })
  })
}

/** Kubernetes 1.34 says characters where 1.36 says bytes. */
function inBytes(message: unknown): string {
  return String(message).replace(/(no more than \d+) characters/g, '$1 bytes')
}

function collection({ core, gadgets }: ContractContext, plural: string): string {
  if (plural === 'namespaces') return '/api/v1/namespaces'
  return plural === 'gadgets' ? gadgets() : core(plural)
}

function bodyFor({ gadget }: ContractContext, plural: string, name: string): Json {
  if (plural === 'gadgets') return gadget(name, { color: 'red' })
  return { metadata: { name }, ...(plural === 'services' ? { spec: { ports: [{ port: 80 }] } } : {}) }
}
