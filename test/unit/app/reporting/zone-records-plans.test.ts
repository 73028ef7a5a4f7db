import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../../src/api/conditions.ts'
import { objectKey, ownerKey, type OwnerKey } from '../../../../src/api/keys.ts'
import type { KindFacts } from '../../../../src/kube/projections/kind.ts'
import type { ZoneRecordsStatus } from '../../../../src/api/zone-records.ts'
import { HOST } from '../../../../src/app/control-plane/host-cluster.ts'
import { zoneRecordsPlans } from '../../../../src/app/reporting/zone-records-plans.ts'
import type { ObjectState } from '../../../../src/app/updates/zone-records-book.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { WiredDiscovery } from '../control-plane/wired-discovery.ts'

const NAMESPACE = 'kube-federation-system'
const key = objectKey(NAMESPACE, 'example.com')
const owner = ownerKey('ZoneRecords', key)
const metadata = { name: 'example.com', namespace: NAMESPACE, generation: 3 }
const zone = parseDomainName('example.com')
const fine: ObjectState = { problems: [], zone, isOutside: false }
const OK: KindFacts<never, ZoneRecordsStatus> = {
  kind: 'ok',
  metadata,
  value: { asked: {}, status: undefined } as never,
} // nothing of it is read

function statusOf(
  state: ObjectState | undefined,
  object: KindFacts<never, ZoneRecordsStatus> | undefined = OK,
  taken: readonly string[] = [],
) {
  const wired = new WiredDiscovery()
  const { ledger } = wired.discovery
  const claim = (name: string) => {
    return { name: parseDomainName(name), answer: { kind: 'records' as const, sets: [] }, urgent: false }
  }
  const rank = (nameClass: 'canonical' | 'open') => rankOf({ nameClass, creationTimestamp: '', key })
  ledger.put({ key: 'ServiceDNSRecord/ns/web' as OwnerKey, rank: rank('canonical') }, taken.map(claim)) // as ownerKey() makes it
  ledger.put({ key: owner, rank: rank('open') }, ['a.example.com', 'b.example.com', ...taken].map(claim))
  if (object !== undefined) {
    wired.host.zoneRecords.apply({
      ...{ kind: 'ZoneRecords', cluster: HOST, state: 'synced', atMs: 0, deletes: [] },
      upserts: [[key, object]],
    })
  }
  const plans = zoneRecordsPlans({
    ...{ namespace: NAMESPACE, host: wired.host, stores: wired.stores, members: wired.members },
    ...{ discovery: wired.discovery, clock: wired.clock, written: new Map() },
    zoneRecords: { state: () => state },
    serial: () => undefined,
  })
  return plans.status(key, undefined)?.now
}

const ready = (status: ReturnType<typeof statusOf>): string => {
  const condition = status?.conditions?.find(({ type }: Condition) => type === 'Ready')
  return `${condition?.status} ${condition?.reason}: ${condition?.message}`
}

describe('status of ZoneRecords', () => {
  it('tells how many names it has', () => {
    expect(statusOf(fine)).toMatchObject({ names: 2, observedGeneration: 3 })
  })

  it.each([
    {
      name: 'all is published',
      state: fine,
      want: 'True Published: every record is published; nothing to do',
    },
    {
      name: 'a zone that no Domain has',
      state: { ...fine, isOutside: true },
      want: 'False NoDomain: no Domain has the zone example.com: create one with this domain, or correct spec.zone',
    },
    {
      name: 'records that are broken',
      state: { ...fine, problems: ['one', 'two', 'three', 'four', 'five', 'six', 'seven'] },
      want: 'False RecordsInvalid: not published, all else is: one; two; three; four; five; and 2 more; correct these records',
    },
    {
      name: 'names that others have',
      state: fine,
      taken: ['web.example.com'],
      want: 'False Conflict: not published, all else is: web.example.com belongs to ServiceDNSRecord/ns/web; remove these names, here or there',
    },
  ])('$name', ({ state, want, taken }) => {
    expect(ready(statusOf(state, OK, taken))).toBe(want)
  })

  it('an object that cannot be read', () => {
    const status = statusOf(undefined, {
      kind: 'rejected',
      metadata,
      problems: ['spec.zone: is missing: add it'],
    })

    expect(ready(status)).toBe(
      'False Invalid: cannot be used as it is: spec.zone: is missing: add it; what was published before stays',
    )
  })

  it.each([
    { name: 'parts tell nothing', object: OK },
    { name: 'nor do objects that are gone', object: undefined },
  ])('$name', ({ object }) => {
    expect(statusOf(undefined, object)).toBeUndefined()
  })
})
