import { expect, it } from 'vitest'
import { objectKey, ownerKey } from '../../../../src/api/keys.ts'
import { createReportMarks } from '../../../../src/app/reporting/report-marks.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer } from '../../../../src/dns/records.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const WEB = ownerKey('ServiceDNSRecord', objectKey('shop', 'web'))
const OLD = ownerKey('IngressDNSRecord', objectKey('shop', 'old'))
const NAME = parseDomainName('web.example.com')
const ANSWER: Answer = { kind: 'addresses', ttlSeconds: 30, a: [], aaaa: [] }

function setUp() {
  const clock = new ManualClock()
  const ledger = createLedger()
  const looked: string[] = []
  const marks = createReportMarks({
    ...{ ledger, clock },
    owner: (owner) => looked.push(owner),
    domains: () => looked.push('Domains'),
  })
  return { clock, ledger, looked, marks }
}

/** Microtasks that are queued now have run. */
function turn(): Promise<void> {
  return Promise.resolve()
}

it('an owner that was decided and whose names moved is looked at once', async () => {
  const { ledger, looked, marks } = setUp()

  ledger.put({ key: WEB, rank: '1 a' }, [{ name: NAME, answer: ANSWER, urgent: false }])
  marks.mark(WEB)
  marks.mark(WEB)
  await turn()

  expect(looked).toEqual([WEB, 'Domains'])
})

it('an owner that the ledger alone moves is looked at, too: another one took its name', async () => {
  const { ledger, looked, marks } = setUp()
  ledger.put({ key: OLD, rank: '3 a' }, [{ name: NAME, answer: ANSWER, urgent: false }])
  await turn()
  looked.length = 0

  ledger.put({ key: WEB, rank: '1 a' }, [{ name: NAME, answer: ANSWER, urgent: false }])
  marks.mark(WEB)
  await turn()

  expect([...looked].sort()).toEqual([OLD, WEB].sort())
})

it('Domains are looked at at once, then once a second while anything changes', async () => {
  const { clock, looked, marks } = setUp()
  const seen = async (byMs: number): Promise<number> => {
    looked.length = 0
    clock.advance(byMs)
    await turn()
    return looked.filter((what) => what === 'Domains').length
  }

  marks.mark(WEB)
  await turn()
  marks.mark(OLD)
  await turn()
  expect(looked).toEqual([WEB, 'Domains', OLD])
  expect(await seen(999)).toBe(0)
  expect(await seen(1)).toBe(1)
  expect(await seen(1_000)).toBe(0)
  expect(clock.pending).toBe(0)

  marks.mark(WEB)
  expect(looked).toEqual([])
  await turn()
  expect(looked).toEqual([WEB, 'Domains'])
})

it('Domains are looked at behind what the same change has scheduled: the serials that it moves', async () => {
  const { ledger, looked, marks } = setUp()
  ledger.open('now', () => queueMicrotask(() => looked.push('published')))

  ledger.put({ key: WEB, rank: '1 a' }, [{ name: NAME, answer: ANSWER, urgent: false }])
  marks.mark(WEB)
  await turn()

  expect(looked).toEqual(['published', WEB, 'Domains'])
})

it('Domains that are marked by themselves are looked at without an owner, once a second', async () => {
  const { clock, ledger, looked, marks } = setUp()
  ledger.open('now', () => queueMicrotask(() => looked.push('published')))

  ledger.put({ key: WEB, rank: '1 a' }, [{ name: NAME, answer: ANSWER, urgent: false }])
  marks.markDomains()
  await turn()
  marks.markDomains()
  await turn()
  expect(looked).toEqual(['published', WEB, 'Domains'])
  clock.advance(1_000)
  await turn()
  clock.advance(1_000)
  await turn()

  expect(looked).toEqual(['published', WEB, 'Domains', 'Domains'])
  marks.markDomains()
  await turn()
  expect(looked).toHaveLength(5)
})

it('looks at nothing any more when it is closed', async () => {
  const { clock, ledger, looked, marks } = setUp()
  marks.mark(WEB)
  marks.mark(WEB)
  marks.close()
  looked.length = 0

  ledger.put({ key: WEB, rank: '1 a' }, [{ name: NAME, answer: ANSWER, urgent: false }])
  clock.advance(5_000)
  await turn()

  expect(looked).toEqual([])
  expect(clock.pending).toBe(0)
})
