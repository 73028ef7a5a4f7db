import type { DomainName } from '../../dns/names.ts'
import type { RefusedTransfer } from '../../nameserver/transfer/transfer-handler.ts'
import type { TransferRule } from '../../nameserver/transfer/transfer-rules.ts'
import type { KeyStanding, KeyStandings } from './key-standing.ts'
import type { TransferRefusals } from './transfer-refusals.ts'

/** What is known of a zone besides its names. */
export interface ZoneFacts {
  /** Absent: this process signs nothing. */
  readonly signing?: KeyStanding
  /** Absent: nobody may have zones. */
  readonly transfer?: ZoneTransferFacts
}

export interface ZoneTransferFacts {
  /** Who may have zones; at least one. */
  readonly rules: readonly TransferRule[]
  /** The zone is signed as it is answered: it goes to those alone who sign what they get. */
  readonly isSignedHere: boolean
}

/** Where facts about zones come from. */
export interface ZoneFactsSource {
  of(zone: DomainName): ZoneFacts
  watch(watcher: {
    /** Facts may be others, where nothing else tells: not called for what comes with a change of a zone's records. */
    changed(): void
    /** A transfer was refused, and nobody has been told lately. */
    refused(refusal: RefusedTransfer): void
  }): void
}

/** @param standings - absent: this process signs nothing */
export function createZoneFacts({
  standings,
  rules,
  isSignedHere,
  refusals,
}: {
  readonly standings?: KeyStandings | undefined
  readonly rules: readonly TransferRule[]
  readonly isSignedHere: (zone: DomainName) => boolean
  readonly refusals: Pick<TransferRefusals, 'watch'>
}): ZoneFactsSource {
  return {
    of: (zone) => ({
      ...(standings === undefined ? {} : { signing: standings.of(zone) }),
      ...(rules.length === 0 ? {} : { transfer: { rules, isSignedHere: isSignedHere(zone) } }),
    }),
    watch({ changed, refused }) {
      standings?.watch(changed)
      refusals.watch(refused)
    },
  }
}
