import type { DomainName } from '../../dns/names.ts'

/** A key to sign with, as it crosses to the workers; never to be logged. */
export interface SigningKey {
  readonly algorithm: number
  readonly tag: number
  /** As in the DNSKEY record (RFC 6605, 4; RFC 8080, 3). */
  readonly publicKey: Uint8Array
  /** 32 octets. */
  readonly privateKey: Uint8Array
}

/** The keys that sign a zone now; each list has at least one. */
export interface SigningZone {
  readonly origin: DomainName
  /** Sign DNSKEY, CDS and CDNSKEY. */
  readonly keySigners: readonly SigningKey[]
  /** Sign every other set. */
  readonly zoneSigners: readonly SigningKey[]
}
