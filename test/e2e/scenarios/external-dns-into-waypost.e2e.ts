import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { findComponent } from '../setup/components.ts'
import { startExternalDnsInto } from '../support/dns/external-dns.ts'
import { until, type Program } from '../support/process.ts'
import { useScene } from '../support/scene.ts'

const KEY = { name: 'update', secret: randomBytes(32).toString('base64') } as const
const NAMESPACE = 'outside'
const ENDPOINTS = `/apis/externaldns.k8s.io/v1alpha1/namespaces/${NAMESPACE}/dnsendpoints`
const OBJECT = '/apis/waypost.dev/v1alpha1/namespaces/kube-federation-system/zonerecords/example.com'
const FEDERATED = 'nginx.mynamespace.myfederation.svc.example.com'

const endpoint = (dnsName: string, recordType: string, targets: readonly string[], recordTTL = 120) => ({
  ...{ dnsName, recordType, targets, recordTTL },
})

describe('a stock ExternalDNS writes into a zone of ours over RFC 2136', () => {
  const scene = useScene({
    resolvers: false,
    members: ['europe-west1-b'],
    controllerArgs: [
      ...['--tsig-keys', 'update.key'],
      ...['--allow-update', `key:${KEY.name}`, '--allow-transfer', `key:${KEY.name}`],
    ],
    prepare: async ({ folder, host }) => {
      writeFileSync(
        join(folder, 'update.key'),
        `key "${KEY.name}" { algorithm hmac-sha256; secret "${KEY.secret}"; };\n`,
      )
      await host.api.post('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
    },
  })
  let running: Program

  const dig = (name: string, type = 'A'): readonly string[] =>
    execFileSync(findComponent('dig'), [`@${scene.addresses.waypost}`, '+short', '+norecurse', name, type], {
      encoding: 'utf8',
      timeout: 10_000,
    })
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(';'))
      .sort()
  const settles = (name: string, type: string, want: readonly string[]): Promise<unknown> =>
    until(async () => (dig(name, type).join() === want.join() ? true : undefined), 60_000)
  const externalDns = (once = false): Promise<Program> =>
    startExternalDnsInto({
      ...{ name: once ? 'external-dns-again' : 'external-dns', folder: scene.folder, once },
      ...{ kubeconfig: scene.host.kubeconfigPath, namespace: NAMESPACE },
      ...{ key: KEY, address: scene.addresses.waypost, zone: 'example.com' },
    })
  const put = (name: string, endpoints: readonly object[]): Promise<unknown> =>
    scene.host.api.post(ENDPOINTS, {
      ...{ apiVersion: 'externaldns.k8s.io/v1alpha1', kind: 'DNSEndpoint' },
      ...{ metadata: { name, namespace: NAMESPACE }, spec: { endpoints } },
    })
  const update = (lines: readonly string[]): string => {
    const script = [`server ${scene.addresses.waypost}`, 'zone example.com', ...lines, 'send', ''].join('\n')
    try {
      return execFileSync(findComponent('nsupdate'), ['-k', join(scene.folder, 'update.key')], {
        ...{ input: script, encoding: 'utf8', timeout: 10_000, stdio: 'pipe' },
      })
    } catch (error) {
      return String((error as { readonly stderr?: unknown }).stderr)
    }
  }

  beforeAll(async () => {
    running = await externalDns()
    scene.own(() => running.end('SIGKILL'))
  })

  it('what its sources say is answered by us, with its TTL and its ownership beside it', async () => {
    await put('web', [
      endpoint('www.example.com', 'A', ['192.0.2.10', '192.0.2.11']),
      endpoint('www.example.com', 'AAAA', ['2001:db8::10']),
      endpoint('app.example.com', 'CNAME', ['www.example.com']),
    ])

    await settles('www.example.com', 'A', ['192.0.2.10', '192.0.2.11'])
    await settles('www.example.com', 'AAAA', ['2001:db8::10'])
    await settles('app.example.com', 'CNAME', ['www.example.com.'])
    await until(async () => (dig('a-www.example.com', 'TXT').length > 0 ? true : undefined))
    expect(dig('a-www.example.com', 'TXT').join()).toContain(
      'heritage=external-dns,external-dns/owner=external-dns',
    )
  })

  it('a second run has nothing to do', async () => {
    const again = await externalDns(true)

    expect(await again.ended).toBe(0)
    expect(again.log()).toContain('All records are already up to date')
  })

  it('what changes there changes here', async () => {
    await scene.host.api.patch(`${ENDPOINTS}/web`, {
      spec: {
        endpoints: [
          endpoint('www.example.com', 'A', ['192.0.2.12']),
          endpoint('app.example.com', 'CNAME', ['www.example.com']),
        ],
      },
    })

    await settles('www.example.com', 'A', ['192.0.2.12'])
    await settles('www.example.com', 'AAAA', [])
    expect(dig('app.example.com', 'CNAME')).toEqual(['www.example.com.'])
  })

  it('it is kept in the host cluster: a controller that was killed says the same', async () => {
    await scene.controller.stop('SIGKILL')
    await scene.controller.start()

    expect(dig('www.example.com')).toEqual(['192.0.2.12'])
    const { body } = await scene.host.api.get(OBJECT)
    const { spec } = body as {
      readonly spec: { readonly records: readonly { readonly name: string }[] }
    }
    expect(spec.records.map(({ name }) => name)).toContain('www.example.com.')
  })

  it('names of the federation are not touched, and what wants them does not hold up the rest', async () => {
    const before = dig(FEDERATED)
    await put('greedy', [
      endpoint(FEDERATED, 'A', ['192.0.2.66']),
      endpoint('modest.example.com', 'A', ['192.0.2.20']),
    ])

    await settles('modest.example.com', 'A', ['192.0.2.20'])
    expect(dig(FEDERATED)).toEqual(before)
    expect(before).toHaveLength(1)
    expect(running.isRunning).toBe(true)
  })

  it('what is gone there is gone here', async () => {
    await scene.host.api.delete(`${ENDPOINTS}/web`)

    await settles('www.example.com', 'A', [])
    await settles('app.example.com', 'CNAME', [])
    await settles('a-www.example.com', 'TXT', [])
    expect(dig('modest.example.com')).toEqual(['192.0.2.20'])
  })

  it('nsupdate: all or nothing, on condition, refused where it may not', () => {
    expect(
      update([
        'prereq nxdomain one.example.com',
        'add one.example.com 60 A 192.0.2.1',
        'add two.example.com 60 A 192.0.2.2',
      ]),
    ).toBe('')
    expect([dig('one.example.com'), dig('two.example.com')]).toEqual([['192.0.2.1'], ['192.0.2.2']])
    expect(update(['prereq nxdomain one.example.com', 'add three.example.com 60 A 192.0.2.3'])).toContain(
      'YXDOMAIN',
    )
    expect(update(['add three.example.com 60 A 192.0.2.3', `add ${FEDERATED} 60 A 192.0.2.3`])).toContain(
      'REFUSED',
    )
    expect(dig('three.example.com')).toEqual([])
  })
})
