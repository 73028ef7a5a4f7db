import { describe, expect, it } from 'vitest'
import { objectKey, ownerKey } from '../../../../src/api/keys.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { addressAnswer } from '../../../../src/core/discovery/records.ts'
import type { ClaimChange, Feed, NameClass, Owner } from '../../../../src/core/discovery/types.ts'
import { type DomainName, parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer } from '../../../../src/dns/records.ts'
import { addresses } from './shard-builders.ts'

const WWW = parseDomainName('www.example.com')
const API = parseDomainName('api.example.com')
const FOREVER = Number.POSITIVE_INFINITY

/** Older for a smaller day. */
function owner(name: string, day: number, nameClass: NameClass = 'open'): Owner {
  const key = objectKey('ns', name)
  const creationTimestamp = `2026-01-0${day}T00:00:00Z`
  return { key: ownerKey('Kind', key), rank: rankOf({ nameClass, creationTimestamp, key }) }
}

const OLD = owner('old', 1)
const MIDDLE = owner('middle', 2)
const YOUNG = owner('young', 3)
const STRONG = owner('strong', 9, 'canonical')

function says(...texts: readonly string[]): Answer {
  return addressAnswer(30, { a: addresses(...texts), aaaa: [] })
}

function claim(name: DomainName, answer?: Answer, more: Partial<ClaimChange> = {}): ClaimChange {
  return answer === undefined ? { name, urgent: false, ...more } : { name, answer, urgent: false, ...more }
}

function taken(feed: Feed): readonly string[] {
  return feed.take(FOREVER, 0).map(({ name, answer, urgent }) => {
    const what = answer?.kind === 'addresses' ? answer.a.join(' ') : 'withdrawn'
    return `${urgent ? '! ' : ''}${name} ${what}`
  })
}

describe('the ledger: names', () => {
  it('holds what an owner says of a name', () => {
    const ledger = createLedger()
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])

    expect(ledger.get(WWW)).toEqual({ owner: OLD.key, answer: says('192.0.2.1'), revision: 1 })
    expect(ledger.get(API)).toBeUndefined()
    expect([...ledger.names()]).toEqual([WWW])
    expect([ledger.size, ledger.owned(OLD.key)]).toEqual([1, [WWW]])
  })

  it('the revision moves with what names say, over all names', () => {
    const ledger = createLedger()
    ledger.put(OLD, [claim(WWW, says('192.0.2.1')), claim(API, says('192.0.2.1'))])
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    ledger.put(OLD, [claim(WWW, says('192.0.2.2'))])

    expect([ledger.get(API)?.revision, ledger.get(WWW)?.revision]).toEqual([2, 3])
  })

  it('withdrawing and dropping leave nothing behind', () => {
    const ledger = createLedger()
    ledger.put(OLD, [claim(WWW, says('192.0.2.1')), claim(API, says('192.0.2.1'))])
    ledger.put(OLD, [claim(WWW)])
    ledger.put(OLD, [claim(WWW)])
    ledger.drop(OLD.key)
    ledger.drop(OLD.key)

    expect([ledger.size, ledger.owned(OLD.key), ledger.conflicts(OLD.key)]).toEqual([0, [], []])
  })
})

describe('the ledger: who has a name (DESIGN 5.7)', () => {
  it('within a class the present owner stays, even before an older one', () => {
    const ledger = createLedger()
    ledger.put(YOUNG, [claim(WWW, says('192.0.2.3'))])
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])

    expect(ledger.get(WWW)?.owner).toBe(YOUNG.key)
    expect(ledger.conflicts(OLD.key)).toEqual([{ name: WWW, winner: YOUNG.key }])
    expect(ledger.conflicts(YOUNG.key)).toEqual([])
  })

  it('a stronger class takes the name at once', () => {
    const ledger = createLedger()
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    ledger.put(STRONG, [claim(WWW, says('192.0.2.9'))])

    expect(ledger.get(WWW)?.owner).toBe(STRONG.key)
    expect(ledger.conflicts(OLD.key)).toEqual([{ name: WWW, winner: STRONG.key }])
  })

  it('when the owner goes, the strongest and then the oldest that waits has the name', () => {
    const ledger = createLedger()
    const external = owner('external', 8, 'external')
    ledger.put(STRONG, [claim(WWW, says('192.0.2.9'))])
    for (const each of [YOUNG, OLD, external, MIDDLE]) ledger.put(each, [claim(WWW, says('192.0.2.1'))])

    const order = [STRONG, external, OLD, MIDDLE, YOUNG].map(({ key }) => {
      const winner = ledger.get(WWW)?.owner
      ledger.drop(key)
      return winner
    })
    expect(order).toEqual([STRONG.key, external.key, OLD.key, MIDDLE.key, YOUNG.key])
    expect(ledger.size).toBe(0)
  })

  it('while loading the oldest has the name, whoever came first; settled, the present owner stays', () => {
    const ledger = createLedger({ loading: true })
    ledger.put(MIDDLE, [claim(WWW, says('192.0.2.2'))])
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    ledger.put(YOUNG, [claim(WWW, says('192.0.2.3')), claim(API, says('192.0.2.3'))])
    expect(ledger.get(WWW)?.owner).toBe(OLD.key)

    ledger.settle()
    ledger.put(OLD, [claim(API, says('192.0.2.1'))])
    expect(ledger.get(API)?.owner).toBe(YOUNG.key)
  })

  it("a name's own class counts, not that of its owner's rank, and age is compared without it", () => {
    const ledger = createLedger({ loading: true })
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    ledger.put(STRONG, [claim(WWW, says('192.0.2.9'), { nameClass: 'open' })])
    expect(ledger.get(WWW)?.owner).toBe(OLD.key)

    ledger.put(STRONG, [claim(WWW, says('192.0.2.9'))])
    expect(ledger.get(WWW)?.owner).toBe(STRONG.key)

    ledger.put(STRONG, [claim(WWW, says('192.0.2.9'), { nameClass: 'open' })])
    expect(ledger.get(WWW)?.owner).toBe(OLD.key)
  })

  it('what a waiting claim says changes nothing until it has the name', () => {
    const ledger = createLedger()
    const feed = ledger.open('now')
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    ledger.put(YOUNG, [claim(WWW, says('192.0.2.3'))])
    taken(feed)
    ledger.put(YOUNG, [claim(WWW, says('192.0.2.4'))])
    expect(taken(feed)).toEqual([])

    ledger.put(OLD, [claim(WWW)])
    expect(taken(feed)).toEqual(['! www.example.com. 192.0.2.4'])
  })

  it('an owner that was made anew waits by its new rank', () => {
    const ledger = createLedger()
    ledger.put(STRONG, [claim(WWW, says('192.0.2.9'))])
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    ledger.put(YOUNG, [claim(WWW, says('192.0.2.3'))])
    ledger.put({ ...OLD, rank: owner('old', 4).rank }, [])
    ledger.drop(STRONG.key)

    expect(ledger.get(WWW)?.owner).toBe(YOUNG.key)
  })

  it('an owner whose class became weaker gives way to one that waits in a stronger one', () => {
    const ledger = createLedger()
    ledger.put(STRONG, [claim(WWW, says('192.0.2.9'))])
    ledger.put(owner('external', 1, 'external'), [claim(WWW, says('192.0.2.1'))])
    ledger.put({ ...STRONG, rank: owner('strong', 9, 'open').rank }, [])

    expect(ledger.get(WWW)?.owner).toBe('Kind/ns/external')
    expect(ledger.conflicts(STRONG.key)).toHaveLength(1)
  })
})

describe('the ledger: feeds', () => {
  it('each consumer takes every change at its own pace, the newest answer of each name', () => {
    const ledger = createLedger()
    const [fast, slow] = [ledger.open('now'), ledger.open('now')]
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    expect(taken(fast)).toEqual(['www.example.com. 192.0.2.1'])

    ledger.put(OLD, [claim(WWW, says('192.0.2.2')), claim(API, says('192.0.2.2'))])
    expect(taken(fast)).toEqual(['www.example.com. 192.0.2.2', 'api.example.com. 192.0.2.2'])
    expect(taken(slow)).toEqual(['www.example.com. 192.0.2.2', 'api.example.com. 192.0.2.2'])
  })

  it("from 'everything' begins with all names, from 'now' with none", () => {
    const ledger = createLedger()
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    let wakes = 0
    const wake = (): void => {
      wakes += 1
    }

    expect(taken(ledger.open('everything', wake))).toEqual(['www.example.com. 192.0.2.1'])
    expect(taken(ledger.open('now', wake))).toEqual([])
    expect(wakes).toBe(1)
  })

  it('an equal answer is no change', () => {
    const ledger = createLedger()
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    const feed = ledger.open('now')
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'), { urgent: true })])

    expect(feed.size).toBe(0)
  })

  it('a successor that says the same is no change of the name', () => {
    const ledger = createLedger()
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    ledger.put(YOUNG, [claim(WWW, says('192.0.2.1'))])
    const feed = ledger.open('now')
    ledger.drop(OLD.key)

    expect([taken(feed), ledger.get(WWW)?.owner]).toEqual([[], YOUNG.key])
  })

  it('urgent changes come first', () => {
    const ledger = createLedger()
    const feed = ledger.open('now')
    ledger.put(OLD, [claim(WWW, says('192.0.2.1')), claim(API, says('192.0.2.1'), { urgent: true })])

    expect(taken(feed)).toEqual(['! api.example.com. 192.0.2.1', 'www.example.com. 192.0.2.1'])
  })

  it('wakes once, after the whole change is in', () => {
    const ledger = createLedger()
    const sizes: number[] = []
    const feed = ledger.open('now', () => sizes.push(feed.size))
    ledger.put(OLD, [claim(WWW, says('192.0.2.1')), claim(API, says('192.0.2.1'))])

    expect(sizes).toEqual([2])
  })

  it('a consumer may take, and close, while it is woken', () => {
    const ledger = createLedger()
    const seen: string[] = []
    const feed = ledger.open('now', () => {
      seen.push(...taken(feed))
      feed.close()
    })
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    ledger.put(OLD, [claim(WWW, says('192.0.2.2'))])

    expect(seen).toEqual(['www.example.com. 192.0.2.1'])
  })

  it('what is offered again says what the name says then', () => {
    const ledger = createLedger()
    const feed = ledger.open('now')
    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    feed.again(
      feed.take(9, 0).map(({ name }) => name),
      100,
    )
    ledger.put(OLD, [claim(WWW, says('192.0.2.2'))])

    expect(taken(feed)).toEqual([])
    expect(feed.take(9, 100)).toEqual([{ name: WWW, answer: says('192.0.2.2'), urgent: false }])
  })
})

describe('the ledger: owners', () => {
  it('tells whose names or conflicts changed, and of waiting ones whose winner changed', () => {
    const ledger = createLedger()
    const feed = ledger.openOwners()
    const owners = (): readonly string[] => [...feed.take(FOREVER, 0)].sort()

    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    expect(owners()).toEqual([OLD.key])

    ledger.put(YOUNG, [claim(WWW, says('192.0.2.3'))])
    expect(owners()).toEqual([YOUNG.key])

    ledger.put(STRONG, [claim(WWW, says('192.0.2.9'))])
    expect(owners()).toEqual([OLD.key, STRONG.key, YOUNG.key])

    ledger.drop(STRONG.key)
    expect(owners()).toEqual([OLD.key, STRONG.key, YOUNG.key])

    ledger.put(YOUNG, [claim(WWW)])
    expect(owners()).toEqual([YOUNG.key])

    ledger.put(OLD, [claim(WWW, says('192.0.2.1'))])
    expect(owners()).toEqual([])
  })
})
