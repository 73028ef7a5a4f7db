import type { OwnerKey } from '../../../api/keys.ts'
import type { DomainName } from '../../../dns/names.ts'
import { type Answer, sameAnswer } from '../../../dns/records.ts'
import { ageOfRank, classNumber, classOfRank } from '../rank.ts'
import { losesAddress } from '../records.ts'
import type { ClaimChange, Owner } from '../types.ts'

/**
 * One owner's claim to one name: 88 bytes, a million times. It stands in its name's line (`behind`) and in its holder's
 * list of won or of lost claims (`previous`, `next`), so that neither needs a collection of its own.
 */
export interface Claim {
  readonly name: DomainName
  readonly holder: Holder
  answer: Answer
  /** Own class number; -1: that of the holder's rank. */
  nameClass: number
  revision: number
  behind: Claim | undefined
  previous: Claim | undefined
  next: Claim | undefined
}

/** An owner with at least one claim. */
export interface Holder {
  readonly key: OwnerKey
  rank: string
  won: Claim | undefined
  lost: Claim | undefined
}

/** Told of what changed, in order. */
export interface ClaimsListener {
  /** What a name says, or that it is withdrawn. */
  nameChanged(name: DomainName, urgent: boolean): void
  /** What an owner's names say, which names it has, or who has those it lost. */
  ownerChanged(owner: OwnerKey): void
}

/**
 * Who has which name (DESIGN 5.7). A line for each name: its first claim has the name. A stronger class goes ahead of the
 * first; within a class the first stays, and the others wait by rank.
 */
export class Claims {
  readonly first = new Map<DomainName, Claim>()
  readonly #holders = new Map<OwnerKey, Holder>()
  readonly #listener: ClaimsListener
  #isSettled: boolean
  #revision = 0

  /** @param isSettled - false: until settle(), the older goes ahead of the first of its class, too */
  constructor(listener: ClaimsListener, isSettled: boolean) {
    this.#listener = listener
    this.#isSettled = isSettled
  }

  settle(): void {
    this.#isSettled = true
  }

  holder(key: OwnerKey): Holder | undefined {
    return this.#holders.get(key)
  }

  put({ key, rank }: Owner, changes: readonly ClaimChange[]): void {
    const holder = this.#holders.get(key) ?? { key, rank, won: undefined, lost: undefined }
    this.#holders.set(key, holder)
    if (holder.rank !== rank) this.#rerank(holder, rank)
    for (const change of changes) this.#apply(holder, change)
    if (isEmpty(holder)) this.#holders.delete(key)
  }

  drop(key: OwnerKey): void {
    const holder = this.#holders.get(key)
    if (holder === undefined) return
    for (const claim of [...claimsOf(holder.won), ...claimsOf(holder.lost)]) this.#release(claim)
    this.#holders.delete(key)
  }

  #apply(holder: Holder, change: ClaimChange): void {
    const { name, answer, urgent } = change
    const nameClass = change.nameClass === undefined ? -1 : classNumber(change.nameClass)
    const claim = this.#find(holder, name)
    if (answer === undefined) {
      if (claim !== undefined) this.#release(claim, urgent)
    } else if (claim === undefined) {
      this.#enter(newClaim(holder, { name, answer, nameClass }), urgent)
    } else this.#restate(claim, { answer, nameClass, urgent })
  }

  #find(holder: Holder, name: DomainName): Claim | undefined {
    let claim = this.first.get(name)
    while (claim !== undefined && claim.holder !== holder) claim = claim.behind
    return claim
  }

  /** A claim that stands in no line takes the name, or its place behind the one that has it. */
  #enter(claim: Claim, urgent: boolean): void {
    const first = this.first.get(claim.name)
    if (first === undefined) {
      this.#seat(claim, undefined, urgent)
    } else if (this.#goesAhead(claim, first)) {
      unlist(first, 'won')
      claim.behind = first.behind
      queue(claim, first)
      this.#seat(claim, first, urgent)
    } else {
      queue(first, claim)
      this.#listener.ownerChanged(claim.holder.key)
    }
  }

  #goesAhead(claim: Claim, first: Claim): boolean {
    return this.#isSettled ? classOf(claim) < classOf(first) : goesBefore(claim, first)
  }

  /** The name, which `before` had, is this claim's from now on; the line behind it stands already. */
  #seat(claim: Claim, before: Claim | undefined, urgent: boolean): void {
    this.first.set(claim.name, claim)
    list(claim, 'won')
    this.#say(claim, before?.answer, urgent || losesAddress(before?.answer, claim.answer))
    this.#listener.ownerChanged(claim.holder.key)
    if (before !== undefined) this.#listener.ownerChanged(before.holder.key)
    for (let waiting = claim.behind; waiting !== undefined; waiting = waiting.behind) {
      this.#listener.ownerChanged(waiting.holder.key)
    }
  }

  #say(claim: Claim, was: Answer | undefined, urgent: boolean): void {
    if (sameAnswer(was, claim.answer)) return
    this.#revision += 1
    claim.revision = this.#revision
    this.#listener.nameChanged(claim.name, urgent)
  }

  #release(claim: Claim, urgent = false): void {
    const { name, holder, behind } = claim
    if (this.first.get(name) !== claim) {
      this.#leaveLine(claim)
      this.#listener.ownerChanged(holder.key)
      return
    }
    unlist(claim, 'won')
    claim.behind = undefined
    if (behind !== undefined) {
      unlist(behind, 'lost')
      this.#seat(behind, claim, urgent)
      return
    }
    this.first.delete(name)
    this.#revision += 1
    this.#listener.nameChanged(name, urgent || losesAddress(claim.answer, undefined))
    this.#listener.ownerChanged(holder.key)
  }

  #restate(claim: Claim, said: Said): void {
    if (claim.nameClass !== said.nameClass) {
      claim.nameClass = said.nameClass
      this.#reseat(claim)
    }
    const was = claim.answer
    if (sameAnswer(was, said.answer)) return
    claim.answer = said.answer
    if (this.first.get(claim.name) !== claim) return
    this.#say(claim, was, said.urgent)
    this.#listener.ownerChanged(claim.holder.key)
  }

  #rerank(holder: Holder, rank: string): void {
    holder.rank = rank
    for (const claim of [...claimsOf(holder.won), ...claimsOf(holder.lost)]) this.#reseat(claim)
  }

  /** To the place that its class and rank, as they are now, give a claim. */
  #reseat(claim: Claim): void {
    if (this.first.get(claim.name) !== claim) {
      this.#leaveLine(claim)
      this.#enter(claim, false)
      return
    }
    const next = claim.behind
    if (next === undefined || !this.#goesAhead(next, claim)) return
    unlist(claim, 'won')
    unlist(next, 'lost')
    queue(next, claim)
    this.#seat(next, claim, false)
  }

  #leaveLine(claim: Claim): void {
    let before = this.first.get(claim.name)
    while (before !== undefined && before.behind !== claim) before = before.behind
    if (before !== undefined) before.behind = claim.behind
    unlist(claim, 'lost')
  }
}

interface Said {
  readonly answer: Answer
  readonly nameClass: number
  readonly urgent: boolean
}

/** A holder's claims, from the head of one of its lists; safe to change them afterwards. */
export function claimsOf(head: Claim | undefined): readonly Claim[] {
  const claims: Claim[] = []
  for (let claim = head; claim !== undefined; claim = claim.next) claims.push(claim)
  return claims
}

function newClaim(holder: Holder, said: Pick<Claim, 'name' | 'answer' | 'nameClass'>): Claim {
  return {
    name: said.name,
    holder,
    answer: said.answer,
    nameClass: said.nameClass,
    revision: 0,
    behind: undefined,
    previous: undefined,
    next: undefined,
  }
}

/** Into the line behind `first`, after all that go before it. */
function queue(first: Claim, claim: Claim): void {
  let before = first
  while (before.behind !== undefined && goesBefore(before.behind, claim)) before = before.behind
  claim.behind = before.behind
  before.behind = claim
  list(claim, 'lost')
}

function goesBefore(left: Claim, right: Claim): boolean {
  const byClass = classOf(left) - classOf(right)
  if (byClass !== 0) return byClass < 0
  const [older, younger] = [ageOfRank(left.holder.rank), ageOfRank(right.holder.rank)]
  if (older !== younger) return older < younger
  return left.holder.key < right.holder.key
}

function classOf({ nameClass, holder }: Claim): number {
  return nameClass === -1 ? classOfRank(holder.rank) : nameClass
}

function list(claim: Claim, which: 'won' | 'lost'): void {
  const head = claim.holder[which]
  claim.previous = undefined
  claim.next = head
  if (head !== undefined) head.previous = claim
  claim.holder[which] = claim
}

function unlist(claim: Claim, which: 'won' | 'lost'): void {
  const { previous, next, holder } = claim
  if (previous === undefined) holder[which] = next
  else previous.next = next
  if (next !== undefined) next.previous = previous
  claim.previous = undefined
  claim.next = undefined
}

function isEmpty({ won, lost }: Holder): boolean {
  return won === undefined && lost === undefined
}
