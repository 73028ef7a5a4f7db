import { AppError } from '../../errors.ts'
import { MAGIC, MAGIC_WORD, MAX_RESERVED_BYTES, MIN_RESERVED_BYTES, PAGE_BYTES, SEED_WORD } from './layout.ts'

export interface ZoneMemoryOptions {
  /** Rounded down to whole pages of 64 KiB. Costs nothing until it is used. */
  readonly reservedBytes: number
  /** Two random words: the key of the name hash. Whoever knows it can choose names that collide. */
  readonly seed: Uint32Array
}

/**
 * Reserve the memory of a zone store. Fixed in size: a growable buffer makes look-ups several times slower.
 * @throws AppError `ZONE_STORE_SIZE` when the size is not between 1 MiB and 2 GiB
 */
export function createZoneMemory(options: ZoneMemoryOptions): SharedArrayBuffer {
  const bytes = Math.floor(options.reservedBytes / PAGE_BYTES) * PAGE_BYTES
  if (!(bytes >= MIN_RESERVED_BYTES && bytes <= MAX_RESERVED_BYTES)) {
    throw new AppError('size of the zone store is out of bounds', {
      code: 'ZONE_STORE_SIZE',
      fields: { reservedBytes: options.reservedBytes, min: MIN_RESERVED_BYTES, max: MAX_RESERVED_BYTES },
    })
  }
  const memory = new SharedArrayBuffer(bytes)
  const words = new Int32Array(memory)
  words[MAGIC_WORD] = MAGIC
  words[SEED_WORD] = options.seed[0] ?? 0
  words[SEED_WORD + 1] = options.seed[1] ?? 0
  return memory
}

/** @throws AppError `ZONE_STORE_FORMAT` when the memory was not made by createZoneMemory of the same version */
export function checkZoneMemory(memory: SharedArrayBuffer): void {
  if (new Int32Array(memory, 0, 1)[0] !== MAGIC) {
    throw new AppError('shared memory is not a zone store', { code: 'ZONE_STORE_FORMAT' })
  }
}
