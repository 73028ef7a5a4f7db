import { describe, expect, it } from 'vitest'
import {
  apiServerUrl,
  parseKubeFedCluster,
  readKubeFedClusterStatus,
} from '../../../src/api/kubefed-cluster.ts'

const cluster = (spec: Record<string, unknown>) => ({
  metadata: { name: 'c1', namespace: 'kube-federation-system' },
  spec: { apiEndpoint: 'https://192.0.2.1', secretRef: { name: 'c1-token' }, ...spec },
})

const problemsOf = (spec: Record<string, unknown>): readonly string[] => {
  const parsed = parseKubeFedCluster(cluster(spec))
  return parsed.kind === 'ok' ? [] : parsed.problems
}

describe('apiEndpoint', () => {
  const hosts = ['example.com', 'my.example.com', '192.0.2.219', '[2001:db8:25a4:8d2::1]']
  const good = ['', 'http://', 'https://'].flatMap((scheme) =>
    hosts.flatMap((host) =>
      ['', ':1', ':80', ':8080', ':65535'].flatMap((port) =>
        ['', '/', ...(scheme === '' ? [] : ['/path/to/endpoint'])].map(
          (path) => `${scheme}${host}${port}${path}`,
        ),
      ),
    ),
  )
  it.each(good)('accepts %s, as KubeFed does', (apiEndpoint) => {
    expect(problemsOf({ apiEndpoint })).toEqual([])
  })

  const bad = [
    { name: 'nothing', in: '' },
    { name: 'a scheme alone', in: 'https://' },
    { name: 'a host and a path without scheme', in: 'example.com/path/to/endpoint' },
    { name: 'an address and a path without scheme', in: '192.0.2.219/path/to/endpoint' },
    { name: 'another scheme', in: 'tcp://example.com' },
    { name: 'words for a port', in: 'https://example.com:port80' },
    { name: 'a negative port', in: 'https://example.com:-80' },
    { name: 'port 0', in: 'https://example.com:0' },
    { name: 'port 65536', in: 'https://example.com:65536' },
    { name: 'port 65536 before a path', in: 'https://example.com:65536/path' },
    { name: 'credentials', in: 'https://user:secret@example.com' },
    { name: 'an address of five parts in brackets', in: 'https://[192.0.2.1.5]' },
  ]
  it.each(bad)('refuses $name', (row) => {
    const problems = problemsOf({ apiEndpoint: row.in })

    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^spec\.apiEndpoint: /)
    expect(problems[0]).not.toContain('secret')
  })
})

describe('the other fields', () => {
  const rows = [
    { name: 'a missing Secret', in: { secretRef: undefined }, want: ['spec.secretRef: is missing: add it'] },
    {
      name: 'a Secret without a name',
      in: { secretRef: { name: '' } },
      want: ['spec.secretRef.name: "" is empty: give the name of an object'],
    },
    {
      name: 'an unknown validation to leave out',
      in: { disabledTLSValidations: ['Everything'] },
      want: [
        'spec.disabledTLSValidations[0]: "Everything" is not one of *, SubjectName, ValidityPeriod: use one of them',
      ],
    },
    {
      name: '* beside others',
      in: { disabledTLSValidations: ['*', 'SubjectName'] },
      want: ['spec.disabledTLSValidations: lists more beside *: leave * alone, or take it out'],
    },
    {
      name: 'a bundle that is no base64',
      in: { caBundle: '%%' },
      want: ['spec.caBundle: is not base64: encode the PEM file (base64 -w0)'],
    },
    {
      name: 'a proxy of another scheme',
      in: { proxyURL: 'socks6://example.com' },
      want: ['spec.proxyURL: "socks6://example.com" is not the URL of a proxy: use http, https or socks5'],
    },
    {
      name: 'a proxy without scheme, whose user is not shown',
      in: { proxyURL: 'user@example.com' },
      want: ['spec.proxyURL: is not the URL of a proxy: use http, https or socks5'],
    },
  ]
  it.each(rows)('refuses $name', (row) => {
    expect(problemsOf(row.in)).toEqual(row.want)
  })

  it.each([
    { name: 'all TLS checks left out', in: { disabledTLSValidations: ['*'] } },
    { name: 'two TLS checks left out', in: { disabledTLSValidations: ['SubjectName', 'ValidityPeriod'] } },
    { name: 'a proxy', in: { proxyURL: 'socks5://user:word@example.com:1080' } },
    { name: 'an empty proxy', in: { proxyURL: '' } },
    { name: 'a bundle', in: { caBundle: 'QUJD' } },
  ])('accepts $name', (row) => {
    expect(problemsOf(row.in)).toEqual([])
  })
})

describe('apiServerUrl', () => {
  it.each([
    { name: 'https where no scheme is given', in: '192.0.2.1:6443', want: 'https://192.0.2.1:6443' },
    { name: 'http stays', in: 'http://example.com/', want: 'http://example.com' },
    { name: 'a path stays', in: 'https://example.com/k8s/c1/', want: 'https://example.com/k8s/c1' },
  ])('$name', (row) => {
    expect(apiServerUrl(row.in)).toBe(row.want)
  })
})

describe('readKubeFedClusterStatus', () => {
  it('reads what KubeFed wrote', () => {
    const status = {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastProbeTime: '2026-11-20T10:00:00Z',
          reason: 'ClusterReady',
          message: '/healthz responded with ok',
        },
      ],
      region: 'us-east1',
      zones: ['us-east1-b'],
      kubernetesVersion: 'v1.36.3',
    }

    expect(readKubeFedClusterStatus({ ...cluster({}), status })).toEqual(status)
  })

  it.each([{ status: undefined }, { status: { zones: 'us-east1-b' } }, { status: null }, undefined])(
    'reads a missing or broken status as none: %j',
    (rest) => {
      expect(
        readKubeFedClusterStatus(rest === undefined ? undefined : { ...cluster({}), ...rest }),
      ).toBeUndefined()
    },
  )
})
