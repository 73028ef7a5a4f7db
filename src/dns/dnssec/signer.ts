import type { RecordSet } from '../records.ts'
import type { WireName } from '../wire/message.ts'

/** A set that is to be signed. */
export interface SignRequest {
  /** The zone's origin, in lower case. */
  readonly zone: WireName
  /** The set's owner, in any case. */
  readonly owner: WireName
  /** With the TTL that the zone gives it. */
  readonly set: RecordSet
  /** The name is there because it was asked for: by a wildcard, or not at all. There is no end of such names. */
  isMade(): boolean
  /** Whoever asks has a cookie of ours, or came by a stream: the address is not forged. */
  readonly isProven: boolean
  /** Unix time. */
  readonly nowSeconds: number
}

/** Signatures of a set. */
export interface Signatures {
  /** RRSIG rdata, one for each key, at least one. */
  readonly rdata: readonly Uint8Array[]
  /** From then on others are to be asked for; Unix time. */
  readonly renewSeconds: number
}

/** Whoever has the keys of signed zones. */
export interface ZoneSigner {
  /** Of the zones that are signed, in lower case. */
  readonly origins: readonly WireName[]
  /** Another number whenever zones or keys are others. */
  readonly version: number
  /** @param origin - in lower case */
  signs(origin: WireName): boolean
  /** @returns undefined: there is no signature to be had now */
  sign(request: SignRequest): Signatures | undefined
}
