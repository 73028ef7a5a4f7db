import { isDeepStrictEqual } from 'node:util'
import { UsageError } from '../config/usage-error.ts'
import type { DomainName } from '../dns/names.ts'
import { readKeyName } from '../dns/tsig/key-file.ts'
import { tsigKeys, type TsigKey, type TsigKeys } from '../dns/tsig/keys.ts'
import type { Clock, Timer } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { SettledFiles } from './settled-files.ts'
import { readTsigFiles, type TsigFiles } from './tsig-files.ts'

/** Keys shared with other servers: those of this moment, since files of keys change. */
export interface SharedKeys {
  readonly byName: TsigKeys
  /**
   * The key that an option names. From now on keys without it are refused.
   * @returns it as it is when it is asked for
   * @throws UsageError when there is none of that name
   */
  named(name: string, flag: string): () => TsigKey
  /** Have whoever uses keys told of others from now on, until closed. */
  serve(users: KeyUsers): void
  close(): void
}

/** Whoever checks requests. */
export interface KeyUsers {
  setTsigKeys(keys: readonly TsigKey[]): void
}

const FLAG = '--tsig-keys'
/** How often files are looked at. A look at the folder would miss the links that Kubernetes swaps. */
const LOOK_EVERY_MS = 2_000

/** Keys that stay. */
export function fixedKeys(keys: Iterable<TsigKey> = []): SharedKeys {
  const byName = tsigKeys(keys)
  return {
    byName,
    named(name, flag) {
      const key = keyNamed(byName, name, flag)
      return () => key
    },
    serve: () => {},
    close: () => {},
  }
}

/**
 * The keys of some files together. Once served, they are read again when files change; what cannot be used, or has not all keys that
 * options name, is told of, and the keys before go on.
 * @throws UsageError naming file and line, when they cannot be used now; no name may stand in two files
 */
export function readTsigKeys(
  paths: readonly string[],
  deps: { readonly clock: Clock; readonly logger: Logger },
): SharedKeys {
  if (paths.length === 0) return fixedKeys()
  const files = new SettledFiles(paths, () => readTsigFiles(paths))
  const read = files.read()
  if (read.kind === 'keys') return new FollowedKeys(files, read, deps)
  const { file, line, problem } = read
  throw new UsageError(FLAG, `${file}${line === undefined ? '' : `, line ${line}`}: ${problem}`)
}

class FollowedKeys implements SharedKeys {
  readonly #files: SettledFiles<TsigFiles>
  readonly #deps: { readonly clock: Clock; readonly logger: Logger }
  /** With the options that name them. */
  readonly #needed = new Map<DomainName, string>()
  #held: ReadKeys
  #isRefused = false
  #timer: Timer | undefined

  constructor(
    files: SettledFiles<TsigFiles>,
    held: ReadKeys,
    deps: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#files = files
    this.#held = held
    this.#deps = deps
  }

  get byName(): TsigKeys {
    return this.#held.keys
  }

  named(name: string, flag: string): () => TsigKey {
    const first = keyNamed(this.byName, name, flag)
    if (!this.#needed.has(first.name)) this.#needed.set(first.name, flag)
    return () => this.byName.get(first.name) ?? first // it is always there
  }

  serve(users: KeyUsers): void {
    this.#timer = this.#deps.clock.after(LOOK_EVERY_MS, () => {
      const read = this.#files.readIfChanged()
      if (read !== undefined) this.#take(this.#complete(read), users)
      this.serve(users)
    })
  }

  close(): void {
    this.#timer?.cancel()
  }

  /** Keys are refused where one is missing that an option names. */
  #complete(read: TsigFiles): TsigFiles {
    if (read.kind === 'refused') return read
    for (const [name, flag] of this.#needed) {
      if (read.keys.has(name)) continue
      const file = this.#held.fileOf.get(name) ?? '' // it is held
      return { kind: 'refused', file, problem: missing(name, flag) }
    }
    return read
  }

  #take(read: TsigFiles, users: KeyUsers): void {
    const { logger } = this.#deps
    if (read.kind === 'refused') {
      const { file, line, problem } = read
      this.#isRefused = true
      logger.warn({ component: 'tsig', file, line, problem }, 'tsig keys refused, those before go on')
      return
    }
    const isNew = !isDeepStrictEqual(read.keys, this.byName)
    this.#held = read
    if (isNew) users.setTsigKeys([...read.keys.values()])
    if (isNew || this.#isRefused) logger.info({ component: 'tsig', count: read.keys.size }, 'tsig keys read')
    this.#isRefused = false
  }
}

type ReadKeys = Extract<TsigFiles, { readonly kind: 'keys' }>

function keyNamed(keys: TsigKeys, name: string, flag: string): TsigKey {
  const parsed = readKeyName(name)
  const key = parsed === undefined ? undefined : keys.get(parsed)
  if (key === undefined) throw new UsageError(flag, missing(name))
  return key
}

function missing(name: string, flag?: string): string {
  const what = `names the key ${JSON.stringify(name)}, which no file of ${FLAG} has`
  return flag === undefined ? what : `${flag} ${what}`
}
