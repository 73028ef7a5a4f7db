import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../../src/api/conditions.ts'
import type { ServiceDNSStatus } from '../../../../src/api/dns-status.ts'
import { objectKey, ownerKey, type OwnerKey } from '../../../../src/api/keys.ts'
import { domainOwner } from '../../../../src/app/reporting/domain-plans.ts'
import { createRecordPlans } from '../../../../src/app/reporting/record-plans.ts'
import { NO_KEY_STANDING } from '../../../../src/app/zone-facts/key-standing.ts'
import type { ZoneFacts } from '../../../../src/app/zone-facts/zone-facts.ts'
import type { WriteReport } from '../../../../src/controllers/status-input.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { planEndpoints } from '../../../../src/writers/dnsendpoint/plan-endpoints.ts'
import { ingress, NAMESPACE, service, serviceOfHosts } from '../../controllers/fakes.ts'
import { turns, WiredDiscovery } from '../control-plane/wired-discovery.ts'

const web = objectKey('shop', 'web')
const edge = objectKey('shop', 'edge')
const webOwner = ownerKey('ServiceDNSRecord', web)
const edgeOwner = ownerKey('IngressDNSRecord', edge)
const fedOwner = domainOwner(objectKey(NAMESPACE, 'fed'))
const global = 'web.shop.fed.svc.example.com'

/** Two members, a Domain, and nothing decided before act() has put something in. */
async function setUp(act: (wired: WiredDiscovery) => void = () => {}, facts: () => ZoneFacts = () => ({})) {
  const wired = new WiredDiscovery()
  const written = new Map<OwnerKey, WriteReport>()
  wired.domain('fed', { domain: 'example.com' })
  for (const index of [1, 0]) {
    wired.member(index)
    wired.service(web, index, service(`192.0.2.${index + 1}`))
    wired.slice(web, index, 1)
    wired.ingress(edge, index, ingress(['web'], `198.51.100.${index + 1}`))
  }
  const plans = createRecordPlans({
    ...{ namespace: NAMESPACE, host: wired.host, stores: wired.stores, members: wired.members },
    ...{ discovery: wired.discovery, clock: wired.clock, written },
    zoneRecords: { state: () => undefined },
    serial: (domain) => (domain === 'example.com.' ? 77 : undefined),
    zoneFacts: { of: (zone) => (zone === 'example.com.' ? facts() : {}) },
  })
  act(wired)
  wired.discovery.start()
  await turns()
  const status = (owner: OwnerKey) => plans.status(owner, undefined)
  const conditions = (owner: OwnerKey): Record<string, string> =>
    Object.fromEntries(
      (status(owner)?.now.conditions ?? []).map(({ type, status: value, reason }: Condition) => [
        type,
        `${value} ${reason}`,
      ]),
    )
  const names = (owner: OwnerKey): readonly string[] | undefined => {
    const plan = plans.endpoint(owner)
    return plan === undefined || plan === 'later'
      ? plan && [plan]
      : planEndpoints(plan.domain, plan.names).map(({ dnsName }) => dnsName)
  }
  return { wired, plans, written, status, conditions, names }
}

describe('status of a ServiceDNSRecord', () => {
  it('is made of its decision, its shards and its place', async () => {
    const { status } = await setUp((wired) => wired.serviceRecord(web))

    const plan = status(webOwner)

    expect(plan).toMatchObject({
      apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
      kind: 'ServiceDNSRecord',
      metadata: { namespace: 'shop', name: 'web' },
      before: undefined,
      now: {
        domain: 'example.com',
        dnsName: global,
        healthy: '2/2',
        endpoints: 2,
        observedGeneration: 1,
        addresses: ['192.0.2.1', '192.0.2.2'],
      },
    })
    expect(
      (plan!.now as ServiceDNSStatus).dns?.map(({ cluster, region, zones }) => [cluster, region, zones]),
    ).toEqual([
      ['c0', 'r0', ['z0']],
      ['c1', 'r1', ['z1']],
    ])
  })

  it('shows the host names of load balancers', async () => {
    const { status } = await setUp((wired) => {
      wired.lookups.set(parseDomainName('lb.example.net'), {
        addresses: service('203.0.113.5').a,
        ttlSeconds: 60,
      })
      wired.service(web, 1, serviceOfHosts('lb.example.net'))
      wired.serviceRecord(web)
    })

    expect((status(webOwner)!.now as ServiceDNSStatus).dns?.[1]?.loadBalancer).toEqual({
      ingress: [{ ip: '203.0.113.5' }, { hostname: 'lb.example.net' }],
    })
  })

  it('is undefined before the record is decided, and when it is gone', async () => {
    const { wired, status } = await setUp()
    expect(status(webOwner)).toBeUndefined()
    wired.serviceRecord(web)
    expect(status(webOwner)).toBeUndefined()
    await turns()
    expect(status(webOwner)).toBeDefined()
    wired.removeFrom(wired.host.serviceRecords, web)

    expect(status(webOwner)).toBeUndefined()
  })

  it('is compared with what stands, also where the record cannot be used', async () => {
    const { wired, plans, status } = await setUp((w) => w.serviceRecord(web))
    const told = status(webOwner)!.now
    wired.reject(wired.host.serviceRecords as never, web, 'spec.recordTTL: -1', told)
    await turns()

    expect(status(webOwner)).toMatchObject({ before: told, now: { addresses: ['192.0.2.1', '192.0.2.2'] } })
    expect(plans.status(webOwner, { healthy: '9/9' })?.before).toEqual({ healthy: '9/9' })
    const again = plans.status(webOwner, status(webOwner)?.now)
    expect(again?.now).toEqual(again?.before)
  })

  it('says nothing of names that another record has, and names that record', async () => {
    const rival = objectKey('shop', 'other')
    const { status, conditions, names } = await setUp((wired) => {
      wired.serviceRecord(rival, { externalName: 'web' })
      wired.serviceRecord(web)
    })
    const owner = ownerKey('ServiceDNSRecord', rival)

    expect(conditions(owner)).toMatchObject({ Ready: 'False Conflict', Conflict: 'True NameTaken' })
    expect(conditions(webOwner)).toMatchObject({ Ready: 'True ShardsFit', Conflict: 'False NoConflict' })
    expect((status(owner)!.now as ServiceDNSStatus).answers).toEqual([])
    expect(names(owner)).toEqual([])
  })

  it('tells names that DNS cannot carry', async () => {
    const { status } = await setUp((wired) => wired.serviceRecord(web, { dnsPrefix: 'x'.repeat(64) }))

    const degraded = status(webOwner)?.now.conditions?.find(({ type }) => type === 'Degraded')
    expect(degraded).toMatchObject({ status: 'True', reason: 'NameRejected' })
    expect(degraded?.message).toContain('spec.dnsPrefix')
  })

  it('tells what came of its DNSEndpoint', async () => {
    const { written, conditions } = await setUp((wired) => wired.serviceRecord(web))
    expect(conditions(webOwner)).not.toHaveProperty('DNSEndpointWritten')

    written.set(webOwner, { ok: false, reason: 'Forbidden', message: 'no rights' })

    expect(conditions(webOwner)).toMatchObject({ DNSEndpointWritten: 'False Forbidden' })
  })
})

describe('status of an IngressDNSRecord', () => {
  it('is made of its decision and its clusters', async () => {
    const { status } = await setUp((wired) => wired.ingressRecord(edge, ['www.example.com']))

    expect(status(edgeOwner)).toMatchObject({
      kind: 'IngressDNSRecord',
      now: {
        healthy: '2/2',
        answers: [{ name: 'www.example.com', type: 'A', targets: ['198.51.100.1', '198.51.100.2'] }],
      },
    })
  })

  it('says why it publishes nothing', async () => {
    const { conditions } = await setUp((wired) =>
      wired.reject(wired.host.ingressRecords as never, edge, 'spec.hosts[0]: too long'),
    )

    expect(conditions(edgeOwner)).toEqual({ Ready: 'False Invalid' })
  })
})

describe('status of a Domain', () => {
  it('counts the names that its services claim, and tells the serial', async () => {
    const { wired, status } = await setUp((w) => w.serviceRecord(web, { dnsPrefix: 'www' }))

    expect(status(fedOwner)).toMatchObject({ kind: 'Domain', now: { names: 6, serial: 77 } })
    wired.domain('other', { domain: 'example.org' })
    await turns()
    const other = status(domainOwner(objectKey(NAMESPACE, 'other')))?.now
    expect(other).toMatchObject({ names: 0 })
    expect(other).not.toHaveProperty('serial')
  })

  const rows: readonly {
    readonly name: string
    readonly in: (wired: WiredDiscovery) => void
    readonly of: OwnerKey
    readonly want: string
  }[] = [
    { name: 'is in force', in: () => {}, of: fedOwner, want: 'True Serving' },
    {
      name: 'cannot be used',
      in: (wired) => wired.reject(wired.host.domains as never, objectKey(NAMESPACE, 'fed'), 'domain: "!"'),
      of: fedOwner,
      want: 'False Invalid',
    },
    {
      name: 'is in another namespace, whatever one of its name says here',
      in: (wired) => wired.domain('fed', { domain: 'example.net' }, 'elsewhere'),
      of: domainOwner(objectKey('elsewhere', 'fed')),
      want: 'False WrongNamespace',
    },
  ]
  for (const row of rows) {
    it(`says ${row.want} when it ${row.name}`, async () => {
      const { conditions } = await setUp(row.in)

      expect(conditions(row.of)).toEqual({ Ready: row.want })
    })
  }

  it('tells what is known of its zone, with the generation that it is said of', async () => {
    const { status, conditions } = await setUp(undefined, () => ({
      signing: NO_KEY_STANDING,
      transfer: { rules: [{ prefix: '192.0.2.2' }], isSignedHere: false },
    }))

    expect(conditions(fedOwner)).toEqual({
      Ready: 'True Serving',
      Signed: 'False NoKeys',
      TransferAllowed: 'True Allowed',
    })
    expect(status(fedOwner)?.now.conditions?.map(({ observedGeneration }) => observedGeneration)).toEqual([
      1, 1, 1,
    ])
  })

  it('goes on telling it of the zone in force when it was edited into something unusable', async () => {
    const { wired, conditions } = await setUp(undefined, () => ({ signing: NO_KEY_STANDING }))
    wired.reject(wired.host.domains as never, objectKey(NAMESPACE, 'fed'), 'domain: "!"')
    await turns()

    expect(conditions(fedOwner)).toEqual({ Ready: 'False Invalid', Signed: 'False NoKeys' })
  })

  it('takes away what an earlier process told of its zone, and leaves what others told', async () => {
    const { plans } = await setUp()
    const past = (type: string): Condition => ({
      ...{ type, status: 'True', reason: 'Past', message: 'past' },
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })
    const standing = { conditions: ['Approved', 'Signed', 'TransferAllowed'].map(past) }

    const plan = plans.status(fedOwner, standing)

    expect(plan?.now.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Approved Past',
      'Ready Serving',
    ])
  })

  it('has no names in another namespace, and none when it is gone', async () => {
    const { wired, status } = await setUp((w) => {
      w.serviceRecord(web)
      w.domain('fed', { domain: 'example.net' }, 'elsewhere')
    })

    expect(status(domainOwner(objectKey('elsewhere', 'fed')))?.now).toMatchObject({ names: 0 })
    wired.removeFrom(wired.host.domains, objectKey(NAMESPACE, 'fed'))
    expect(status(fedOwner)).toBeUndefined()
  })
})

describe('the DNSEndpoint of a record', () => {
  it('has the names of its Domain, with the record as owner; short names are ours alone', async () => {
    const { plans, names } = await setUp((wired) => wired.serviceRecord(web, { dnsPrefix: 'www' }))

    expect(names(webOwner)).toEqual([
      global,
      'web.shop.fed.svc.r0.example.com',
      'web.shop.fed.svc.r1.example.com',
      'web.shop.fed.svc.z0.r0.example.com',
      'web.shop.fed.svc.z1.r1.example.com',
      'www.example.com',
    ])
    expect(plans.endpoint(webOwner)).toMatchObject({
      record: { kind: 'ServiceDNSRecord', metadata: { uid: `uid ${web}` } },
    })
  })

  it('of an Ingress has its hosts, whatever zone they are in', async () => {
    const { names } = await setUp((wired) =>
      wired.ingressRecord(edge, ['www.example.com', 'www.elsewhere.net']),
    )

    expect(names(edgeOwner)).toEqual(['www.elsewhere.net', 'www.example.com'])
  })

  it('is left as it is before its record is decided', async () => {
    const { wired, plans } = await setUp()
    wired.serviceRecord(web)
    wired.ingressRecord(edge, ['www.example.com'])

    expect([plans.endpoint(webOwner), plans.endpoint(edgeOwner)]).toEqual(['later', 'later'])
  })

  it('is emptied when the Domain of its record is gone', async () => {
    const { wired, names } = await setUp((w) => w.serviceRecord(web))
    wired.removeFrom(wired.host.domains, objectKey(NAMESPACE, 'fed'))
    await turns()

    expect(names(webOwner)).toEqual([])
  })

  it('is left as it is where a process that starts cannot read the record, or its Domain', async () => {
    const { plans } = await setUp((wired) => {
      wired.reject(wired.host.serviceRecords as never, web, 'spec.recordTTL: -1')
      wired.reject(wired.host.ingressRecords as never, edge, 'spec.hosts[0]: too long')
      wired.reject(wired.host.domains as never, objectKey(NAMESPACE, 'broken'), 'domain: "!"')
      wired.serviceRecord(objectKey('shop', 'other'), { domainRef: 'broken' })
    })

    const owners = [webOwner, edgeOwner, ownerKey('ServiceDNSRecord', objectKey('shop', 'other'))]
    expect(owners.map((owner) => plans.endpoint(owner))).toEqual(['later', 'later', 'later'])
  })

  it('goes with its record', async () => {
    const { plans } = await setUp()

    expect([plans.endpoint(webOwner), plans.endpoint(edgeOwner), plans.endpoint(fedOwner)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('owners', () => {
  it('have the definition of their kind; zone data has none, and no status', async () => {
    const { plans } = await setUp((wired) => {
      wired.serviceRecord(web)
      wired.ingressRecord(edge, ['www.example.com'])
    })
    const zone = ownerKey('Zone', objectKey('', 'example.com.'))

    const plurals = [webOwner, edgeOwner, fedOwner].map((owner) => {
      const plan = plans.status(owner, undefined)
      return plan && plans.definitionOf(plan)?.plural
    })
    expect(plurals).toEqual(['servicednsrecords', 'ingressdnsrecords', 'domains'])
    expect([plans.status(zone, undefined), plans.endpoint(zone)]).toEqual([undefined, undefined])
  })
})
