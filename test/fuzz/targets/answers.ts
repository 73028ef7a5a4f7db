import { parseDomainName } from '../../../src/dns/names.ts'
import { tryAddress, type Address } from '../../../src/dns/address.ts'
import { sameAnswer, type Answer, type Selection } from '../../../src/dns/records.ts'
import { isLaterSerial } from '../../../src/dns/serial.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1']
  .map(tryAddress)
  .filter((each): each is Address => each !== undefined)

/** Pairs of answers: they are the same exactly when they read the same. */
export function answersTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'answers',
    share: 20,
    deep: () => deep,
    run(random: Random) {
      const left = answerOf(random)
      const right = random.once(3) ? structuredClone(left) : answerOf(random)
      const shown = `${textOf(left)} ${textOf(right)}`
      faultless(shown, () => {
        deep += 1
        const same = textOf(left) === textOf(right)
        if (sameAnswer(left, right) !== same || sameAnswer(right, left) !== same)
          throw new FuzzFault(`the same: ${!same}`, shown)
        const [one, other] = [random.below(2 ** 32), random.below(2 ** 32)]
        if (isLaterSerial(one, other) && isLaterSerial(other, one))
          throw new FuzzFault('both later', `${one} ${other}`)
      })
    },
  }
}

function textOf(answer: Answer | undefined): string {
  return (
    JSON.stringify(answer, (_, value: unknown) =>
      ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value,
    ) ?? ''
  )
}

function answerOf(random: Random): Answer | undefined {
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
