import { describe, expect, it } from 'vitest'
import {
  ingressDNSSettings,
  parseIngressDNSRecord,
  readIngressDNSStatus,
} from '../../../src/api/ingress-dns-record.ts'

const record = (spec: unknown) => ({ metadata: { name: 'web.v2', namespace: 'mynamespace' }, spec })
const HOST_PROBLEM =
  'is not a host name: use labels of letters, digits and inner hyphens, joined by dots; only the first may be *'

describe('parseIngressDNSRecord', () => {
  it.each([
    { name: "KubeFed's sample", in: { hosts: ['ingress.example.com'], recordTTL: 300 } },
    { name: 'no spec', in: undefined },
    { name: 'no hosts', in: { hosts: [] } },
    { name: 'a wildcard', in: { hosts: ['*.example.com'] } },
  ])('accepts $name', (row) => {
    expect(parseIngressDNSRecord(record(row.in)).kind).toBe('ok')
  })

  it.each([
    {
      name: 'an empty host',
      in: { hosts: ['a.example.com', ''] },
      want: ['spec.hosts[1]: "" is empty: give a host name, such as www.example.com'],
    },
    {
      name: 'a wildcard inside',
      in: { hosts: ['a.*.example.com'] },
      want: [`spec.hosts[0]: "a.*.example.com" ${HOST_PROBLEM}`],
    },
    { name: 'a wildcard alone', in: { hosts: ['*'] }, want: [`spec.hosts[0]: "*" ${HOST_PROBLEM}`] },
    {
      name: 'a URL',
      in: { hosts: ['https://example.com'] },
      want: [`spec.hosts[0]: "https://example.com" ${HOST_PROBLEM}`],
    },
    {
      name: 'a name of 254 characters',
      in: { hosts: [`${'a.'.repeat(126)}aa`] },
      want: [`spec.hosts[0]: "${'a.'.repeat(38)}a…" is not a DNS name: shorten it to 253 characters`],
    },
    {
      name: 'a TTL below 0',
      in: { recordTTL: -5 },
      want: ['spec.recordTTL: -5 is negative: a TTL has at least 0 seconds (0 = the default)'],
    },
    {
      name: 'hosts as text',
      in: { hosts: 'example.com' },
      want: ['spec.hosts: "example.com" is a string, not a list: write a list here'],
    },
  ])('refuses $name', (row) => {
    expect(parseIngressDNSRecord(record(row.in))).toEqual({ kind: 'rejected', problems: row.want })
  })
})

describe('ingressDNSSettings', () => {
  const settings = (spec: unknown) => {
    const parsed = parseIngressDNSRecord(record(spec))
    if (parsed.kind === 'rejected') throw new Error(parsed.problems.join())
    return ingressDNSSettings(parsed.value)
  }

  it('sorts hosts and drops doubles, whatever their case or dot', () => {
    expect(settings({ hosts: ['B.example.com', 'a.example.com.', 'b.example.com.'], recordTTL: 30 })).toEqual(
      {
        hosts: ['a.example.com', 'b.example.com'],
        recordTTL: 30,
        whenAllUnhealthy: 'LastKnownGood',
      },
    )
  })

  it('reads no spec as nothing to publish', () => {
    expect(settings(undefined)).toEqual({
      hosts: [],
      recordTTL: undefined,
      whenAllUnhealthy: 'LastKnownGood',
    })
  })
})

describe('readIngressDNSStatus', () => {
  it("reads KubeFed's shape", () => {
    const status = { dns: [{ cluster: 'c1', loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }] }

    expect(readIngressDNSStatus({ ...record({}), status })).toEqual(status)
  })
})
