import { describe, expect, test } from 'vitest'
import { parseKubeFedCluster } from '../../../src/api/kubefed-cluster.ts'
import type { KubeFedCluster } from '../../../src/api/kubefed-cluster.ts'
import { describeError } from '../../../src/errors.ts'
import { clusterAccess } from '../../../src/kube/cluster-access.ts'
import { makeAuthority } from '../../support/test-certificates.ts'

function cluster(spec: Record<string, unknown> = {}): KubeFedCluster {
  const parsed = parseKubeFedCluster({
    metadata: { name: 'us-east1-b', namespace: 'waypost' },
    spec: { apiEndpoint: 'api.example', secretRef: { name: 'us-east1-b-token' }, ...spec },
  })
  if (parsed.kind === 'rejected') throw new Error(parsed.problems.join())
  return parsed.value
}

describe('clusterAccess', () => {
  test.each([
    { apiEndpoint: 'my.example.com', want: 'https://my.example.com' },
    { apiEndpoint: '192.0.2.219:8080', want: 'https://192.0.2.219:8080' },
    { apiEndpoint: '[2001:db8:25a4:8d2::1]:80', want: 'https://[2001:db8:25a4:8d2::1]:80' },
    { apiEndpoint: 'example.com/', want: 'https://example.com' },
    { apiEndpoint: 'http://example.com:80/path/to/endpoint', want: 'http://example.com:80/path/to/endpoint' },
    { apiEndpoint: 'https://example.com/k8s/', want: 'https://example.com/k8s' },
  ])('$apiEndpoint is $want', ({ apiEndpoint, want }) => {
    expect(clusterAccess(cluster({ apiEndpoint }), 't').server).toBe(want)
  })

  test('takes CA, checks, proxy and token', async () => {
    const { certPem } = await makeAuthority()
    const access = clusterAccess(
      cluster({
        caBundle: Buffer.from(certPem).toString('base64'),
        disabledTLSValidations: ['SubjectName'],
        proxyURL: 'socks5://proxy:1080',
      }),
      ' token-with-newline\n',
    )

    expect(access).toMatchObject({
      caPem: certPem,
      skippedChecks: ['SubjectName'],
      proxyUrl: 'socks5://proxy:1080',
    })
    expect(await access.credentials.get()).toEqual({
      headers: { authorization: 'Bearer token-with-newline' },
    })
  })

  test('nothing but the address and a token is needed, not even with every check disabled', () => {
    const access = clusterAccess(cluster({ disabledTLSValidations: ['*'], caBundle: '', proxyURL: '' }), 't')

    expect(access).toMatchObject({ skippedChecks: ['*'] })
    expect([access.caPem, access.proxyUrl]).toEqual([undefined, undefined])
  })

  const at = '(cluster=us-east1-b namespace=waypost secret=us-east1-b-token)'

  test.each([
    {
      name: 'no token',
      token: undefined,
      spec: {},
      want: `spec.secretRef: no such Secret, or no key "token" in it: create it with the bearer token of a service account of the cluster ${at}`,
    },
    {
      name: 'an empty token',
      token: ' \n',
      spec: {},
      want: `spec.secretRef: no such Secret, or no key "token" in it: create it with the bearer token of a service account of the cluster ${at}`,
    },
    {
      name: 'a token that is none',
      token: 'to ken',
      spec: {},
      want: `spec.secretRef: key "token" of the Secret is no bearer token: it has characters that no token has ${at}`,
    },
    {
      name: 'a CA that is no PEM',
      token: 't',
      spec: { caBundle: 'bm9uZQ==' },
      want: 'spec.caBundle: holds no certificate: give the PEM file of the CA in base64 (cluster=us-east1-b)',
    },
    {
      name: 'ValidityPeriod through a proxy',
      token: 't',
      spec: { disabledTLSValidations: ['ValidityPeriod'], proxyURL: 'http://p:1' },
      want: 'spec.disabledTLSValidations: ValidityPeriod does not work through spec.proxyURL: renew the certificate of the API server, or use "*" (cluster=us-east1-b)',
    },
  ])('$name is said in one line, and nothing waits to mend it', ({ token, spec, want }) => {
    const attempt = (): unknown => clusterAccess(cluster(spec), token)

    expect(attempt).toThrow(expect.objectContaining({ code: 'CLUSTER_CONFIG_MALFORMED', retry: 'never' }))
    expect(sayOf(attempt)).toBe(want)
  })

  test('a certificate that is cut off says so', () => {
    const caBundle = Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----').toString(
      'base64',
    )

    expect(sayOf(() => clusterAccess(cluster({ caBundle }), 't'))).toMatch(
      /^spec\.caBundle: is no certificate/,
    )
  })
})

function sayOf(act: () => unknown): string {
  try {
    act()
    return 'accepted'
  } catch (error) {
    return describeError(error)
  }
}
