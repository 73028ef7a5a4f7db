import type { OwnerKey } from '../../api/keys.ts'
import type { DomainName } from '../../dns/names.ts'
import type { NameChange } from '../../dns/records.ts'
import { Claims, claimsOf, type ClaimsListener } from './claims/claims.ts'
import { createKeyQueue, type KeyQueue } from './claims/key-queue.ts'
import type { Ledger } from './types.ts'

/**
 * The record ledger: which owner has which name, and what it says. It merges nothing (the shards of one service are merged
 * by decide()) and costs what changes; every consumer reads it through its own feed, at its own pace.
 * @param options - `loading`: claims come in any order, as after a start, so that the oldest of a class has the name
 *   whoever came first; from settle() on the one that has it stays
 */
export function createLedger(options: { readonly loading?: boolean } = {}): Ledger {
  const nameFeeds = new Set<KeyQueue<DomainName, NameChange>>()
  const ownerFeeds = new Set<KeyQueue<OwnerKey, OwnerKey>>()
  const listener: ClaimsListener = {
    nameChanged(name, urgent) {
      for (const feed of nameFeeds) feed.add(name, urgent)
    },
    ownerChanged(owner) {
      for (const feed of ownerFeeds) feed.add(owner, false)
    },
  }
  const claims = new Claims(listener, options.loading !== true)
  const announce = (): void => {
    for (const feed of nameFeeds) feed.announce()
    for (const feed of ownerFeeds) feed.announce()
  }
  const say = (name: DomainName, urgent: boolean): NameChange => {
    const claim = claims.first.get(name)
    return claim === undefined ? { name, urgent } : { name, answer: claim.answer, urgent }
  }

  return {
    get size() {
      return claims.first.size
    },
    put(owner, changes) {
      claims.put(owner, changes)
      announce()
    },
    drop(owner) {
      claims.drop(owner)
      announce()
    },
    settle: () => claims.settle(),
    get(name) {
      const claim = claims.first.get(name)
      if (claim === undefined) return undefined
      return { owner: claim.holder.key, answer: claim.answer, revision: claim.revision }
    },
    conflicts(owner) {
      const lost = claimsOf(claims.holder(owner)?.lost).map(({ name }) => name)
      return lost.sort().flatMap((name) => {
        const winner = claims.first.get(name)?.holder.key
        return winner === undefined ? [] : { name, winner }
      })
    },
    owned(owner) {
      return claimsOf(claims.holder(owner)?.won)
        .map(({ name }) => name)
        .sort()
    },
    names: () => claims.first.keys(),
    open(from, wake) {
      const feed = createKeyQueue<DomainName, NameChange>({ say, wake, closed: () => nameFeeds.delete(feed) })
      if (from === 'everything') for (const name of claims.first.keys()) feed.add(name, false)
      nameFeeds.add(feed)
      feed.announce()
      return feed
    },
    openOwners(wake) {
      const feed = createKeyQueue<OwnerKey, OwnerKey>({
        say: (owner) => owner,
        wake,
        closed: () => ownerFeeds.delete(feed),
      })
      ownerFeeds.add(feed)
      return feed
    },
  }
}
