import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../../src/api/conditions.ts'
import type { OwnerKey } from '../../../../src/api/keys.ts'
import type { StaticDataState } from '../../../../src/app/static-data/static-data-book.ts'
import { zoneFileCondition, type ZoneFileFacts } from '../../../../src/app/static-data/zone-file-condition.ts'
import type { Address } from '../../../../src/dns/address.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer } from '../../../../src/dns/records.ts'
import { namesOf } from '../../../support/received-transfers.ts'

const origin = parseDomainName('example.com')
const fine: StaticDataState = {
  ...{ origin, names: 3, problems: [], warnings: [], leftOut: [] },
  at: (name) => namesOf(['ns1.example.com. 180 IN A 192.0.2.53']).get(name) ?? [],
}
const glue = (...addresses: readonly string[]): Answer => ({
  ...{ kind: 'addresses', ttlSeconds: 3600, aaaa: [] },
  a: addresses as readonly Address[], // canonical as they stand here
})
const taken = (name: string, winner: string) => ({
  name: parseDomainName(name),
  winner: winner as OwnerKey, // as ownerKey() makes it
})
const standing: Condition = {
  ...{ type: 'ZoneFile', status: 'True', reason: 'Published', message: 'as it was' },
  lastTransitionTime: '2026-01-01T00:00:00Z',
}

function said(facts: Partial<ZoneFileFacts>): string {
  const all = { rejected: [], state: fine, conflicts: [], get: () => undefined, before: [], ...facts }
  return zoneFileCondition(all)
    .map(({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`)
    .join()
}

describe('condition ZoneFile', () => {
  const rows: readonly {
    readonly name: string
    readonly in: Partial<ZoneFileFacts>
    readonly want: string
  }[] = [
    { name: 'is not there without static data', in: { state: undefined }, want: '' },
    {
      name: 'says so where there was some',
      in: { state: undefined, before: [standing] },
      want: 'ZoneFile True Published: zoneFile is not set; nothing to do',
    },
    {
      name: 'tells how many names there are',
      in: {},
      want: 'ZoneFile True Published: 3 names of zoneFile are published; nothing to do',
    },
    {
      name: 'tells what is left out, and what may surprise',
      in: {
        state: {
          ...fine,
          names: 1,
          leftOut: [
            { type: 6, line: 2 },
            { type: 2, line: 3 },
            { type: 2, line: 4 },
          ],
          warnings: [{ severity: 'warning', line: 9, message: 'MX record of a. names the alias b.' }],
        } as const,
      },
      want: 'ZoneFile True Published: 1 name of zoneFile is published; nothing to do; left out, since the Domain says them: SOA (line 2) and NS (lines 3, 4) of example.com itself; note line 9: MX record of a. names the alias b.',
    },
    {
      name: 'tells lines that cannot be read, of those of the Domain that are of the text',
      in: { state: undefined, rejected: ['aliasAs: "X" is not one of', 'zoneFile line 3: no such type'] },
      want: 'ZoneFile False RecordsInvalid: zoneFile line 3: no such type: correct these lines',
    },
    {
      name: 'says that what was there goes on',
      in: { rejected: ['zoneFile line 3: no such type', 'zoneFile: and 2 more'] },
      want: 'ZoneFile False RecordsInvalid: zoneFile line 3: no such type; zoneFile: and 2 more: correct these lines; what was published before stays',
    },
    {
      name: 'is about what is in force where something else of the Domain is wrong',
      in: { rejected: ['aliasAs: "X" is not one of'] },
      want: 'ZoneFile True Published: 3 names of zoneFile are published; nothing to do',
    },
    {
      name: 'tells records that cannot be served, before names that others have',
      in: {
        state: { ...fine, problems: ['NS records of svc. would hide names'] },
        conflicts: [taken('a.example.com', 'Domain/ns/other')],
      },
      want: 'ZoneFile False RecordsInvalid: not published, all else is: NS records of svc. would hide names; a.example.com belongs to Domain/ns/other; correct these records',
    },
    {
      name: 'tells names that others have, five of them',
      in: {
        conflicts: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((label) =>
          taken(`${label}.example.com`, 'Domain/ns/other'),
        ),
      },
      want: 'ZoneFile False Conflict: not published, all else is: a.example.com belongs to Domain/ns/other; b.example.com belongs to Domain/ns/other; c.example.com belongs to Domain/ns/other; d.example.com belongs to Domain/ns/other; e.example.com belongs to Domain/ns/other; and 2 more; remove these names, here or there',
    },
    {
      name: 'lets a server of the zone have what it has anyway',
      in: {
        conflicts: [taken('ns1.example.com', 'Zone//example.com.')],
        get: () => ({
          owner: 'Zone//example.com.' as OwnerKey,
          answer: glue('192.0.2.1', '192.0.2.53'),
          revision: 1,
        }),
      },
      want: 'ZoneFile True Published: 3 names of zoneFile are published; nothing to do',
    },
    {
      name: 'says where the addresses of a server of the zone belong',
      in: {
        conflicts: [taken('ns1.example.com', 'Zone//example.com.')],
        get: () => ({ owner: 'Zone//example.com.' as OwnerKey, answer: glue('192.0.2.1'), revision: 1 }),
      },
      want: 'ZoneFile False Conflict: not published, all else is: ns1.example.com is a server of the zone: its addresses, and no other records, are those in nameServers; remove these names, here or there',
    },
  ]
  it.each(rows)('$name', (row) => {
    expect(said(row.in)).toBe(row.want)
  })
})
