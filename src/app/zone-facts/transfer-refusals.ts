import type { DomainName } from '../../dns/names.ts'
import type { RefusedTransfer } from '../../nameserver/transfer/transfer-handler.ts'
import type { Clock } from '../../runtime/clock.ts'

/** Refused transfers that are worth telling. */
export interface TransferRefusals {
  /** A transfer was refused. */
  note(refusal: RefusedTransfer): void
  /** @param told - called for the first refusal of a peer and zone in an hour */
  watch(told: (refusal: RefusedTransfer) => void): void
}

const QUIET_MS = 3_600_000
/** Peers of a zone that are told in an hour: over UDP addresses can be forged, and an object has few events to spend. */
const MAX_PEERS = 10
/** Zones remembered; the one told first is forgotten first. */
const MAX_ZONES = 1_000

/** Tells of each peer and zone once an hour: secondaries ask again and again. The log has every refusal. */
export function createTransferRefusals(clock: Pick<Clock, 'nowMs'>): TransferRefusals {
  const watchers: ((refusal: RefusedTransfer) => void)[] = []
  /** By zone and peer: when it was told, oldest first. */
  const toldAtMs = new Map<DomainName, Map<string, number>>()

  const isNews = ({ zone, address, key }: RefusedTransfer): boolean => {
    const nowMs = clock.nowMs()
    const peers = toldAtMs.get(zone) ?? new Map<string, number>()
    for (const [peer, atMs] of peers) if (atMs + QUIET_MS <= nowMs) peers.delete(peer)
    const peer = `${address} ${key ?? ''}`
    if (peers.has(peer) || peers.size >= MAX_PEERS) return false
    peers.set(peer, nowMs)
    toldAtMs.set(zone, peers)
    const [oldest] = toldAtMs.size > MAX_ZONES ? toldAtMs.keys() : []
    if (oldest !== undefined) toldAtMs.delete(oldest)
    return true
  }

  return {
    note(refusal) {
      if (isNews(refusal)) for (const told of watchers) told(refusal)
    },
    watch: (told) => void watchers.push(told),
  }
}
