import type { ZoneKey } from '../../dns/dnssec/key-file.ts'
import type { KeyPlan } from '../../dns/dnssec/key-times.ts'
import { nextKeyEvents, type KeyEvent } from '../../dns/dnssec/next-key-event.ts'
import type { DomainName } from '../../dns/names.ts'

/** How a zone is signed, as it may be told anybody. Keys are `algorithm/tag`, as in 13/12345. */
export interface KeyStanding {
  /** All keys of the zone that are known, whatever their times say. */
  readonly known: readonly string[]
  /** Sign DNSKEY, CDS and CDNSKEY now. Empty: the zone is not signed. */
  readonly keySigners: readonly string[]
  /** Sign all else. Empty exactly when keySigners is. */
  readonly zoneSigners: readonly string[]
  /** What comes next by the keys' times; absent: nothing does. */
  readonly next?: {
    readonly atSeconds: number
    readonly events: readonly { readonly key: string; readonly event: KeyEvent }[]
  }
  /** No key that signs is active: retired ones go on. */
  readonly isOverdue: boolean
  /** Known keys whose files are gone. */
  readonly missing: readonly string[]
  /** Why the folder cannot be used as it is now, so that keys read before go on; absent: it was read. */
  readonly folderFault?: string
}

/** How zones are signed. */
export interface KeyStandings {
  of(zone: DomainName): KeyStanding
  /** @param changed - called whenever the standing of some zone is another */
  watch(changed: () => void): void
}

/** Of a zone that no key is of. */
export const NO_KEY_STANDING: KeyStanding = {
  ...{ known: [], keySigners: [], zoneSigners: [], isOverdue: false, missing: [] },
}

/** What can be told of a zone's keys. @param missing - those of them whose files are gone */
export function keyStanding(
  keys: readonly ZoneKey[],
  { keySigners, zoneSigners, isOverdue }: KeyPlan<ZoneKey>,
  { nowSeconds, missing }: { readonly nowSeconds: number; readonly missing: readonly ZoneKey[] },
): KeyStanding {
  const next = nextKeyEvents(keys, nowSeconds)
  return {
    known: keys.map(keyLabel),
    keySigners: keySigners.map(keyLabel),
    zoneSigners: zoneSigners.map(keyLabel),
    isOverdue,
    missing: missing.map(keyLabel),
    ...(next === undefined
      ? {}
      : {
          next: {
            atSeconds: next.atSeconds,
            events: next.events.map(({ key, event }) => ({ key: keyLabel(key), event })),
          },
        }),
  }
}

/** As `13/12345`: algorithm and tag. */
export function keyLabel({ algorithm, tag }: Pick<ZoneKey, 'algorithm' | 'tag'>): string {
  return `${algorithm}/${tag}`
}
