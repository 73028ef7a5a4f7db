import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutputFacts } from '../../../../src/api/facts.ts'
import { objectKey, ownerKey, type ObjectKey } from '../../../../src/api/keys.ts'
import type { KubeObject } from '../../../../src/api/object.ts'
import { tryAddress, type Address } from '../../../../src/dns/address.ts'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { Answer } from '../../../../src/dns/records.ts'
import {
  endpointDigest,
  endpointKey,
  endpointOwner,
  writeEndpoint,
  type EndpointObjects,
  type EndpointPlan,
} from '../../../../src/writers/dnsendpoint/dnsendpoint-writer.ts'
import { planEndpoints } from '../../../../src/writers/dnsendpoint/plan-endpoints.ts'
import { addressArbitrary } from '../../../support/arbitrary-world.ts'

const domain = parseDomainName('example.com')
const global = parseDomainName('nginx.mynamespace.myfederation.svc.example.com')
const region = parseDomainName('nginx.mynamespace.myfederation.svc.us-east1.example.com')
const short = parseDomainName('nginx.mynamespace.myfederation')
const ips = (...texts: readonly string[]): readonly Address[] => texts.map((text) => tryAddress(text)!)
const answer = (a: readonly string[], aaaa: readonly string[] = []): Answer => ({
  kind: 'addresses',
  ttlSeconds: 180,
  a: ips(...a),
  aaaa: ips(...aaaa),
})
const alias = (target: DomainName): Answer => ({ kind: 'alias', ttlSeconds: 180, target })

describe('planEndpoints', () => {
  const cases: readonly {
    readonly name: string
    readonly in: readonly (readonly [DomainName, Answer])[]
    readonly want: readonly unknown[]
  }[] = [
    {
      name: 'writes names without trailing dots, sorted by name and type, with the TTL',
      in: [
        [region, alias(global)],
        [global, answer(['192.0.2.1', '192.0.2.2'], ['2001:db8::1'])],
      ],
      want: [
        {
          dnsName: global.slice(0, -1),
          recordTTL: 180,
          recordType: 'A',
          targets: ['192.0.2.1', '192.0.2.2'],
        },
        { dnsName: global.slice(0, -1), recordTTL: 180, recordType: 'AAAA', targets: ['2001:db8::1'] },
        { dnsName: region.slice(0, -1), recordTTL: 180, recordType: 'CNAME', targets: [global.slice(0, -1)] },
      ],
    },
    {
      name: 'writes what an alias says instead, both families, with its TTL',
      in: [
        [region, { ...alias(global), instead: { a: ips('192.0.2.1'), aaaa: ips('2001:db8::1') } } as Answer],
      ],
      want: [
        { dnsName: region.slice(0, -1), recordTTL: 180, recordType: 'A', targets: ['192.0.2.1'] },
        { dnsName: region.slice(0, -1), recordTTL: 180, recordType: 'AAAA', targets: ['2001:db8::1'] },
      ],
    },
    {
      name: 'leaves out an alias that says nothing instead',
      in: [[region, { ...alias(global), instead: { a: [], aaaa: [] } } as Answer]],
      want: [],
    },
    { name: 'leaves out a name that says nothing', in: [[global, answer([])]], want: [] },
    { name: 'leaves out names outside the domain: short names', in: [[short, alias(global)]], want: [] },
    { name: 'leaves out zone data', in: [[domain, { kind: 'records', sets: [] }]], want: [] },
  ]
  for (const row of cases) it(row.name, () => expect(planEndpoints(domain, row.in)).toEqual(row.want))

  it('takes every name for the root', () => {
    const root = parseDomainName('.')

    expect(planEndpoints(root, [[short, alias(global)]])).toHaveLength(1)
  })
})

/** Objects in memory, with resourceVersions, as the host cluster would keep them. */
class MemoryObjects implements EndpointObjects {
  readonly objects = new Map<ObjectKey, KubeObject>()
  readonly calls: string[] = []
  #version = 0

  get(key: ObjectKey): OutputFacts | undefined {
    const object = this.objects.get(key)
    if (object === undefined) return undefined
    return { resourceVersion: object.metadata.resourceVersion ?? '', digest: endpointDigest(object) }
  }
  create(object: KubeObject): Promise<void> {
    return this.#store('create', object)
  }
  merge(object: KubeObject, resourceVersion: string): Promise<void> {
    const key = objectKey(object.metadata.namespace ?? '', object.metadata.name)
    const stored = this.objects.get(key)
    if (stored?.metadata.resourceVersion !== resourceVersion) throw new Error('conflict')
    return this.#store('merge', { ...stored, ...object })
  }
  delete(key: ObjectKey, resourceVersion: string): Promise<void> {
    if (this.objects.get(key)?.metadata.resourceVersion !== resourceVersion) throw new Error('conflict')
    this.calls.push(`delete ${key}`)
    this.objects.delete(key)
    return Promise.resolve()
  }
  #store(call: string, object: KubeObject): Promise<void> {
    const key = objectKey(object.metadata.namespace ?? '', object.metadata.name)
    this.calls.push(`${call} ${key}`)
    this.#version += 1
    this.objects.set(key, {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#version) },
    })
    return Promise.resolve()
  }
}

const owner = ownerKey('ServiceDNSRecord', objectKey('mynamespace', 'nginx'))
const key = objectKey('mynamespace', 'service-nginx')
const plan = (...names: readonly (readonly [DomainName, Answer])[]): EndpointPlan => ({
  record: {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: 'ServiceDNSRecord',
    metadata: { name: 'nginx', namespace: 'mynamespace', uid: 'u1' },
  },
  domain,
  names,
})

describe('writeEndpoint', () => {
  const signal = new AbortController().signal

  it('creates, is a no-op the second time, replaces on change, and deletes with the record', async () => {
    const objects = new MemoryObjects()
    const first = plan([global, answer(['192.0.2.1'])])

    const outcomes = [
      await writeEndpoint(owner, first, { objects, signal }),
      await writeEndpoint(owner, first, { objects, signal }),
      await writeEndpoint(owner, plan([global, answer(['192.0.2.2'])]), { objects, signal }),
      await writeEndpoint(owner, undefined, { objects, signal }),
      await writeEndpoint(owner, undefined, { objects, signal }),
    ]

    expect(outcomes).toEqual(['written', 'unchanged', 'written', 'written', 'unchanged'])
    expect(objects.calls).toEqual([`create ${key}`, `merge ${key}`, `delete ${key}`])
  })

  it('writes the record as controlling owner', async () => {
    const objects = new MemoryObjects()

    await writeEndpoint(owner, plan(), { objects, signal })

    expect(objects.objects.get(key)).toMatchObject({
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: {
        name: 'service-nginx',
        namespace: 'mynamespace',
        ownerReferences: [{ kind: 'ServiceDNSRecord', name: 'nginx', uid: 'u1', controller: true }],
      },
      spec: { endpoints: [] },
    })
  })

  it('repairs an object that somebody edited, and leaves what others added', async () => {
    const objects = new MemoryObjects()
    const wanted = plan([global, answer(['192.0.2.1'])])
    await writeEndpoint(owner, wanted, { objects, signal })
    const stored = objects.objects.get(key)!
    objects.objects.set(key, { ...stored, status: { observedGeneration: 1 } })
    expect(await writeEndpoint(owner, wanted, { objects, signal })).toBe('unchanged')

    objects.objects.set(key, { ...stored, status: { observedGeneration: 1 }, spec: { endpoints: [] } })

    expect(await writeEndpoint(owner, wanted, { objects, signal })).toBe('written')
    expect(objects.objects.get(key)).toMatchObject({
      spec: stored['spec'],
      status: { observedGeneration: 1 },
    })
  })

  it('leaves an object of that name alone that is not ours, in both directions', async () => {
    const objects = new MemoryObjects()
    const theirs: KubeObject = {
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: { name: 'service-nginx', namespace: 'mynamespace', resourceVersion: '7' },
    }
    objects.objects.set(key, theirs)

    await expect(writeEndpoint(owner, plan(), { objects, signal })).rejects.toMatchObject({
      code: 'DNSENDPOINT_FOREIGN',
    })
    expect(await writeEndpoint(owner, undefined, { objects, signal })).toBe('unchanged')
    expect(objects.objects.get(key)).toBe(theirs)
  })

  it('takes an object over whose record was made anew', async () => {
    const objects = new MemoryObjects()
    await writeEndpoint(owner, plan(), { objects, signal })
    const anew = plan()
    const record = { ...anew.record, metadata: { ...anew.record.metadata, uid: 'u2' } }

    expect(await writeEndpoint(owner, { ...anew, record }, { objects, signal })).toBe('written')
    expect(objects.objects.get(key)?.metadata.ownerReferences?.[0]?.uid).toBe('u2')
  })
})

describe('writeEndpoint on a picture that is out of date', () => {
  const signal = new AbortController().signal

  /** The store still shows what the object was before somebody changed it. */
  class LateObjects extends MemoryObjects {
    late: OutputFacts | undefined
    override get(at: ObjectKey): OutputFacts | undefined {
      return this.late ?? super.get(at)
    }
  }

  it('changes and deletes the version it has seen, and no other', async () => {
    const objects = new LateObjects()
    await writeEndpoint(owner, plan(), { objects, signal })
    objects.late = { ...objects.get(key)!, resourceVersion: '0' }

    await expect(
      writeEndpoint(owner, plan([global, answer(['192.0.2.1'])]), { objects, signal }),
    ).rejects.toThrow('conflict')
    await expect(writeEndpoint(owner, undefined, { objects, signal })).rejects.toThrow('conflict')
    expect(objects.calls).toEqual([`create ${key}`])
  })

  it('leaves an object whose label was taken away: it was handed over to somebody', async () => {
    const objects = new MemoryObjects()
    await writeEndpoint(owner, plan(), { objects, signal })
    const { labels: _, ...metadata } = objects.objects.get(key)!.metadata
    objects.objects.set(key, { ...objects.objects.get(key)!, metadata })

    await expect(writeEndpoint(owner, plan(), { objects, signal })).rejects.toMatchObject({
      code: 'DNSENDPOINT_FOREIGN',
      retry: 'never',
      fields: { namespace: 'mynamespace', name: 'service-nginx' },
    })
  })

  it('does nothing for owners that have no object: zone data', async () => {
    const objects = new MemoryObjects()
    const zoneData = ownerKey('Zone', objectKey('', 'example.com.'))

    expect(await writeEndpoint(zoneData, plan(), { objects, signal })).toBe('unchanged')
    expect(objects.calls).toEqual([])
  })
})

describe('endpointDigest', () => {
  const object = (spec: unknown, metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
    apiVersion: 'externaldns.k8s.io/v1alpha1',
    kind: 'DNSEndpoint',
    metadata: {
      name: 'service-nginx',
      namespace: 'mynamespace',
      labels: { 'app.kubernetes.io/managed-by': 'waypost' },
      ...metadata,
    },
    spec,
  })
  const base = object({
    endpoints: [{ dnsName: 'a', recordTTL: 1, recordType: 'A', targets: ['192.0.2.1'] }],
  })
  const rows: readonly { readonly name: string; readonly in: KubeObject; readonly want: boolean }[] = [
    {
      name: 'does not depend on the order in which the server keeps fields',
      in: object({
        endpoints: [{ targets: ['192.0.2.1'], recordType: 'A', recordTTL: 1, dnsName: 'a' }],
      }),
      want: true,
    },
    {
      name: 'does not look at labels and annotations of others, nor at the version',
      in: object(base['spec'], {
        labels: { 'app.kubernetes.io/managed-by': 'waypost', team: 'x' },
        annotations: { seen: 'yes' },
        resourceVersion: '9',
      }),
      want: true,
    },
    {
      name: 'differs with a target',
      in: object({ endpoints: [{ dnsName: 'a', recordTTL: 1, recordType: 'A', targets: ['192.0.2.2'] }] }),
      want: false,
    },
    {
      name: 'differs with an owner',
      in: object(base['spec'], {
        ownerReferences: [{ apiVersion: 'v1', kind: 'ServiceDNSRecord', name: 'nginx', uid: 'u1' }],
      }),
      want: false,
    },
    { name: 'differs when the endpoints are missing', in: object(undefined), want: false },
  ]
  for (const row of rows) {
    it(row.name, () => expect(endpointDigest(row.in) === endpointDigest(base)).toBe(row.want))
  }
})

describe('properties', () => {
  const signal = new AbortController().signal
  const labels = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 })
  const said: fc.Arbitrary<Answer> = fc.oneof(
    fc.uniqueArray(addressArbitrary, { maxLength: 3 }).map((all) =>
      answer(
        all.filter((text) => !text.includes(':')),
        all.filter((text) => text.includes(':')),
      ),
    ),
    fc.constant(alias(global)),
  )
  const names = labels.chain((all) =>
    fc.tuple(
      ...all.map((label) => said.map((one) => [parseDomainName(`${label}.example.com`), one] as const)),
    ),
  )

  it('the order in which names come does not matter', () => {
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = [...list]
          .map((entry) => ({ entry, at: keys.next().value ?? 0 }))
          .sort((left, right) => left.at - right.at)
          .map(({ entry }) => entry)

        expect(planEndpoints(domain, shuffled)).toEqual(planEndpoints(domain, list))
      }),
    )
  })

  it('whatever was there, one run makes it as planned, and a second one writes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(names, names, async (before, now) => {
        const objects = new MemoryObjects()
        await writeEndpoint(owner, plan(...before), { objects, signal })

        await writeEndpoint(owner, plan(...now), { objects, signal })
        const calls = objects.calls.length
        const again = await writeEndpoint(owner, plan(...now), { objects, signal })

        expect(objects.objects.get(key)?.['spec']).toEqual({ endpoints: planEndpoints(domain, now) })
        expect([again, objects.calls.length]).toEqual(['unchanged', calls])
      }),
    )
  })
})

describe('names of objects', () => {
  it('go both ways', () => {
    const ingress = ownerKey('IngressDNSRecord', objectKey('a', 'web'))

    expect(endpointKey(ingress)).toBe('a/ingress-web')
    expect(endpointOwner(objectKey('a', 'ingress-web'))).toBe(ingress)
    expect(endpointOwner(key)).toBe(owner)
    expect(endpointKey(ownerKey('Zone', objectKey('', 'example.com.')))).toBeUndefined()
    expect(endpointOwner(objectKey('a', 'other'))).toBeUndefined()
  })
})
