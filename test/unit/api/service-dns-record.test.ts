import { describe, expect, it } from 'vitest'
import {
  parseServiceDNSRecord,
  readServiceDNSStatus,
  serviceDNSSettings,
} from '../../../src/api/service-dns-record.ts'

const record = (spec: unknown, name = 'nginx') => ({
  apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
  kind: 'ServiceDNSRecord',
  metadata: { name, namespace: 'mynamespace', uid: 'u1' },
  spec,
})

const LABEL_PROBLEM = 'is not one DNS label: use letters, digits and inner hyphens, without dots'

describe('parseServiceDNSRecord', () => {
  it('keeps metadata whole, leaves unknown fields and the status out', () => {
    const raw = { ...record({ domainRef: 'myfederation', surprise: 1 }), status: { dns: 'broken' } }

    expect(parseServiceDNSRecord(raw)).toEqual({
      kind: 'ok',
      value: { metadata: raw.metadata, spec: { domainRef: 'myfederation' } },
    })
  })

  it.each([
    { name: "KubeFed's sample", in: { domainRef: 'test-domain', recordTTL: 300 } },
    {
      name: 'empty strings and zero, which say "not set"',
      in: { domainRef: 'd', recordTTL: 0, dnsPrefix: '', externalName: '' },
    },
    { name: 'a Domain whose name has dots', in: { domainRef: 'prod.eu' } },
    {
      name: 'labels of 63 bytes',
      in: { domainRef: 'd', dnsPrefix: 'a'.repeat(63), externalName: 'B'.repeat(63) },
    },
    {
      name: 'everything',
      in: {
        domainRef: 'd',
        recordTTL: 5,
        dnsPrefix: 'web',
        externalName: 'shop',
        allowServiceWithoutEndpoints: true,
        routing: { whenAllUnhealthy: 'Empty' },
      },
    },
  ])('accepts $name', (row) => {
    expect(parseServiceDNSRecord(record(row.in)).kind).toBe('ok')
  })

  it.each([
    { name: 'no spec', in: undefined, want: ['spec: is missing: add it'] },
    { name: 'an empty spec', in: {}, want: ['spec.domainRef: is missing: add it'] },
    {
      name: 'an empty domainRef',
      in: { domainRef: '' },
      want: ['spec.domainRef: "" is empty: give the name of an object'],
    },
    {
      name: 'a domainRef in capitals',
      in: { domainRef: 'MyFederation' },
      want: [
        'spec.domainRef: "MyFederation" is not the name of an object: use lower-case letters, digits, inner hyphens and dots',
      ],
    },
    {
      name: 'a prefix of two labels',
      in: { domainRef: 'd', dnsPrefix: 'a.b' },
      want: [`spec.dnsPrefix: "a.b" ${LABEL_PROBLEM}`],
    },
    {
      name: 'a prefix that begins with a hyphen',
      in: { domainRef: 'd', dnsPrefix: '-a' },
      want: [`spec.dnsPrefix: "-a" ${LABEL_PROBLEM}`],
    },
    {
      name: 'a wildcard as prefix',
      in: { domainRef: 'd', dnsPrefix: '*' },
      want: [`spec.dnsPrefix: "*" ${LABEL_PROBLEM}`],
    },
    {
      name: 'an external name of 64 bytes',
      in: { domainRef: 'd', externalName: 'a'.repeat(64) },
      want: [`spec.externalName: "${'a'.repeat(64)}" is too long: a DNS label has at most 63 bytes`],
    },
    {
      name: 'a TTL below 0',
      in: { domainRef: 'd', recordTTL: -1 },
      want: ['spec.recordTTL: -1 is negative: a TTL has at least 0 seconds (0 = the default)'],
    },
    {
      name: 'a TTL above 2^31-1',
      in: { domainRef: 'd', recordTTL: 2 ** 31 },
      want: ['spec.recordTTL: 2147483648 is too large: a TTL has at most 2147483647 seconds (RFC 2181, 8)'],
    },
    {
      name: 'a TTL in words',
      in: { domainRef: 'd', recordTTL: '30s' },
      want: ['spec.recordTTL: "30s" is not a whole number of seconds'],
    },
    {
      name: 'an unknown routing',
      in: { domainRef: 'd', routing: { whenAllUnhealthy: 'Panic' } },
      want: ['spec.routing.whenAllUnhealthy: "Panic" is not one of LastKnownGood, Empty: use one of them'],
    },
    {
      name: 'several mistakes, all of them at once',
      in: { domainRef: 'd', recordTTL: true, dnsPrefix: 7 },
      want: [
        'spec.recordTTL: true is not a whole number of seconds',
        'spec.dnsPrefix: 7 is a number, not a string: write a string here',
      ],
    },
  ])('refuses $name', (row) => {
    expect(parseServiceDNSRecord(record(row.in))).toEqual({ kind: 'rejected', problems: row.want })
  })

  it('refuses a record whose name no Service can have', () => {
    expect(parseServiceDNSRecord(record({ domainRef: 'd' }, 'a.b'))).toEqual({
      kind: 'rejected',
      problems: [
        'metadata.name: "a.b" is not one DNS label, so no Service can have it: give the record the name of its Service',
      ],
    })
  })

  it.each([undefined, null, 7, 'text', [], () => 0])('never throws: %s', (raw) => {
    expect(parseServiceDNSRecord(raw)).toEqual({
      kind: 'rejected',
      problems: ['is not an object: give a Kubernetes object'],
    })
  })
})

describe('readServiceDNSStatus', () => {
  it("reads KubeFed's shape", () => {
    const status = {
      domain: 'example.com',
      dns: [
        {
          cluster: 'c1',
          loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb.example.net' }] },
          region: 'r1',
          zones: ['z1'],
        },
        { cluster: 'c2', loadBalancer: {} },
      ],
    }

    expect(readServiceDNSStatus({ ...record({}), status })).toEqual(status)
  })

  it('reads our own fields back as written', () => {
    const status = {
      dns: [
        {
          cluster: 'c1',
          state: 'Unknown',
          lastKnown: 'Fit',
          reason: 'NoSession',
          message: 'm',
          since: '2026-11-20T10:00:00Z',
          published: true,
          endpoints: 2,
        },
      ],
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Published',
          message: '',
          lastTransitionTime: '2026-11-20T10:00:00Z',
          observedGeneration: 2,
        },
      ],
      answers: [
        { name: 'nginx.mynamespace.myfederation.svc.example.com', type: 'A', targets: ['192.0.2.1'] },
      ],
      lastGood: ['192.0.2.1'],
      healthy: '1/1',
      endpoints: 2,
      observedGeneration: 2,
    }

    expect(readServiceDNSStatus({ ...record({}), status })).toEqual(status)
  })

  it('reads a broken status as none', () => {
    expect(readServiceDNSStatus({ ...record({}), status: { dns: [{ state: 'Fit' }] } })).toBeUndefined()
  })
})

describe('serviceDNSSettings', () => {
  const settings = (spec: unknown) => {
    const parsed = parseServiceDNSRecord(record(spec))
    if (parsed.kind === 'rejected') throw new Error(parsed.problems.join())
    return serviceDNSSettings(parsed.value)
  }
  const plain = {
    domainRef: 'd',
    recordTTL: undefined,
    dnsPrefix: undefined,
    label: 'nginx',
    hasExternalName: false,
    allowServiceWithoutEndpoints: false,
    whenAllUnhealthy: 'LastKnownGood',
  }

  it.each([
    { name: 'nothing set', in: { domainRef: 'd' }, want: plain },
    {
      name: 'empty strings and zero are not set',
      in: { domainRef: 'd', recordTTL: 0, dnsPrefix: '', externalName: '', routing: {} },
      want: plain,
    },
    {
      name: 'names in lower case, externalName in the place of the name',
      in: {
        domainRef: 'd',
        recordTTL: 30,
        dnsPrefix: 'Web',
        externalName: 'Shop',
        allowServiceWithoutEndpoints: true,
        routing: { whenAllUnhealthy: 'Empty' },
      },
      want: {
        domainRef: 'd',
        recordTTL: 30,
        dnsPrefix: 'web',
        label: 'shop',
        hasExternalName: true,
        allowServiceWithoutEndpoints: true,
        whenAllUnhealthy: 'Empty',
      },
    },
  ])('$name', (row) => {
    expect(settings(row.in)).toEqual(row.want)
  })
})
