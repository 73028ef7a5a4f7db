import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toCustomResourceDefinition } from '../../src/api/crd.ts'
import { domainKind, type DomainStatus } from '../../src/api/domain.ts'
import { KINDS } from '../../src/api/kinds.ts'
import { answeringLocally } from '../../src/app/answering.ts'
import { startInstance, type Instance } from '../../src/app/instance.ts'
import { tokenCredentials } from '../../src/kube/access.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { CONTROL_PLANE_NAMESPACE } from '../../src/sandbox/world/manifests.ts'
import { defaultWorld } from '../../src/sandbox/world/demo-world.ts'
import { HOST_CLUSTER } from '../../src/sandbox/world/world.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { openDnsClient, type DnsClient } from '../support/dns-client.ts'
import { JumpClock } from '../support/jump-clock.ts'

/** An API server that knows schemas and nothing else, as a real one: it stores static data that cannot be read. */

const { definition } = domainKind
const GOOD = 'mail A 192.0.2.25\nwww CNAME mail\n'
const BROKEN = `${GOOD}more A 192.0.2.10\nbad A 192.0.2.999\n`
const MAX_LOOKS = 2_000

const stateDir = mkdtempSync(join(tmpdir(), 'waypost-zone-file-'))
const clock = new JumpClock()
let sandbox: Sandbox
let instance: Instance
let dns: DnsClient

beforeAll(async () => {
  sandbox = await createSandbox({
    ...{ world: defaultWorld(), stateDir, manifests: [], clock, logger: silentLogger, startApiServer },
    crds: KINDS.map((kind) => toCustomResourceDefinition(kind.definition)),
    story: () => {},
  })
  await start()
})
afterAll(async () => {
  await stop()
  await sandbox.close()
  rmSync(stateDir, { recursive: true, force: true })
})

async function start(): Promise<void> {
  const host = sandbox.servers.get(HOST_CLUSTER)! // a sandbox always has one
  instance = await startInstance({
    host: {
      ...{ server: host.url, caPem: host.caPem, skippedChecks: [] },
      credentials: tokenCredentials(host.token),
    },
    ...{ namespace: CONTROL_PLANE_NAMESPACE, answering: answeringLocally(), dnsWorkers: 1, routes: [] },
    dnsListen: [{ host: '127.0.0.1', port: 0 }],
    httpListen: { host: '127.0.0.1', port: 0 },
    lookup: (name) => Promise.resolve({ addresses: sandbox.balancers.lookup(name) ?? [], ttlSeconds: 30 }),
    ...{ clock, logger: silentLogger, random: () => 0.5, dnssecKeys: undefined },
  })
  await instance.controlPlane.serving
  dns = await openDnsClient(instance.nameserver.listening[0]!) // it listens on one address
}

async function stop(): Promise<void> {
  dns.close()
  await instance.stop()
}

const objects = () => sandbox.servers.get(HOST_CLUSTER)!.objects // a sandbox always has one
const stored = () => objects().get(definition, CONTROL_PLANE_NAMESPACE, 'myfederation')! // of the demo
const status = () => (stored()['status'] ?? {}) as DomainStatus // its schema says so
const condition = (type: string): string => {
  const found = status().conditions?.find((each) => each.type === type)
  return `${found?.status} ${found?.reason}: ${found?.message}`
}

/** Look until it does not throw, with time passing between. */
async function until(look: () => void | Promise<void>): Promise<void> {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    try {
      return await look()
    } catch {
      clock.jump(500)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }
  await look()
}

it('what cannot be read leaves the old in force, also after a restart, and says which line it is', async () => {
  objects().update(definition, { ...stored(), zoneFile: GOOD })
  await until(() => expect(status().inForce?.zoneFile).toBe(GOOD))
  expect(await dns.short('www.example.com')).toEqual(['-> mail.example.com', '192.0.2.25'])

  objects().update(definition, { ...stored(), zoneFile: BROKEN })
  await until(() =>
    expect(condition('ZoneFile')).toMatch(
      /^False RecordsInvalid: zoneFile line 4: .*; what was published before stays$/,
    ),
  )
  expect(condition('Ready')).toMatch(/^False Invalid: .*zoneFile line 4: /)
  const before = await dns.short('www.example.com')
  await stop()
  await start()

  expect([before, await dns.short('www.example.com'), await dns.short('more.example.com')]).toEqual([
    ['-> mail.example.com', '192.0.2.25'],
    ['-> mail.example.com', '192.0.2.25'],
    ['NXDOMAIN'],
  ])
  expect(status().inForce?.zoneFile).toBe(GOOD)

  objects().update(definition, { ...stored(), zoneFile: BROKEN.replace('.999', '.99') })
  await until(async () => expect(await dns.short('bad.example.com')).toEqual(['192.0.2.99']))
  await until(() => expect(condition('ZoneFile')).toMatch(/^True Published: 4 names /))
})
