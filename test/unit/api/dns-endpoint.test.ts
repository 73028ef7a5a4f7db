import { describe, expect, it } from 'vitest'
import {
  kubeFedDNSEndpointKind,
  parseDNSEndpoint,
  parseKubeFedDNSEndpoint,
} from '../../../src/api/dns-endpoint.ts'

const object = (spec: unknown) => ({ metadata: { name: 'service-nginx', namespace: 'mynamespace' }, spec })
const endpoint = {
  dnsName: 'a.example.com',
  targets: ['192.0.2.1'],
  recordType: 'A',
  recordTTL: 30,
  labels: { serviceName: 'nginx' },
}
const special = { setIdentifier: 'c1', providerSpecific: [{ name: 'aws/weight', value: '10' }, {}] }

describe('parseDNSEndpoint', () => {
  it.each([
    { name: 'all fields', in: { endpoints: [{ ...endpoint, ...special }] } },
    { name: 'an empty endpoint', in: { endpoints: [{}] } },
    { name: 'no endpoints', in: {} },
    {
      name: 'what nothing can serve: only types are checked, as upstream',
      in: { endpoints: [{ dnsName: '', recordType: 'NOPE', recordTTL: -1 }] },
    },
  ])('accepts $name', (row) => {
    expect(parseDNSEndpoint(object(row.in))).toEqual({ kind: 'ok', value: object(row.in) })
  })

  it('accepts no spec', () => {
    expect(parseDNSEndpoint(object(undefined)).kind).toBe('ok')
  })

  it('refuses wrong types', () => {
    expect(parseDNSEndpoint(object({ endpoints: [{ targets: '192.0.2.1', labels: { a: 1 } }] }))).toEqual({
      kind: 'rejected',
      problems: [
        'spec.endpoints[0].targets: "192.0.2.1" is a string, not a list: write a list here',
        'spec.endpoints[0].labels.a: 1 is a number, not a string: write a string here',
      ],
    })
  })
})

describe("KubeFed's own DNSEndpoint", () => {
  it('has no setIdentifier and no providerSpecific', () => {
    expect(parseKubeFedDNSEndpoint(object({ endpoints: [{ ...endpoint, ...special }] }))).toEqual({
      kind: 'ok',
      value: object({ endpoints: [endpoint] }),
    })
  })

  it('has the same plural in another group', () => {
    const { group, plural } = kubeFedDNSEndpointKind.definition

    expect(`${plural}.${group}`).toBe('dnsendpoints.multiclusterdns.kubefed.io')
  })
})
