import type { DomainName } from '../dns/names.ts'
import { sameAnswer, type NameChange, type RecordSet } from '../dns/records.ts'

/** What has to change at every name but the origin. */
export function changesBetween(
  before: ReadonlyMap<DomainName, readonly RecordSet[]>,
  now: ReadonlyMap<DomainName, readonly RecordSet[]>,
  origin: DomainName,
): readonly NameChange[] {
  const changes: NameChange[] = []
  for (const [name, sets] of now) {
    const answer = { kind: 'records' as const, sets }
    const old = before.get(name)
    if (
      name !== origin &&
      !sameAnswer(old === undefined ? undefined : { kind: 'records', sets: old }, answer)
    )
      changes.push({ name, answer, urgent: false })
  }
  for (const name of before.keys()) if (!now.has(name)) changes.push({ name, urgent: false })
  return changes
}
