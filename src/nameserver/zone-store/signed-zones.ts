import type { ZoneSigner } from '../../dns/dnssec/signer.ts'
import { TYPE } from '../../dns/protocol.ts'
import { NameKey } from './name-key.ts'

/** What of a query decides. */
interface SignedQuery {
  readonly type: number
  readonly dnssecOk: boolean
}

/** Which zones are signed, by the hash that a zone's origin has in the store; kept up with the signer's zones. */
export class SignedZones {
  readonly #signer: ZoneSigner
  readonly #key: NameKey
  #hashes: ReadonlySet<number> = new Set()
  #version = -1

  /** @param seed - of the store's hashes */
  constructor(signer: ZoneSigner, seed: readonly [number, number]) {
    this.#signer = signer
    this.#key = new NameKey(...seed)
  }

  /**
   * Whether an answer from the zone is to be signed, or is of the types that signing makes. Hashes may be equal by chance: a zone that is
   * not signed is then taken for one that is.
   */
  wants({ type, dnssecOk }: SignedQuery, originHash: number): boolean {
    if (!dnssecOk && type !== TYPE.NSEC && type !== TYPE.RRSIG) return false
    if (this.#version !== this.#signer.version) this.#refresh()
    return this.#hashes.has(originHash)
  }

  #refresh(): void {
    this.#version = this.#signer.version
    this.#hashes = new Set(
      this.#signer.origins.map((origin) => {
        this.#key.read(origin, 0, origin.length)
        return this.#key.hashAt(0)
      }),
    )
  }
}
