import { hash } from 'node:crypto'
import { canonicalSet } from '../../dns/dnssec/canonical.ts'
import { isKeyType } from '../../dns/dnssec/key-sets.ts'
import { rrsigHead, signedLabels } from '../../dns/dnssec/rrsig.ts'
import type { Signatures, SignRequest, ZoneSigner } from '../../dns/dnssec/signer.ts'
import { wireName } from '../../dns/names.ts'
import type { WireName } from '../../dns/wire/message.ts'
import { nameKey } from '../../dns/wire/name.ts'
import { COUNTER, type CounterRow } from '../counters.ts'
import { GenerationCache } from './generation-cache.ts'
import { DEFAULT_SIGNING_LIMITS, SigningBudget, type SigningLimits } from './signing-budget.ts'
import { signsWith, type SignOctets } from './signature.ts'
import type { SigningKey, SigningZone } from './signing-key.ts'
import { isFresh, validityAt, type Validity } from './validity.ts'

/** Signatures of names that exist: about 400 octets each. */
const MAX_STORED = 131_072
/** Of names that do not: enough for those that many ask for, and apart, so that a flood of them drives out nothing else. */
const MAX_MADE = 8_192

type Signed = Signatures & Validity

interface ReadyKey extends SigningKey {
  readonly sign: SignOctets
}

interface KeyedZone {
  readonly keySigners: readonly ReadyKey[]
  readonly zoneSigners: readonly ReadyKey[]
  /** In front of all its keys in the caches: another one when the zone's keys are others. */
  readonly prefix: string
  readonly wireOrigin: WireName
}

export interface OnlineSignerOptions {
  readonly limits?: SigningLimits
  readonly counters?: Pick<CounterRow, 'add'>
}

/** Signs sets when they are asked for, and keeps the signatures until they are due for renewal. One per worker. */
export class OnlineSigner implements ZoneSigner {
  #zones: ReadonlyMap<string, KeyedZone> = new Map()
  #prefixes = 0
  readonly #stored = new GenerationCache<Signed>(MAX_STORED)
  readonly #made = new GenerationCache<Signed>(MAX_MADE)
  readonly #budget: SigningBudget
  readonly #counters: Pick<CounterRow, 'add'> | undefined
  origins: readonly WireName[] = []
  version = 0
  /** Signatures made since the start. */
  signatures = 0
  /** Signatures not made since the start, because there were too many in that second. */
  refused = 0

  constructor({ limits = DEFAULT_SIGNING_LIMITS, counters }: OnlineSignerOptions = {}) {
    this.#budget = new SigningBudget(limits)
    this.#counters = counters
  }

  /** All zones that are to be signed from now on. What was signed with keys that stay is kept. */
  setZones(zones: readonly SigningZone[]): void {
    const before = this.#zones
    this.#zones = new Map(
      zones.map((zone) => {
        const wireOrigin = wireName(zone.origin)
        const key = nameKey(wireOrigin)
        const old = before.get(key)
        if (old !== undefined && hasSameKeys(old, zone)) return [key, old]
        const keys = { keySigners: zone.keySigners.map(ready), zoneSigners: zone.zoneSigners.map(ready) }
        return [key, { ...keys, wireOrigin, prefix: this.#nextPrefix() }]
      }),
    )
    this.origins = [...this.#zones.values()].map(({ wireOrigin }) => wireOrigin)
    this.version += 1
  }

  signs(origin: WireName): boolean {
    return this.#zones.size > 0 && this.#zones.has(nameKey(origin))
  }

  sign(request: SignRequest): Signatures | undefined {
    const zone = this.#zones.get(nameKey(request.zone))
    if (zone === undefined) return undefined
    const octets = canonicalSet(request.owner, request.set)
    const digest = hash('sha256', octets, 'binary')
    const key = zone.prefix + digest
    const { nowSeconds } = request
    const known = this.#stored.get(key) ?? this.#made.get(key)
    if (known !== undefined && isFresh(known, nowSeconds)) return known
    const isMade = request.isMade()
    if (!this.#mayMake(isMade, request)) {
      this.refused += 1
      this.#counters?.add(COUNTER.signatures_refused)
      return undefined
    }
    const validity = validityAt(nowSeconds, digest.charCodeAt(0) / 0xff)
    const signed = { ...validity, rdata: this.#rrsigs(zone, request, { octets, validity }) }
    const cache = isMade ? this.#made : this.#stored
    cache.set(key, signed)
    return signed
  }

  #mayMake(isMade: boolean, { isProven, nowSeconds }: SignRequest): boolean {
    return isMade ? this.#budget.take(isProven, nowSeconds) : this.#budget.takeStored(isProven, nowSeconds)
  }

  #rrsigs(
    zone: KeyedZone,
    { owner, set }: SignRequest,
    { octets, validity }: { readonly octets: Uint8Array; readonly validity: Validity },
  ): readonly Uint8Array[] {
    const signers = isKeyType(set.type) ? zone.keySigners : zone.zoneSigners
    return signers.map((signer) => {
      const head = rrsigHead({
        typeCovered: set.type,
        algorithm: signer.algorithm,
        labels: signedLabels(owner),
        originalTtlSeconds: set.ttlSeconds,
        expirationSeconds: validity.expirationSeconds,
        inceptionSeconds: validity.inceptionSeconds,
        keyTag: signer.tag,
        signer: zone.wireOrigin,
      })
      this.signatures += 1
      this.#counters?.add(COUNTER.signatures_made)
      return Buffer.concat([head, signer.sign(Buffer.concat([head, octets]))])
    })
  }

  #nextPrefix(): string {
    this.#prefixes += 1
    return `${this.#prefixes} `
  }
}

function ready(key: SigningKey): ReadyKey {
  return { ...key, sign: signsWith(key) }
}

function hasSameKeys(left: Omit<SigningZone, 'origin'>, right: SigningZone): boolean {
  return (
    idsOf(left.keySigners) === idsOf(right.keySigners) && idsOf(left.zoneSigners) === idsOf(right.zoneSigners)
  )
}

/** The tag too: it changes when a key is revoked (RFC 5011, 2.1). */
function idsOf(keys: readonly SigningKey[]): string {
  const ids = keys.map(
    ({ algorithm, tag, publicKey }) => `${algorithm} ${tag} ${Buffer.from(publicKey).toString('base64')}`,
  )
  return ids.join()
}
