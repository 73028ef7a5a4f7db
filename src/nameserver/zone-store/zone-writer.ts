import type { DomainName } from '../../dns/names.ts'
import type { Answer, NameChange } from '../../dns/records.ts'
import { AppError } from '../../errors.ts'
import type { ZoneState, ZoneWriter } from '../types.ts'
import { AnswerCompiler } from './compile.ts'
import {
  DEPTHS_WORD,
  FLAG_DNAME,
  FLAG_NS,
  FLAG_PUBLISHED,
  FLAG_SOA,
  FLAG_ZONE_EXPIRED,
  FLAG_ZONE_LOADING,
  FLAG_ZONE_SERVING,
  SEED_WORD,
  ZONE_FLAGS,
} from './layout.ts'
import { NameKey } from './name-key.ts'
import { NameTree } from './name-tree.ts'

const MAX_DEPTH = 127
const ASTERISK = 0x2a
const STATE_FLAGS: Readonly<Record<ZoneState, number>> = {
  loading: FLAG_ZONE_LOADING,
  serving: FLAG_ZONE_SERVING,
  expired: FLAG_ZONE_EXPIRED,
  gone: 0,
}

type Refusal = 'full' | 'origin'

/** Names that could not be published. All others of the same call were, and what these said before stays. */
export class ZoneStoreError extends AppError {
  readonly names: readonly DomainName[]

  constructor(refusal: Refusal, names: readonly DomainName[], fields: Readonly<Record<string, number>>) {
    super(
      refusal === 'full'
        ? 'zone store has no room for the answer'
        : 'the origin of a zone takes only an answer of kind records',
      {
        code: refusal === 'full' ? 'ZONE_STORE_FULL' : 'ZONE_ORIGIN_NEEDS_RECORDS',
        retry: refusal === 'full' ? 'backoff' : 'never',
        fields: { name: names[0] ?? '', names: names.length, ...fields },
      },
    )
    this.names = names
  }
}

/**
 * The one writer of a zone store. At the origin of a declared zone only `records` are taken: SOA, NS and whatever else
 * the origin says, addresses included.
 */
export class SharedZoneWriter implements ZoneWriter {
  readonly #words: Int32Array
  readonly #tree: NameTree
  readonly #key: NameKey
  readonly #compiler = new AnswerCompiler()
  /** Zones declared, by labels of the origin. */
  readonly #depths = new Int32Array(MAX_DEPTH + 1)
  readonly #reservedBytes: number
  #names = 0

  /**
   * @param memory - made by createZoneMemory, and no other writer's
   * @param restingBlocks - how many blocks are retired before one is used again; 1 leaves all to the reading protocol
   */
  constructor(memory: SharedArrayBuffer, restingBlocks?: number) {
    this.#words = new Int32Array(memory)
    this.#tree = new NameTree(memory, restingBlocks)
    this.#key = new NameKey(this.#words[SEED_WORD]!, this.#words[SEED_WORD + 1]!) // the header has room
    this.#reservedBytes = memory.byteLength
  }

  /** @throws ZoneStoreError naming what could not be stored, after all else was */
  publish(changes: readonly NameChange[]): void {
    const refused: DomainName[] = []
    let why: Refusal = 'full'
    for (const { name, answer } of changes) {
      this.#key.set(name)
      const refusal = answer === undefined ? this.#withdraw() : this.#put(answer)
      if (refusal === undefined) continue
      if (refused.length === 0) why = refusal
      refused.push(name)
    }
    if (refused.length > 0) throw this.#error(why, refused)
  }

  /** @throws ZoneStoreError when a zone cannot be declared for want of room */
  setState(origin: DomainName, state: ZoneState): void {
    this.#key.set(origin)
    const slot = this.#tree.find(this.#key)
    const flags = this.#tree.flags(slot)
    const next = (flags & ~ZONE_FLAGS) | STATE_FLAGS[state]
    if (next === flags) return
    if (next === 0) this.#tree.clear(this.#key, slot, 0)
    else if (!this.#tree.put(this.#key, slot, this.#tree.sets(slot), next))
      throw this.#error('full', [origin])
    this.#markLayers(next)
    if ((flags & ZONE_FLAGS) === 0) this.#countZone(1)
    else if ((next & ZONE_FLAGS) === 0) this.#countZone(-1)
  }

  usage(): { readonly usedBytes: number; readonly reservedBytes: number; readonly names: number } {
    return { usedBytes: this.#tree.usedBytes, reservedBytes: this.#reservedBytes, names: this.#names }
  }

  #put(answer: Answer): Refusal | undefined {
    const slot = this.#tree.find(this.#key)
    const flags = this.#tree.flags(slot)
    if ((flags & ZONE_FLAGS) !== 0 && answer.kind !== 'records') return 'origin'
    const sets = this.#compiler.compile(answer)
    if (sets === undefined) return 'full'
    const { hasSoa, hasNs, hasDname } = this.#compiler
    const content = (hasSoa ? FLAG_SOA : 0) | (hasNs ? FLAG_NS : 0) | (hasDname ? FLAG_DNAME : 0)
    const next = (flags & ZONE_FLAGS) | FLAG_PUBLISHED | content
    if (next === flags && this.#tree.says(slot, sets)) return undefined
    if (!this.#tree.put(this.#key, slot, sets, next)) return 'full'
    if ((flags & FLAG_PUBLISHED) === 0) this.#names += 1
    this.#markLayers(next)
    return undefined
  }

  /** Once a delegation, a DNAME or a wildcard is published, or a name below a wildcard, the names above it have a say in answers. */
  #markLayers(flags: number): void {
    const isCut = (flags & FLAG_NS) !== 0 && (flags & ZONE_FLAGS) === 0
    if ((flags & FLAG_DNAME) !== 0) this.#tree.markLayered(this.#key, 0)
    else if (isCut) this.#tree.markLayered(this.#key, 1)
    else if (this.#wildcardAt() >= 0) this.#tree.markLayered(this.#key, this.#wildcardAt() + 1)
  }

  /** @returns the first label of the key's name that is an asterisk; -1 when none is */
  #wildcardAt(): number {
    const { bytes, labels, starts } = this.#key
    for (let label = 0; label < labels; label += 1) {
      const start = starts[label]! // below labels
      if (bytes[start] === 1 && bytes[start + 1] === ASTERISK) return label
    }
    return -1
  }

  #withdraw(): undefined {
    const slot = this.#tree.find(this.#key)
    const flags = this.#tree.flags(slot)
    if ((flags & FLAG_PUBLISHED) === 0) return
    this.#names -= 1
    this.#tree.clear(this.#key, slot, flags & ZONE_FLAGS)
  }

  /** Readers look for zones only at depths where there are any. */
  #countZone(by: 1 | -1): void {
    const depth = this.#key.labels
    this.#depths[depth]! += by
    const bit = 1 << (depth & 31)
    const word = DEPTHS_WORD + (depth >> 5)
    if (this.#depths[depth] === 0) Atomics.and(this.#words, word, ~bit)
    else Atomics.or(this.#words, word, bit)
  }

  #error(refusal: Refusal, names: readonly DomainName[]): ZoneStoreError {
    const { usedBytes, reservedBytes } = this.usage()
    return new ZoneStoreError(refusal, names, { usedBytes, reservedBytes })
  }
}
