import { beforeEach, describe, expect, it } from 'vitest'
import { objectKey, type OwnerKey } from '../../../../src/api/keys.ts'
import type { ZoneRecordsSpec } from '../../../../src/api/zone-records.ts'
import { ZoneRecordsBook } from '../../../../src/app/updates/zone-records-book.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import { linesOf } from '../../../support/received-transfers.ts'
import { FakeRecordObjects } from '../../../support/stored-records.ts'

const NAMESPACE = 'kube-federation-system'
const origin = parseDomainName('example.com')
const www = { name: 'www.example.com.', type: 'A', ttl: 300, rdata: ['192.0.2.1'] }
const spec = (...records: readonly NonNullable<ZoneRecordsSpec['records']>[number][]): ZoneRecordsSpec => ({
  zone: 'example.com',
  records,
})

let ledger = createLedger()
let objects = new FakeRecordObjects()
let scopes: readonly DomainName[] | undefined = []
let told: OwnerKey[] = []
let book: ZoneRecordsBook

beforeEach(() => {
  ledger = createLedger()
  objects = new FakeRecordObjects()
  scopes = []
  told = []
  book = new ZoneRecordsBook({
    namespace: NAMESPACE,
    get(key) {
      const found = objects.objects.get(key.slice(NAMESPACE.length + 1))
      return found === undefined
        ? undefined
        : { kind: 'ok', metadata: found.metadata, value: { asked: found.asked as never, status: undefined } }
    },
    ledger,
    scopes: (zone) => (zone === origin ? scopes : undefined),
    told: (owner) => told.push(owner),
  })
})

/** Somebody writes an object, and the watch tells of it. */
function put(name: string, written: ZoneRecordsSpec): void {
  objects.put(name, written)
  book.look(objectKey(NAMESPACE, name))
}

function remove(name: string): void {
  objects.objects.delete(name)
  book.look(objectKey(NAMESPACE, name))
}

const published = (): readonly string[] =>
  [...ledger.names()].toSorted().flatMap((name) => {
    const entry = ledger.get(name)
    const sets = entry?.answer.kind === 'records' ? entry.answer.sets : []
    return linesOf([[name, sets]]).map((line) => `${line} (${entry?.owner.split('/')[2]})`)
  })

describe('what is published', () => {
  it("of the zone's own object, and of those written by hand", () => {
    put('example.com', spec(www))
    put('by-hand', spec({ ...www, name: 'mail.example.com.' }))

    expect(published()).toEqual([
      'mail.example.com. 300 A 192.0.2.1 (by-hand)',
      'www.example.com. 300 A 192.0.2.1 (example.com)',
    ])
  })

  it('changes with the object, and goes with it', () => {
    put('by-hand', spec(www, { ...www, name: 'old.example.com.' }))
    put('by-hand', spec({ ...www, ttl: 60 }))
    const changed = published()
    remove('by-hand')

    expect(changed).toEqual(['www.example.com. 60 A 192.0.2.1 (by-hand)'])
    expect(published()).toEqual([])
    expect(book.state(objectKey(NAMESPACE, 'by-hand'))).toBeUndefined()
  })

  it('moves with the zone that an object names', () => {
    put('by-hand', spec(www))
    put('by-hand', { zone: 'example.org', records: [{ ...www, name: 'www.example.org.' }] })

    expect(published()).toEqual(['www.example.org. 300 A 192.0.2.1 (by-hand)'])
    expect(book.state(objectKey(NAMESPACE, 'by-hand'))).toMatchObject({ isOutside: true })
  })

  it('the older of two objects has a name, the other waits behind it', () => {
    put('a', spec(www))
    put('b', spec({ ...www, rdata: ['192.0.2.2'] }))
    const before = published()
    remove('a')

    expect(before).toEqual(['www.example.com. 300 A 192.0.2.1 (a)'])
    expect(published()).toEqual(['www.example.com. 300 A 192.0.2.2 (b)'])
  })

  it("a federation's canonical name goes before them, whoever came first", () => {
    put('example.com', spec(www))
    const key = objectKey('ns', 'nginx')
    ledger.put(
      {
        key: 'ServiceDNSRecord/ns/nginx' as OwnerKey,
        rank: rankOf({ nameClass: 'canonical', creationTimestamp: '2026-02-01T00:00:00Z', key }),
      }, // as ownerKey() makes it
      [{ name: parseDomainName('www.example.com'), answer: { kind: 'records', sets: [] }, urgent: false }],
    )

    expect(ledger.get(parseDomainName('www.example.com'))?.owner).toBe('ServiceDNSRecord/ns/nginx')
    expect(ledger.conflicts(book.ownerOf(origin))).toEqual([
      { name: 'www.example.com.', winner: 'ServiceDNSRecord/ns/nginx' },
    ])
  })

  it('parts count while the head lists them, and tell nothing by themselves', () => {
    put('example.com.part-0', { ...spec(www), part: 0, revision: 1 })
    const alone = published()
    put('example.com', {
      zone: 'example.com',
      parts: Array.from({ length: 16 }, (_, part) => ({ part, revision: 1 })),
    })
    const withHead = [...ledger.names()]
    remove('example.com')

    expect(alone).toEqual([])
    expect(withHead.length).toBeLessThanOrEqual(1) // by hash, www may be of another part
    expect(published()).toEqual([])
    expect(book.state(objectKey(NAMESPACE, 'example.com.part-0'))).toBeUndefined()
  })

  it('objects of other namespaces are not looked at', () => {
    const { metadata, asked } = objects.put('example.com', spec(www))

    book.accept({ ...metadata, namespace: 'default' }, asked)

    expect(published()).toEqual([])
  })
})

describe('what is older than what is held', () => {
  it('is passed over: our own write has been seen before the watch tells of the one before it', () => {
    const old = objects.put('example.com', spec(www))
    const own = objects.put('example.com', spec({ ...www, ttl: 60 }))

    book.accept(own.metadata, own.asked)
    book.accept(old.metadata, old.asked)

    expect(published()).toEqual(['www.example.com. 60 A 192.0.2.1 (example.com)'])
  })

  it('unless it is another object of that name', () => {
    const own = objects.put('example.com', spec(www))
    book.accept(own.metadata, own.asked)

    book.accept(
      { ...own.metadata, uid: 'another', resourceVersion: '1' },
      {
        spec: spec({ ...www, ttl: 60 }),
      },
    )

    expect(published()).toEqual(['www.example.com. 60 A 192.0.2.1 (example.com)'])
  })
})

describe('what cannot be published', () => {
  const state = () => book.state(objectKey(NAMESPACE, 'by-hand'))

  it.each([
    {
      name: 'a record that cannot be read',
      in: { ...www, rdata: ['none'] },
      want: /^www.example.com. A: field is not what it should be/,
    },
    {
      name: 'the SOA of the zone',
      in: {
        name: 'example.com.',
        type: 'SOA',
        ttl: 60,
        rdata: ['ns1.example.com. h.example.com. 1 1 1 1 1'],
      },
      want: /^SOA records of example.com. are set where the zone is declared$/,
    },
    {
      name: 'a CNAME at its origin',
      in: { name: 'example.com.', type: 'CNAME', ttl: 60, rdata: ['www.example.com.'] },
      want: /^CNAME records of example.com. cannot stand beside others$/,
    },
    {
      name: 'two aliases',
      in: { ...www, type: 'CNAME', rdata: ['a.example.com.', 'b.example.com.'] },
      want: /^CNAME records of www.example.com. cannot be more than one$/,
    },
    {
      name: 'a wildcard that delegates',
      in: { ...www, name: '*.example.com.', type: 'NS', rdata: ['a.example.com.'] },
      want: /^a wildcard cannot own NS records$/,
    },
    {
      name: 'a signature',
      in: { ...www, type: 'DNSKEY', rdata: ['257 3 13 aGVsbG8='] },
      want: /^DNSKEY records are made by this server$/,
    },
    {
      name: 'more than fits',
      in: {
        ...www,
        type: 'TXT',
        rdata: Array.from({ length: 300 }, (_, i) => `"${String(i).padStart(250, 'x')}"`),
      },
      want: /^TXT records of www.example.com. do not fit into one message$/,
    },
  ])('$name is told of, the rest is published', ({ in: record, want }) => {
    put('by-hand', spec(record, { ...www, name: 'good.example.com.' }))

    expect(published()).toEqual(['good.example.com. 300 A 192.0.2.1 (by-hand)'])
    expect(state()?.problems).toEqual([expect.stringMatching(want)])
  })

  it('and is once it is mended', () => {
    put('by-hand', spec({ ...www, rdata: ['none'] }))
    put('by-hand', spec(www))

    expect(published()).toHaveLength(1)
    expect(state()?.problems).toEqual([])
  })

  it('a delegation that hides names of a federation, as soon as there is one', () => {
    const cut = { name: 'svc.example.com.', type: 'NS', ttl: 60, rdata: ['ns.example.org.'] }
    put('by-hand', spec(cut))
    const before = published()
    scopes = [parseDomainName('myfederation.svc.example.com')]
    book.review()
    const hidden = published()
    const problems = state()?.problems
    scopes = []
    book.review()

    expect(before).toHaveLength(1)
    expect(hidden).toEqual([])
    expect(problems).toEqual([
      'NS records of svc.example.com. would hide names of the federation under myfederation.svc.example.com.',
    ])
    expect(published()).toEqual(before)
  })

  it('a zone that no Domain has is told of', () => {
    scopes = undefined
    put('by-hand', spec(www))

    expect(state()).toMatchObject({ isOutside: true, zone: 'example.com.' })
  })
})

it('tells of each object that has changed', () => {
  put('by-hand', spec(www))
  remove('by-hand')

  expect(told).toEqual([`ZoneRecords/${NAMESPACE}/by-hand`, `ZoneRecords/${NAMESPACE}/by-hand`])
})
