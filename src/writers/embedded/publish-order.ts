import type { DomainName } from '../../dns/names.ts'
import type { Alias, NameChange } from '../../dns/records.ts'

/**
 * The order in which changes become visible (DESIGN 5.15): address sets, those that lose an address first; then aliases,
 * each behind its target; then withdrawn names, each before its target. Stopped anywhere, no alias points at nothing.
 * @param aliases - what is an alias now, before these changes
 */
export function inPublishingOrder(
  changes: readonly NameChange[],
  aliases: ReadonlyMap<DomainName, Alias>,
): readonly NameChange[] {
  const sets = changes.filter(({ answer }) => answer !== undefined && answer.kind !== 'alias')
  const pointing = changes.filter(({ answer }) => answer?.kind === 'alias')
  const withdrawn = changes.filter(({ answer }) => answer === undefined)
  return [
    ...sets.filter(({ urgent }) => urgent),
    ...sets.filter(({ urgent }) => !urgent),
    ...targetsFirst(pointing, ({ answer }) => (answer?.kind === 'alias' ? answer.target : undefined)),
    ...[...targetsFirst(withdrawn, ({ name }) => aliases.get(name)?.target)].reverse(),
  ]
}

/** Each behind its target, as far as that is among them; in a loop, one has to be the first. */
function targetsFirst(
  changes: readonly NameChange[],
  targetOf: (change: NameChange) => DomainName | undefined,
): readonly NameChange[] {
  const waiting = new Map(changes.map((change) => [change.name, change]))
  const ordered: NameChange[] = []
  for (const { name } of changes) {
    const chain: NameChange[] = []
    for (let at: DomainName | undefined = name; at !== undefined;) {
      const change = waiting.get(at)
      if (change === undefined) break
      waiting.delete(at)
      chain.push(change)
      at = targetOf(change)
    }
    ordered.push(...chain.reverse())
  }
  return ordered
}
