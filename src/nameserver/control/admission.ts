import type { Requester } from '../../dns/answer/requester.ts'
import type { DomainName } from '../../dns/names.ts'
import { AddressPrefixes } from '../rate-limit/address-prefixes.ts'
import type { ControlKind, ControlRules } from './types.ts'

type Verdict = 'unknown' | 'refused' | 'admitted'

interface Rule {
  readonly from: AddressPrefixes | undefined
  readonly key: DomainName | undefined
}

/** Holds requests against the rules. */
export class Admission {
  readonly #rules: ReadonlyMap<ControlKind, readonly Rule[]>

  constructor(rules: ControlRules) {
    const kinds = Object.keys(rules) as ControlKind[] // its own keys
    this.#rules = new Map(
      kinds.map((kind) => [
        kind,
        (rules[kind] ?? []).map(({ prefix, key }) => ({
          from: prefix === undefined ? undefined : new AddressPrefixes([prefix]),
          key,
        })),
      ]),
    )
  }

  /** @param key - that signed the request; undefined: none did */
  judge(kind: ControlKind, from: Pick<Requester, 'octets' | 'length'>, key: DomainName | undefined): Verdict {
    const rules = this.#rules.get(kind)
    if (rules === undefined) return 'unknown'
    const admits = rules.some(
      (rule) =>
        (rule.key === undefined || rule.key === key) && (rule.from === undefined || rule.from.has(from)),
    )
    return admits ? 'admitted' : 'refused'
  }
}
