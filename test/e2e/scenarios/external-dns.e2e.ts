import { execFileSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseWorld } from '../../../src/sandbox/world/world.ts'
import { defaultWorld } from '../../../src/sandbox/world/demo-world.ts'
import { domain } from '../../support/demo.ts'
import { findComponent } from '../setup/components.ts'
import { ask } from '../support/dns/ask.ts'
import { startExternalDns } from '../support/dns/external-dns.ts'
import { hold } from '../support/dns/hold.ts'
import { startProvider, type Provider } from '../support/dns/knot.ts'
import { until } from '../support/process.ts'
import { useScene } from '../support/scene.ts'
import { applyTo } from '../support/world.ts'

const MEMBER = 'europe-west1-b'

/** Each federation has a namespace, a zone at the provider and an ExternalDNS of its own. */
const FEDERATIONS = {
  stable: { zone: 'stable.example', aliasAs: 'Stable', policy: 'sync' },
  upsert: { zone: 'upsert.example', aliasAs: 'Stable', policy: 'upsert-only' },
  kubefed: { zone: 'kubefed.example', aliasAs: 'CNAME', policy: 'sync' },
} as const
type Federation = keyof typeof FEDERATIONS
const ALL_FEDERATIONS = Object.keys(FEDERATIONS) as Federation[] // its own keys

/** A Service of the federation's name in each cluster, and its record. */
const world = parseWorld(
  {
    clusters: defaultWorld().clusters.map(({ name, region, zones }) => ({
      name,
      zones: [...zones],
      ...(region === undefined ? {} : { region }),
    })),
    services: ALL_FEDERATIONS.map((name) => ({ namespace: name, name })),
    records: ALL_FEDERATIONS.map((name) => ({ namespace: name, name, domainRef: name, recordTTL: 30 })),
  },
  'ExternalDNS',
)

const names = (name: Federation) => {
  const { zone } = FEDERATIONS[name]
  const base = `${name}.${name}.${name}.svc`
  return {
    global: `${base}.${zone}`,
    region: `${base}.europe-west1.${zone}`,
    zone: `${base}.europe-west1-b.europe-west1.${zone}`,
    central: `${base}.us-central1.${zone}`,
  }
}

describe('ExternalDNS writes our DNSEndpoints to a provider over RFC 2136', () => {
  const scene = useScene({
    world,
    resolvers: false,
    prepare: async ({ host }) => {
      for (const [name, { zone, aliasAs }] of Object.entries(FEDERATIONS))
        await applyTo(host.api, domain(name, zone, { aliasAs }))
    },
  })
  let provider: Provider

  const externalDns = (name: Federation, once = false) =>
    startExternalDns({
      ...{
        name: once ? `${name}-again` : name,
        folder: scene.folder,
        kubeconfig: scene.host.kubeconfigPath,
        once,
        namespace: name,
      },
      ...{ provider, address: scene.addresses.provider, ...FEDERATIONS[name] },
    })
  const there = (name: string) => ask({ server: scene.addresses.provider, name })
  const scale = (name: Federation, replicas: number) =>
    scene
      .member(MEMBER)
      .api.patch(`/apis/apps/v1/namespaces/${name}/deployments/${name}/scale`, { spec: { replicas } })
  const dig = (server: string, name: string): readonly string[] =>
    execFileSync(findComponent('dig'), [`@${server}`, '+short', '+norecurse', name, 'A'], {
      encoding: 'utf8',
      timeout: 10_000,
    })
      .split('\n')
      .filter((line) => /^[\d.]+$/.test(line))
      .sort()

  beforeAll(async () => {
    const { folder, addresses } = scene
    provider = await startProvider({
      folder,
      address: addresses.provider,
      zones: Object.values(FEDERATIONS).map(({ zone }) => zone),
    })
    scene.own(() => provider.program.end())
    for (const name of ALL_FEDERATIONS) {
      const program = await externalDns(name)
      scene.own(() => program.end('SIGKILL'))
    }
    for (const name of ALL_FEDERATIONS) {
      for (const each of Object.values(names(name)))
        await until(async () => ((await there(each)).addresses.length > 0 ? true : undefined))
    }
  })

  it.each(ALL_FEDERATIONS)('dig at the provider says what our server says: %s', (name) => {
    for (const each of Object.values(names(name)))
      expect(dig(scene.addresses.provider, each)).toEqual(dig(scene.addresses.waypost, each))
    expect(dig(scene.addresses.provider, names(name).global)).toHaveLength(3)
  })

  it.each(ALL_FEDERATIONS)('a second run has nothing to do: %s', async (name) => {
    const again = await externalDns(name, true)

    expect(await again.ended).toBe(0)
    expect(again.log()).toContain('All records are already up to date')
  })

  it('a shard loses its endpoints and gets them back: never denied, never a foreign address, but with aliasAs: CNAME', async () => {
    const held = new Map(
      await Promise.all(
        ALL_FEDERATIONS.map(async (name) => {
          const all = (await scene.ask(names(name).global)).addresses
          const own = (await scene.ask(names(name).region)).addresses
          const others = all.filter((address) => !own.includes(address))
          const asked = hold({
            server: scene.addresses.provider,
            name: names(name).region,
            allowed: [own, others, all],
          })
          return [name, { asked, own, others }] as const
        }),
      ),
    )
    const settles = (name: Federation, addresses: readonly string[]) =>
      until(
        async () =>
          (await there(names(name).region)).addresses.join() === addresses.join() ? true : undefined,
        60_000,
      )

    for (const name of ALL_FEDERATIONS) await scale(name, 0)
    for (const [name, { others }] of held) await settles(name, others)
    for (const name of ALL_FEDERATIONS) await scale(name, 2)
    for (const [name, { own }] of held) await settles(name, own)

    expect(await held.get('stable')?.asked.end()).toEqual([])
    expect(await held.get('upsert')?.asked.end()).toEqual([])
    const kubefed = held.get('kubefed')?.asked
    await kubefed?.end()
    expect([...(kubefed?.wrong().keys() ?? [])]).toEqual(['NXDOMAIN'])
    process.stdout.write(
      `aliasAs: CNAME, denied for about ${(kubefed?.wrong().get('NXDOMAIN') ?? 0) * 50} ms in two changes of type\n`,
    )
  })

  it('what is removed here is removed there under sync, and stays under upsert-only', async () => {
    for (const name of ['stable', 'upsert'] as const)
      await scene.host.api.delete(
        `/apis/multiclusterdns.kubefed.io/v1alpha1/namespaces/${name}/servicednsrecords/${name}`,
      )

    await until(
      async () => ((await there(names('stable').global)).rcode === 'NXDOMAIN' ? true : undefined),
      60_000,
    )
    await until(async () => ((await there(names('stable').zone)).rcode === 'NXDOMAIN' ? true : undefined))
    expect((await there(names('upsert').global)).addresses).toHaveLength(3)
  })
})
