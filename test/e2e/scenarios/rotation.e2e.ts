import { once } from 'node:events'
import { connect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { newCertificateAuthority } from '../../../src/sandbox/certificates.ts'
import { parseWorld } from '../../../src/sandbox/world/world.ts'
import type { Cluster } from '../support/cluster.ts'
import {
  ACCOUNTS,
  applyManifests,
  makePodFolder,
  makeToken,
  NAMESPACE,
  tokenIn,
  writeTokenKubeconfig,
  type TokenKubeconfig,
} from '../support/granted/accounts.ts'
import { auditFlags, readAudit } from '../support/granted/audit.ts'
import { startGrantedController, startInPod, type GrantedController } from '../support/granted/controller.ts'
import { change, conditionOf, make, setAddress } from '../support/granted/set-up.ts'
import { until } from '../support/process.ts'
import { useScene, type Scene } from '../support/scene.ts'

const MEMBER = 'europe-west1-b'
const NAME = 'nginx.mynamespace.myfederation.svc.example.com'
const ECHO = 'echo.mynamespace.myfederation.svc.example.com'
const ECHO_SERVICE = '/api/v1/namespaces/mynamespace/services/echo'
const CLUSTER = `/apis/core.kubefed.io/v1beta1/namespaces/${NAMESPACE}/kubefedclusters/${MEMBER}`
const CONFIG = `/apis/core.kubefed.io/v1beta1/namespaces/${NAMESPACE}/kubefedconfigs/kubefed`
const ACCOUNT = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${ACCOUNTS.host}`
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`

const WORLD = parseWorld(
  {
    federation: 'myfederation',
    domain: 'example.com',
    clusters: [{ name: MEMBER, region: 'europe-west1', zones: [MEMBER] }],
    services: ['nginx', 'echo'].map((name) => ({ namespace: 'mynamespace', name })),
    records: ['nginx', 'echo'].map((name) => ({ namespace: 'mynamespace', name, recordTTL: 1 })),
  },
  'rotation',
)

/** The member lets our ServiceAccount in, and so does the host. */
async function useServiceAccounts(scene: Scene): Promise<TokenKubeconfig> {
  const { host } = scene
  const member = scene.member(MEMBER)
  await applyManifests(host, 'host')
  await applyManifests(member, 'member')
  await giveToken(host, await tokenIn(member.api, 'waypost-member-token'))
  await change(host.api, CONFIG, { spec: { clusterHealthCheck: { period: '1s', failureThreshold: 1 } } })
  const token = await makeToken(host.api, ACCOUNTS.host, 'waypost-controller-token')
  return writeTokenKubeconfig({ folder: scene.folder, name: 'waypost-controller', cluster: host, token })
}

/** Put a token into the Secret that the KubeFedCluster names. */
function giveToken(host: Cluster, token: string): Promise<void> {
  const data = { token: Buffer.from(token).toString('base64') }
  return change(host.api, `${SECRETS}/${MEMBER}-token`, { data })
}

function giveCa(host: Cluster, pem: string): Promise<void> {
  return change(host.api, CLUSTER, { spec: { caBundle: Buffer.from(pem).toString('base64') } })
}

/** Delete a token Secret, and wait until its API server does not let it in any more: it remembers for some seconds. */
async function voidToken(cluster: Cluster, secret: string, token?: string): Promise<void> {
  const old = token ?? (await tokenIn(cluster.api, secret))
  await cluster.api.delete(`${SECRETS}/${secret}`)
  await until(async () =>
    (await cluster.api.call('GET', '/api', { token: old })).code === 401 ? true : undefined,
  )
}

/** A token as Pods have: for 10 minutes, and void when a Secret is deleted. */
async function boundToken({ api }: Cluster, secret: string): Promise<string> {
  await make(api, SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret } })
  const { body, code, text } = await api.post(`${ACCOUNT}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 600, boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: secret } },
  })
  if (code !== 201) throw new Error(`TokenRequest: ${code} ${text}`)
  return (body['status'] as { readonly token: string }).token
}

/** The certificate that an API server shows to whoever comes now. */
async function shownIssuer(cluster: Cluster): Promise<string> {
  const { port, hostname } = new URL(cluster.url)
  const socket = connect({ port: Number(port), host: hostname, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect')
    return String(socket.getPeerCertificate().issuer['CN'])
  } finally {
    socket.destroy()
  }
}

describe('credentials and certificates are replaced while names are asked for', () => {
  let kubeconfig: TokenKubeconfig
  let controller: GrantedController
  let turn = 0
  const scene = useScene({
    world: WORLD,
    startController: false,
    apiServerFlags: (_, folder) => auditFlags(folder),
    async prepare(prepared) {
      kubeconfig = await useServiceAccounts(prepared)
      const { folder, addresses } = prepared
      const dns = `${addresses.waypost}:53`
      controller = startGrantedController({ name: 'waypost', folder, kubeconfig: kubeconfig.path, dns })
      prepared.own(() => controller.end())
      await controller.ready()
    },
  })

  /** What is changed in the member is answered a moment later, and what is answered is told in the host. */
  async function changesArrive(): Promise<void> {
    const address = `198.51.100.${100 + (turn += 1)}`
    await setAddress(scene.member(MEMBER).api, ECHO_SERVICE, address)
    await until(async () => ((await scene.ask(ECHO)).addresses.join() === address ? true : undefined))
    const record = '/apis/multiclusterdns.kubefed.io/v1alpha1/namespaces/mynamespace/servicednsrecords/echo'
    await until(async () => ((await scene.host.api.get(record)).text.includes(address) ? true : undefined))
  }

  /** Two more probes have come through: what they use is what is used now. */
  async function probedAgain(): Promise<void> {
    const count = (): number =>
      readAudit(scene.member(MEMBER).folder).filter(
        ({ right, code }) => right === 'get /healthz' && code === 200,
      ).length
    const before = count()
    await until(() => (count() >= before + 2 ? true : undefined))
  }

  /** While this is done, the name says what it said before, through resolvers with and without cache. */
  async function unchanged(act: () => Promise<void>): Promise<void> {
    const { addresses } = await until(async () => {
      const told = await scene.ask(NAME)
      return told.addresses.length === 1 ? told : undefined
    })
    const held = scene.hold({ name: NAME, allowed: [addresses] })
    await act()
    await held.end()
    expect(held.asked).toBeGreaterThan(10)
  }

  const ready = (): Promise<string> => conditionOf(scene.host.api, CLUSTER, 'Ready')
  const untilReady = (wanted: RegExp): Promise<unknown> =>
    until(async () => {
      const said = await ready()
      if (!wanted.test(said)) throw new Error(`Ready says "${said}"`)
      return true
    })

  it("a member's token: the new one in the Secret of the KubeFedCluster, then the old one deleted", () =>
    unchanged(async () => {
      await changesArrive()
      await giveToken(scene.host, await makeToken(scene.member(MEMBER).api, ACCOUNTS.member, 'second'))
      await changesArrive()
      await voidToken(scene.member(MEMBER), 'waypost-member-token')
      await probedAgain()
      await changesArrive()

      expect(readAudit(scene.member(MEMBER).folder).filter(({ code }) => code >= 400)).toEqual([])
      expect(await ready()).toMatch(/^True/)
    }))

  it("a member's token in the wrong order: refused, said, and taken up again", () =>
    unchanged(async () => {
      await voidToken(scene.member(MEMBER), 'second')
      await untilReady(/^False ClusterNotReady: the API server answered 401: check the token/)
      await giveToken(scene.host, await makeToken(scene.member(MEMBER).api, ACCOUNTS.member, 'third'))
      await untilReady(/^True/)
      await changesArrive()
      expect(await ready()).toMatch(/^True/)
    }))

  it("the host's token: the file of the kubeconfig replaced", () =>
    unchanged(async () => {
      kubeconfig.setToken(await makeToken(scene.host.api, ACCOUNTS.host, 'next'))
      await voidToken(scene.host, 'waypost-controller-token')
      await changesArrive()
      expect(controller.isRunning).toBe(true)
    }))

  it("a member's CA: the new one beside the old one in caBundle, then the certificate", () =>
    unchanged(async () => {
      const member = scene.member(MEMBER)
      const authority = await newCertificateAuthority('the next one', Date.now())
      await giveCa(scene.host, `${member.caPem}${authority.caPem}`)
      await changesArrive()
      await member.rotateCertificate(authority)
      await until(async () => ((await shownIssuer(member)) === 'the next one' ? true : undefined))
      await giveCa(scene.host, authority.caPem) // other TLS material: connections are made anew
      await probedAgain()
      await changesArrive()
      expect(await ready()).toMatch(/^True/)
    }))

  it("a member's certificate, by a CA that is in caBundle: nothing to do", () =>
    unchanged(async () => {
      const member = scene.member(MEMBER)
      const authority = await newCertificateAuthority('the same one', Date.now())
      await giveCa(scene.host, `${member.caPem}${authority.caPem}`)
      await member.rotateCertificate(authority)
      await member.stop() // whoever was connected comes again
      await member.start()
      await probedAgain()
      await changesArrive()
      expect(controller.log()).not.toMatch(/"cluster":"europe-west1-b".*not trusted/)
    }))

  it("a member's CA in the wrong order: unknown, said, and taken up again", () =>
    unchanged(async () => {
      const member = scene.member(MEMBER)
      await member.rotateCertificate()
      await member.stop()
      await member.start()
      await untilReady(/^Unknown ClusterNotReachable: .*certificate/)
      await giveCa(scene.host, member.caPem)
      await untilReady(/^True/)
      await changesArrive()
      expect(await ready()).toMatch(/^True/)
    }))

  it('the bound token and the CA of a Pod: read again', async () => {
    const pod = makePodFolder(scene.folder)
    const authority = await newCertificateAuthority('of the host', Date.now())
    pod.setCa(scene.host.caPem)
    const first = await boundToken(scene.host, 'pod-1')
    pod.setToken(first)
    await controller.end()
    const inPod = startInPod({
      folder: scene.folder,
      pod: pod.folder,
      url: scene.host.url,
      dns: `${scene.addresses.waypost}:53`,
    })
    scene.own(() => inPod.end())
    await inPod.ready()

    await unchanged(async () => {
      await changesArrive()
      pod.setToken(await boundToken(scene.host, 'pod-2'))
      pod.setCa(`${scene.host.caPem}${authority.caPem}`)
      await voidToken(scene.host, 'pod-1', first)
      await changesArrive()
      await scene.host.rotateCertificate(authority)
      await scene.host.stop()
      await scene.host.start()
      await changesArrive()
      expect(inPod.isRunning).toBe(true)
    })
  })
})
