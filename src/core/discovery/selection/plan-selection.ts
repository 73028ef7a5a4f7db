import type { Selection } from '../../../dns/records.ts'
import type { Targets } from '../types.ts'
import { affinityLists } from './affinity.ts'
import { nearestLists } from './proximity.ts'
import type { AnswerShard, Family, FamilyLists, SelectionPolicy } from './types.ts'
import { weightedLists } from './weighted.ts'

/** All addresses in turn, at most so many of a family in one answer; 0 = all. */
export function inTurn(maxAnswers: number): Selection {
  return { most: maxAnswers, rotate: true }
}

/** All addresses, always in the order given. */
export const IN_ORDER: Selection = { most: 0, rotate: false }

/**
 * Compile a policy into what the answers of a name hold: what it costs to choose is paid here, once. No list lacks a family that
 * another one has, so that a name never has it for some clients and not for others (RFC 7871, 7.4).
 * @param answer - the name's addresses, to which the indices of the lists refer
 * @param shards - whose they are, in any order; one may be of several, and what is not in the answer is left out
 */
export function planSelection(
  policy: SelectionPolicy,
  answer: Pick<Targets, Family>,
  shards: readonly AnswerShard[],
): Selection {
  const known = knownOf(shards, answer)
  const listsOf = (lists: (family: Family) => FamilyLists): readonly Uint16Array[] =>
    indexed(answer, lists('a'), lists('aaaa'))
  switch (policy.kind) {
    case 'all':
      return inTurn(policy.maxAnswers)
    case 'weighted': {
      const lists = listsOf((family) => weightedLists(known, family))
      return { most: 1, rotate: false, variants: { by: policy.affinity ? 'network' : 'turn', lists } }
    }
    case 'affinity': {
      const lists = listsOf((family) => affinityLists(known, family, policy.maxAnswers))
      return { most: policy.maxAnswers, rotate: false, variants: { by: 'network', lists } }
    }
    case 'proximity': {
      const lists = listsOf((family) => nearestLists(known, family, policy.places))
      return { most: policy.maxAnswers, rotate: true, variants: { by: 'place', lists } }
    }
  }
}

/** In one order, and with the answer's addresses only. */
function knownOf(shards: readonly AnswerShard[], { a, aaaa }: Pick<Targets, Family>): readonly AnswerShard[] {
  const said = new Set([...a, ...aaaa])
  return shards
    .map((shard) => ({
      ...shard,
      a: shard.a.filter((address) => said.has(address)),
      aaaa: shard.aaaa.filter((address) => said.has(address)),
    }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
}

/** Lists of both families as indices into the answer; equal lists are one object. */
function indexed(answer: Pick<Targets, Family>, a: FamilyLists, aaaa: FamilyLists): readonly Uint16Array[] {
  const indexOf = new Map([...answer.a, ...answer.aaaa].map((address, index) => [address, index]))
  const known = new Map<string, Uint16Array>()
  return a.map((list, i) => {
    const indices = Uint16Array.from([...list, ...(aaaa[i] ?? [])], (address) => indexOf.get(address) ?? 0) // all are in it
    const key = indices.join()
    const list16 = known.get(key) ?? indices
    known.set(key, list16)
    return list16
  })
}
