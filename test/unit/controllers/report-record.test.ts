import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../src/api/conditions.ts'
import { objectKey, ownerKey } from '../../../src/api/keys.ts'
import {
  createRecordReporter,
  statusPatch,
  WRITE_INTERVAL_MS,
  type RecordEvent,
  type StatusWithConditions,
} from '../../../src/controllers/report-record.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const owner = ownerKey('ServiceDNSRecord', objectKey('ns', 'a'))
const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: `${reason} it is`,
  lastTransitionTime: '2026-01-01T00:00:00Z',
})

/** A host object whose watch shows a write only when told. */
function setUp() {
  const clock = new ManualClock()
  const host = { version: 1, status: undefined as StatusWithConditions | undefined, refuses: false }
  const wanted = { status: {} as StatusWithConditions, gone: false }
  const writes: Readonly<Record<string, unknown>>[] = []
  const events: RecordEvent[] = []
  const report = createRecordReporter({
    clock,
    plan: (_, standing) =>
      wanted.gone
        ? undefined
        : {
            apiVersion: 'v1',
            kind: 'ServiceDNSRecord',
            metadata: { name: 'a', namespace: 'ns', resourceVersion: String(host.version) },
            before: standing ?? host.status,
            now: wanted.status,
          },
    write: (_, patch) => {
      if (host.refuses) return Promise.reject(new Error('no rights'))
      writes.push(patch)
      return Promise.resolve()
    },
    tell: (_, event) => events.push(event),
  })
  const signal = new AbortController().signal
  const cameBack = (): void => {
    host.version += 1
    host.status = wanted.status
  }
  return { clock, host, wanted, writes, events, cameBack, run: () => report(owner, signal) }
}

describe('createRecordReporter', () => {
  it('writes what differs, and nothing the second time, whether or not the write has come back', async () => {
    const it = setUp()
    it.wanted.status = { healthy: '1/1', answers: [{ name: 'a' }] }

    await it.run()
    it.clock.advance(WRITE_INTERVAL_MS)
    await it.run()
    it.cameBack()
    it.clock.advance(WRITE_INTERVAL_MS)
    expect(await it.run()).toEqual({})

    expect(it.writes).toEqual([{ healthy: '1/1', answers: [{ name: 'a' }] }])
  })

  it('repairs a status that somebody else changed', async () => {
    const it = setUp()
    it.wanted.status = { healthy: '1/1' }
    await it.run()
    it.host.version += 2
    it.host.status = { healthy: '9/9', invented: true }
    it.clock.advance(WRITE_INTERVAL_MS)

    await it.run()

    expect(it.writes[1]).toEqual({ healthy: '1/1', invented: null })
  })

  it('writes at most once a second and object', async () => {
    const it = setUp()
    it.wanted.status = { healthy: '1/1' }
    await it.run()
    it.cameBack()
    it.wanted.status = { healthy: '0/1' }
    it.clock.advance(WRITE_INTERVAL_MS - 1)

    expect(await it.run()).toEqual({ againAtMs: it.clock.nowMs() + 1 })
    it.clock.advance(1)
    await it.run()

    expect(it.writes).toHaveLength(2)
  })

  it('tells of conditions that turn, once each, and not of faults that never were', async () => {
    const it = setUp()
    it.wanted.status = {
      conditions: [condition('Ready', 'True', 'ShardsFit'), condition('Degraded', 'False', 'AllKnown')],
    }
    await it.run()
    it.cameBack()
    it.clock.advance(WRITE_INTERVAL_MS)
    it.wanted.status = {
      conditions: [
        condition('Ready', 'False', 'LastKnownGood'),
        condition('Degraded', 'True', 'LastKnownGood'),
      ],
    }
    await it.run()

    expect(it.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Normal ShardsFit',
      'Warning LastKnownGood',
      'Warning LastKnownGood',
    ])
  })

  it('warns of a good condition that is in trouble, and of a choice only when it was another one before', async () => {
    const it = setUp()
    const says = async (status: Condition['status'], reason: string): Promise<void> => {
      it.wanted.status = { conditions: [condition('Signed', status, reason)] }
      await it.run()
      it.cameBack()
      it.clock.advance(WRITE_INTERVAL_MS)
    }

    await says('False', 'NoKeys')
    await says('True', 'Signing')
    await says('True', 'KeysMissing')
    await says('True', 'Signing')
    await says('False', 'NoKeys')

    expect(it.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Normal Signing',
      'Warning KeysMissing',
      'Normal Signing',
      'Warning NoKeys',
    ])
  })

  it('tells of a good condition that begins as a fault', async () => {
    const it = setUp()
    it.wanted.status = { conditions: [condition('TransferAllowed', 'False', 'ZoneSigned')] }

    await it.run()

    expect(it.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Warning ZoneSigned'])
  })

  it('tries again after a write that failed, and tells of it only then', async () => {
    const it = setUp()
    it.wanted.status = { conditions: [condition('Ready', 'True', 'ShardsFit')] }
    it.host.refuses = true
    await expect(it.run()).rejects.toThrow('no rights')
    expect(it.events).toEqual([])

    it.host.refuses = false
    await it.run()

    expect([it.writes.length, it.events.length]).toEqual([1, 1])
  })

  it('compares with its own last write while that has not come back', async () => {
    const it = setUp()
    it.wanted.status = { healthy: '1/1', endpoints: 4 }
    await it.run()
    it.clock.advance(WRITE_INTERVAL_MS)
    it.wanted.status = { healthy: '0/1', endpoints: 4 }

    await it.run()

    expect(it.writes[1]).toEqual({ healthy: '0/1' })
  })

  it('forgets what it wrote of a record that is gone: one of its name is written at once', async () => {
    const it = setUp()
    it.wanted.status = { healthy: '1/1' }
    await it.run()
    it.clock.advance(WRITE_INTERVAL_MS)
    it.wanted.gone = true
    await it.run()
    it.wanted.gone = false
    await it.run()

    expect(it.writes).toHaveLength(2)
  })

  it('does nothing for a record that is gone', async () => {
    const it = setUp()
    it.wanted.gone = true

    expect(await it.run()).toEqual({})
    expect(it.writes).toEqual([])
  })
})

describe('statusPatch', () => {
  const cases = [
    {
      name: 'is undefined for equal statuses, in any order of keys',
      in: [{ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }],
      want: undefined,
    },
    {
      name: 'holds changed fields whole',
      in: [
        { a: [1], b: 1 },
        { a: [2], b: 1 },
      ],
      want: { a: [2] },
    },
    { name: 'removes fields that are no longer said', in: [{ a: 1 }, {}], want: { a: null } },
    {
      name: 'removes a field that is said to be undefined, once',
      in: [{ a: 1, b: undefined }, { a: undefined }],
      want: { a: null },
    },
    {
      name: 'removes what a field said, and says no more',
      in: [{ a: { x: 1, y: { z: 1 } } }, { a: { x: 2 } }],
      want: { a: { x: 2, y: null } },
    },
    { name: 'holds everything when nothing was said before', in: [undefined, { a: 1 }], want: { a: 1 } },
  ] as const
  for (const row of cases) it(row.name, () => expect(statusPatch(row.in[0], row.in[1])).toEqual(row.want))
})
