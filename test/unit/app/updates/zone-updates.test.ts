import { beforeEach, describe, expect, it } from 'vitest'
import { objectKey, type OwnerKey } from '../../../../src/api/keys.ts'
import { ZoneRecordsBook } from '../../../../src/app/updates/zone-records-book.ts'
import { ZoneUpdates } from '../../../../src/app/updates/zone-updates.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import { silentLogger, type Logger } from '../../../../src/telemetry/logger.ts'
import {
  createEmbeddedWriter,
  type EmbeddedWriter,
} from '../../../../src/writers/embedded/embedded-writer.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { linesOf } from '../../../support/received-transfers.ts'
import { FakeRecordObjects } from '../../../support/stored-records.ts'
import { updateOctets, type UpdateShape } from '../../../support/update-message.ts'
import { RecordingZones } from '../../writers/embedded/recording-zones.ts'

const NAMESPACE = 'kube-federation-system'
const origin = parseDomainName('example')
const fed = parseDomainName('nginx.ns.fed.svc.example')
const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]

function scene() {
  const clock = new ManualClock()
  const ledger = createLedger()
  const objects = new FakeRecordObjects()
  const embedded: EmbeddedWriter = createEmbeddedWriter({
    ledger,
    zones: new RecordingZones(),
    clock,
    logger: silentLogger,
  })
  embedded.declare({
    origin,
    nameServers: [parseDomainName('ns1.example')],
    negativeTtlSeconds: 15,
    maxAnswers: 8,
  })
  embedded.declare({
    origin: parseDomainName('fed'),
    nameServers: [parseDomainName('ns1.example')],
    negativeTtlSeconds: 5,
    maxAnswers: 8,
  })
  ledger.put(
    {
      key: 'ServiceDNSRecord/ns/nginx' as OwnerKey,
      rank: rankOf({ nameClass: 'canonical', creationTimestamp: '', key: objectKey('ns', 'nginx') }),
    }, // as ownerKey() makes it
    [
      {
        name: fed,
        answer: { kind: 'alias', ttlSeconds: 30, target: parseDomainName('a.example') },
        urgent: false,
      },
    ],
  )
  embedded.flush()
  const scopes = (zone: DomainName) => (zone === origin ? [parseDomainName('fed.svc.example')] : undefined)
  const book = new ZoneRecordsBook({
    namespace: NAMESPACE,
    get: () => undefined,
    ledger,
    scopes,
    told: () => {},
  })
  objects.told = ({ metadata, asked }) => book.accept(metadata, asked)
  const logs: string[] = []
  const note = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    const { problem } = fields as { readonly problem?: string } // the only field that is looked at
    logs.push(problem === undefined ? message : `${message}: ${problem}`)
  }
  const logger: Logger = { ...silentLogger, info: note, warn: note, error: note }
  let isReady = true
  const updates = new ZoneUpdates({
    book,
    objects,
    ledger,
    embedded,
    scopes,
    isReady: () => isReady,
    clock,
    logger,
  })
  const send = async (shape: UpdateShape, id = 1): Promise<string> => {
    const request = {
      ...{ kind: 'update' as const, message: updateOctets(shape, id), transport: 'udp' as const },
      ...{ address: Uint8Array.of(192, 0, 2, 9), reservedBytes: 0 },
    }
    const replies: Uint8Array[] = []
    for await (const reply of updates.handle(request)) replies.push(reply)
    const decoded = decodeMessage(replies[0] ?? new Uint8Array(0))
    expect(replies).toHaveLength(1)
    expect(decoded.message).toMatchObject({ header: { id, response: true, opcode: 5 } })
    return RCODES[decoded.message?.header.rcode ?? -1] ?? 'nothing'
  }
  return {
    ...{ clock, ledger, objects, embedded, book, updates, logs, send },
    add: (line: string) => send({ updates: [line] }),
    said: (name: string) => linesOf([[parseDomainName(name), book.zone(origin).at(parseDomainName(name))]]),
    /** Somebody deletes an object, and the watch tells of it. */
    remove: (name: string) => {
      objects.objects.delete(name)
      queueMicrotask(() => book.look(objectKey(NAMESPACE, name)))
    },
    start: (ready: boolean) => {
      isReady = ready
    },
  }
}

let here: ReturnType<typeof scene>
beforeEach(() => {
  here = scene()
})

const A = 'www.example. 60 IN A 192.0.2.1'
const A_LINE = ['www.example. 60 A 192.0.2.1']

describe('an update', () => {
  it('is stored, published under the next serial, and then answered', async () => {
    const before = here.embedded.serial(origin) ?? 0

    expect(await here.add(A)).toBe('NOERROR')
    expect(here.objects.writes).toEqual(['example'])
    expect(here.ledger.get(parseDomainName('www.example'))?.owner).toBe(`ZoneRecords/${NAMESPACE}/example`)
    expect(here.embedded.serial(origin)).toBe(before + 1)
  })

  it('that changes nothing is answered and not stored', async () => {
    await here.add(A)
    const serial = here.embedded.serial(origin)

    expect(await here.send({ updates: [A, 'nothing.example. 0 ANY ANY'] }, 2)).toBe('NOERROR')
    expect(here.objects.writes).toHaveLength(1)
    expect(here.embedded.serial(origin)).toBe(serial)
  })

  it('of many names is one write', async () => {
    const updates = Array.from({ length: 50 }, (_, i) => `host-${i}.example. 60 IN A 192.0.2.${i}`)

    expect(await here.send({ updates })).toBe('NOERROR')
    expect(here.objects.writes).toEqual(['example'])
  })

  it('of the origin leaves SOA and NS to the zone', async () => {
    expect(await here.add('example. 60 IN TXT "hello"')).toBe('NOERROR')
    expect(here.said('example')).toEqual(['example. 60 TXT "hello"'])
    expect(here.embedded.apex(origin).map(({ type }) => type)).toEqual([6, 2, 16])
    expect(await here.send({ updates: ['example. 0 ANY ANY'] }, 2)).toBe('NOERROR')
    expect(here.embedded.apex(origin).map(({ type }) => type)).toEqual([6, 2])
  })

  it.each([
    { name: 'a name of the federation', in: `${fed} 60 IN TXT "x"`, want: 'REFUSED' },
    { name: 'its removal', in: `${fed} 0 ANY ANY`, want: 'REFUSED' },
    { name: 'a delegation above its names', in: 'svc.example. 60 IN NS ns.other.', want: 'REFUSED' },
    { name: 'a DNAME among them', in: 'x.fed.svc.example. 60 IN DNAME other.', want: 'REFUSED' },
    { name: 'the SOA', in: 'example. 60 IN SOA ns1.example. h.example. 99 1 1 1 1', want: 'REFUSED' },
    { name: 'a delegation elsewhere', in: 'sub.example. 60 IN NS ns.other.', want: 'NOERROR' },
    { name: 'a name that has one below it', in: 'fed.svc.example. 60 IN TXT "x"', want: 'NOERROR' },
    { name: 'a name outside', in: 'www.other. 60 IN A 192.0.2.1', want: 'NOTZONE' },
  ])('of $name: $want', async ({ in: line, want }) => {
    expect(await here.add(line)).toBe(want)
  })

  it.each([
    { name: 'names of the federation are there', in: `${fed} 0 ANY CNAME`, want: 'NOERROR' },
    { name: 'and what was received', in: 'www.example. 0 IN A 192.0.2.1', want: 'NOERROR' },
    { name: 'the SOA is', in: 'example. 0 ANY SOA', want: 'NOERROR' },
    { name: 'names in between are not', in: 'svc.example. 0 ANY ANY', want: 'NXDOMAIN' },
  ])('may be asked on condition: $name', async ({ in: line, want }) => {
    await here.add(A)

    expect(await here.send({ prerequisites: [line], updates: ['new.example. 60 IN A 192.0.2.9'] }, 2)).toBe(
      want,
    )
  })

  it.each([
    { name: 'a zone of another server', in: { zone: ['other. IN SOA'] }, want: 'NOTAUTH' },
    { name: 'the zone of short names', in: { zone: ['fed. IN SOA'] }, want: 'REFUSED' },
    { name: 'no zone', in: { zone: [] }, want: 'FORMERR' },
  ])('for $name: $want', async ({ in: shape, want }) => {
    expect(await here.send(shape)).toBe(want)
  })

  it('before all is known is SERVFAIL', async () => {
    here.start(false)

    expect(await here.add(A)).toBe('SERVFAIL')
    expect(here.objects.writes).toEqual([])
  })

  it('that is no message is FORMERR', async () => {
    const replies: Uint8Array[] = []
    const message = updateOctets({ updates: [A] }).slice(0, -1)
    const request = {
      kind: 'update' as const,
      message,
      transport: 'udp' as const,
      address: Uint8Array.of(192, 0, 2, 9),
      reservedBytes: 0,
    }
    for await (const reply of here.updates.handle(request)) replies.push(reply)

    expect(decodeMessage(replies[0] ?? new Uint8Array(0)).message?.header.rcode).toBe(1)
  })
})

describe('when storing fails', () => {
  it.each([
    'KUBE_UNREACHABLE',
    'KUBE_TIMEOUT',
    'KUBE_FORBIDDEN',
    'KUBE_INVALID',
    'KUBE_SERVER_ERROR',
  ] as const)('%s: SERVFAIL, and nothing is published', async (code) => {
    here.objects.failures.push(code)

    expect(await here.add(A)).toBe('SERVFAIL')
    expect(here.ledger.get(parseDomainName('www.example'))).toBeUndefined()
    expect(here.logs).toEqual(['update cannot be stored'])
  })

  it('the answer alone was lost: SERVFAIL; what the watch tells is published', async () => {
    here.objects.failures.push('lost')
    const answer = await here.add(A)

    expect(answer).toBe('SERVFAIL')
    expect(here.said('www.example')).toEqual(A_LINE)
  })

  it('the next one is not held up', async () => {
    here.objects.failures.push('KUBE_UNREACHABLE')

    expect(
      await Promise.all([here.add(A), here.send({ updates: ['b.example. 60 IN A 192.0.2.2'] }, 2)]),
    ).toEqual(['SERVFAIL', 'NOERROR'])
  })

  it('more than an object holds: SERVFAIL, removals still go', async () => {
    const big = (from: number) =>
      Array.from(
        { length: 60 },
        (_, i) =>
          `t${from + i}.example. 60 IN TXT ${Array.from({ length: 4 }, () => `"${'x'.repeat(250)}"`).join(' ')}`,
      )
    let answer = 'NOERROR'
    here.objects.before = (name) => {
      if (name.includes('.part-')) here.objects.failures.push('KUBE_FORBIDDEN')
    }
    for (let from = 0; answer === 'NOERROR' && from < 2_000; from += 60)
      answer = await here.send({ updates: big(from) }, from)

    expect(answer).toBe('SERVFAIL')
    expect(await here.send({ updates: ['t0.example. 0 ANY ANY'] }, 9_999)).toBe('NOERROR')
  })
})

describe('others who write', () => {
  const byHand = { name: 'other.example.', type: 'A', ttl: 60, rdata: ['192.0.2.7'] }

  it('what they wrote stays, and conditions are looked at again', async () => {
    await here.add(A)
    here.objects.before = () => {
      here.objects.before = undefined
      here.objects.put('example', { zone: 'example', records: [byHand] })
    }

    const answer = await here.send(
      { prerequisites: ['www.example. 0 ANY A'], updates: ['b.example. 60 IN A 192.0.2.2'] },
      2,
    )

    expect(answer).toBe('NXRRSET')
    expect(here.said('other.example')).toHaveLength(1)
    expect(here.said('www.example')).toEqual([])
  })

  it('the update goes on top of theirs where it still may be made', async () => {
    await here.add(A)
    here.objects.before = () => {
      here.objects.before = undefined
      here.objects.put('example', { zone: 'example', records: [byHand] })
    }

    expect(await here.send({ updates: ['b.example. 60 IN A 192.0.2.2'] }, 2)).toBe('NOERROR')
    expect(['www', 'other', 'b'].map((label) => here.said(`${label}.example`).length)).toEqual([0, 1, 1])
  })

  it('somebody made the object first', async () => {
    here.objects.put('example', { zone: 'example', records: [byHand] })

    expect(await here.add(A)).toBe('NOERROR')
    expect(['www', 'other'].map((label) => here.said(`${label}.example`).length)).toEqual([1, 1])
  })

  it('who is faster each time wins: SERVFAIL', async () => {
    let count = 0
    here.objects.before = () => {
      count += 1
      here.objects.put('example', { zone: 'example', records: [{ ...byHand, ttl: count }] })
    }

    expect(await here.add(A)).toBe('SERVFAIL')
    expect(count).toBe(5)
  })

  it('somebody deleted the object: it is made again', async () => {
    await here.add(A)
    here.objects.before = () => {
      here.objects.before = undefined
      here.remove('example')
    }

    expect(await here.send({ updates: ['b.example. 60 IN A 192.0.2.2'] }, 2)).toBe('NOERROR')
    expect(['www', 'b'].map((label) => here.said(`${label}.example`).length)).toEqual([0, 1])
  })

  it('what they stored is waited for, not for ever', async () => {
    await here.add(A)
    here.objects.told = undefined
    here.objects.before = () => {
      here.objects.put('example', { zone: 'example', records: [byHand] })
    }
    const answer = here.send({ updates: ['b.example. 60 IN A 192.0.2.2'] }, 2)
    for (let i = 0; i < 20; i += 1) await Promise.resolve()
    here.clock.advance(2_000)

    expect(await answer).toBe('SERVFAIL')
  })
})

describe('several at the same time', () => {
  it('in one zone come one after another, each on what the one before left', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        here.send(
          { prerequisites: ['lock.example. 0 NONE ANY'], updates: [`lock.example. 60 IN TXT "${i}"`] },
          i + 1,
        ),
      ),
    )

    expect(answers.toSorted()).toEqual(['NOERROR', ...Array.from({ length: 9 }, () => 'YXDOMAIN')])
    expect(here.objects.writes).toHaveLength(1)
  })

  it('the same message, sent again while it is under way, gets the same answer', async () => {
    const shape = { prerequisites: ['www.example. 0 NONE ANY'], updates: [A] }

    expect(await Promise.all([here.send(shape), here.send(shape)])).toEqual(['NOERROR', 'NOERROR'])
    expect(await here.send(shape)).toBe('YXDOMAIN')
  })
})

it('a zone that has become large is folded in its turn, and nothing of it is lost', async () => {
  const updates = (from: number) =>
    Array.from({ length: 100 }, (_, i) => `host-${from + i}.example. 60 IN TXT "${'x'.repeat(200)}"`)
  for (let from = 0; from < 700; from += 100)
    expect(await here.send({ updates: updates(from) }, from)).toBe('NOERROR')
  await here.add(A)

  expect(here.objects.writes.filter((name) => name.includes('.part-')).length).toBeGreaterThan(10)
  expect(JSON.stringify(here.objects.objects.get('example')?.asked).length).toBeLessThan(128 * 1024)
  expect(here.objects.objects.get('example.part-1')?.metadata.ownerReferences?.[0]).toMatchObject({
    name: 'example',
    uid: here.objects.objects.get('example')?.metadata.uid,
  })
  for (let i = 0; i < 700; i += 1) expect(here.said(`host-${i}.example`)).toHaveLength(1)
  expect(here.ledger.size).toBe(702)
})

it('what is stored is what a restart publishes', async () => {
  await here.send({
    updates: [A, 'example. 60 IN MX 10 mail.example.', 'b.example. 60 IN CNAME www.example.'],
  })
  const again = scene()
  for (const { metadata, asked } of here.objects.objects.values()) again.book.accept(metadata, asked)

  for (const name of ['www.example', 'example', 'b.example'])
    expect(again.said(name)).toEqual(here.said(name))
  expect(again.said('b.example')).toEqual(['b.example. 60 CNAME www.example.'])
})
