import type { AnswerShard, ClientPlace, Family, FamilyLists } from './types.ts'

/** First for clients whose place is not known: all. Then for each place the addresses nearest to it. */
export function nearestLists(
  shards: readonly AnswerShard[],
  family: Family,
  places: readonly ClientPlace[],
): FamilyLists {
  const having = shards.filter((shard) => shard[family].length > 0)
  const addressesOf = (of: readonly AnswerShard[]): FamilyLists[number] => [
    ...new Set(of.flatMap((shard) => shard[family])),
  ]
  return [addressesOf(having), ...places.map((place) => addressesOf(nearestTo(place, having)))]
}

function nearestTo({ zone, regions }: ClientPlace, shards: readonly AnswerShard[]): readonly AnswerShard[] {
  const inZone = shards.filter((shard) => zone !== undefined && shard.zones.includes(zone))
  if (inZone.length > 0) return inZone
  const nearest = regions.find((region) => shards.some((shard) => shard.region === region))
  return nearest === undefined ? shards : shards.filter(({ region }) => region === nearest)
}
