import { familyOf, tryAddress, type Address } from '../../src/dns/address.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import type { Answer, Selection } from '../../src/dns/records.ts'
import { changesOf } from '../support/dns-lines.ts'
import type { Random } from './random.ts'

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1']
  .map(tryAddress)
  .filter((each): each is Address => each !== undefined)

/** Any answer, or none: few addresses and names, so that two are often alike. */
export function answerOf(random: Random): Answer | undefined {
  const ttlSeconds = random.pick([30, 60])
  const some = (): readonly Address[] => ADDRESSES.filter(() => random.once(2))
  switch (random.below(5)) {
    case 0:
      return undefined
    case 1:
      return { kind: 'addresses', ttlSeconds, a: some(), aaaa: some(), ...selectionOf(random) }
    case 2:
      return {
        kind: 'alias',
        ttlSeconds,
        target: parseDomainName(random.pick(['a.test', 'b.test'])),
        ...(random.once(2) ? { instead: { a: some(), aaaa: some() } } : {}),
      }
    default: {
      const rdata = random.many(random.below(3), () =>
        Uint8Array.from(random.many(random.below(3), () => random.below(2))),
      )
      const sets = random.many(random.below(3), () => ({ type: random.pick([1, 16]), ttlSeconds, rdata }))
      return { kind: 'records', sets, ...selectionOf(random) }
    }
  }
}

function selectionOf(random: Random): { readonly select?: Selection } {
  if (random.once(2)) return {}
  const lists = random.many(1 + random.below(2), () =>
    Uint16Array.from(random.many(random.below(3), () => random.below(2))),
  )
  const variants = random.once(2)
    ? {}
    : { variants: { by: random.pick(['turn', 'network', 'place'] as const), lists } }
  return { select: { most: random.pick([0, 8]), rotate: random.once(2), ...variants } }
}

const LINES = [
  'x. 60 A 192.0.2.1',
  'x. 60 A 192.0.2.2',
  'x. 60 TXT "a"',
  'x. 60 TXT "b"',
  'x. 60 MX 10 mail.fed.test.',
  'x. 30 SRV 0 5 53 a.fed.test.',
  'x. 30 NS ns.fed.test.',
] as const

/** An answer that a server may hold: each record once, each of the form of its type. */
export function servableAnswerOf(random: Random): Answer {
  const ttlSeconds = random.pick([30, 60, -1])
  const some = (family: 'a' | 'aaaa'): readonly Address[] =>
    ADDRESSES.filter((address) => familyOf(address) === family && random.once(2))
  if (random.once(3)) return { kind: 'addresses', ttlSeconds, a: some('a'), aaaa: some('aaaa') }
  if (random.once(3))
    return { kind: 'alias', ttlSeconds, target: parseDomainName(random.pick(['a.test', 'b.test'])) }
  const [change] = changesOf(LINES.filter(() => random.once(2)))
  return change?.answer ?? { kind: 'records', sets: [] }
}
