import type { DomainName } from '../../dns/names.ts'
import { type Answer, sameAnswer } from '../../dns/records.ts'
import { aliasAnswer, losesAddress, SHORT_NAME_TTL_SECONDS } from './records.ts'
import type { ClaimChange, HostsMemory, NameClass, ServiceMemory } from './types.ts'

/** One name that a record says something of. */
export interface Saying {
  readonly name: DomainName
  readonly answer: Answer
  readonly nameClass?: NameClass
}

/** All that a service's names say, parents first, the aliases beside the scopes last. */
export function saidByService({ decidedFor, names, answers }: ServiceMemory): readonly Saying[] {
  const [global] = names.scopes
  if (decidedFor === undefined || global === undefined) return []
  const said: Saying[] = []
  for (const [index, name] of names.scopes.entries()) {
    const answer = answers[index]
    if (name !== undefined && answer !== undefined) said.push({ name, answer })
  }
  if (names.prefix !== undefined) {
    const answer = aliasAnswer(decidedFor.spec.ttlSeconds, global)
    said.push({ name: names.prefix, answer, nameClass: 'open' })
  }
  if (names.short !== undefined) {
    said.push({ name: names.short, answer: aliasAnswer(SHORT_NAME_TTL_SECONDS, global) })
  }
  return said
}

/** All that an Ingress record's hosts say. */
export function saidByHosts({ hosts, answer }: HostsMemory): readonly Saying[] {
  return answer === undefined ? [] : hosts.map((name) => ({ name, answer }))
}

/** From what was said to what is said: new and changed names in order, then the withdrawn ones in reverse. */
export function differenceOf(before: readonly Saying[], after: readonly Saying[]): readonly ClaimChange[] {
  const old = new Map(before.map((saying) => [saying.name, saying]))
  const changes: ClaimChange[] = []
  for (const saying of after) {
    const was = old.get(saying.name)?.answer
    old.delete(saying.name)
    if (!sameAnswer(was, saying.answer)) changes.push({ ...saying, urgent: losesAddress(was, saying.answer) })
  }
  for (const { name, answer } of [...old.values()].reverse()) {
    changes.push({ name, urgent: losesAddress(answer, undefined) })
  }
  return changes
}
