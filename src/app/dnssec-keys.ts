import { UsageError } from '../config/usage-error.ts'
import type { ZoneKey } from '../dns/dnssec/key-file.ts'
import { keySets } from '../dns/dnssec/key-sets.ts'
import { planKeys, type KeyPlan } from '../dns/dnssec/key-times.ts'
import type { DomainName } from '../dns/names.ts'
import { sameAnswer, type RecordSet } from '../dns/records.ts'
import { describeError } from '../errors.ts'
import type { SigningZone } from '../nameserver/dnssec/signing-key.ts'
import type { Clock, Timer } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { NO_KEYS, type OriginKeys } from '../writers/embedded/key-sets.ts'
import { isSameKey, KeyFolder, KeyFolderError } from './key-folder.ts'
import { keyLabel, keyStanding, type KeyStandings } from './zone-facts/key-standing.ts'
import { StandingBook } from './zone-facts/standing-book.ts'

export interface DnssecKeysOptions {
  /** A folder of key files, as dnssec-keygen writes them; none: no zone is signed. */
  readonly folder: string | undefined
  readonly clock: Clock
  readonly logger: Logger
}

/** The keys of a folder, each used by its times. */
export interface DnssecKeys extends OriginKeys {
  /** Have zones signed from now on, with what the folder holds and the times say, until closed. */
  serve(signers: Signers): void
  /** What is told of them; absent: there is no folder. */
  readonly standings?: KeyStandings
  /** Look at folder and clock now. */
  refresh(): void
  close(): void
}

/** Whoever signs. */
export interface Signers {
  setSigning(zones: readonly SigningZone[]): void
}

/** How often folder and times are looked at. */
const LOOK_EVERY_MS = 2_000
const NO_FOLDER: DnssecKeys = { ...NO_KEYS, serve: () => {}, refresh: () => {}, close: () => {} }

/**
 * Read the keys of a folder. Once served, changes of the folder and of what times say are taken up within seconds. A folder that cannot be
 * used any more is told of, and the keys read before go on.
 * @throws UsageError naming file and reason, when the folder cannot be used now
 */
export function readDnssecKeys(options: DnssecKeysOptions): DnssecKeys {
  const { folder } = options
  if (folder === undefined) return NO_FOLDER
  try {
    return new KeysInUse(new KeyFolder(folder), options)
  } catch (error) {
    if (!(error instanceof KeyFolderError)) throw error
    throw new UsageError('--dnssec-keys', describeError(error), error)
  }
}

class KeysInUse implements DnssecKeys {
  readonly standings = new StandingBook()
  readonly #options: DnssecKeysOptions
  readonly #folder: KeyFolder
  readonly #watchers: ((origin: DomainName) => void)[] = []
  #keys: readonly ZoneKey[]
  /** Those of them whose files are gone. */
  #missing: readonly ZoneKey[] = []
  /** Why the folder could not be read when it changed last. */
  #fault: string | undefined
  #sets: ReadonlyMap<DomainName, readonly RecordSet[]> = new Map()
  /** The plan in force, in words: what is equal needs no telling. */
  #told = new Map<DomainName, string>()
  #signers: Signers | undefined
  #timer: Timer | undefined

  constructor(folder: KeyFolder, options: DnssecKeysOptions) {
    this.#options = options
    this.#folder = folder
    this.#keys = folder.read()
    const plans = this.#plans()
    this.#publish(plans)
    this.#stand(plans)
  }

  serve(signers: Signers): void {
    this.#signers = signers
    this.#apply()
    this.#lookLater()
  }

  setsOf(origin: DomainName): readonly RecordSet[] {
    return this.#sets.get(origin) ?? []
  }

  watch(changed: (origin: DomainName) => void): void {
    this.#watchers.push(changed)
  }

  refresh(): void {
    try {
      const keys = this.#folder.readIfChanged()
      if (keys !== undefined) this.#take(keys)
    } catch (error) {
      this.#fault = describeError(error)
      this.#options.logger.error({ component: 'dnssec', err: this.#fault }, 'folder of DNSSEC keys refused')
    }
    this.#apply()
  }

  #take(keys: readonly ZoneKey[]): void {
    this.#missing = this.#missed(keys)
    this.#keys = [...keys, ...this.#missing]
    this.#fault = undefined
  }

  /** Keys held before of zones that could not be signed without them: that a file is gone does not say that the parent's DS record is. */
  #missed(now: readonly ZoneKey[]): readonly ZoneKey[] {
    const signable = (keys: readonly ZoneKey[]): boolean =>
      planKeys(keys, this.#nowSeconds).keySigners.length > 0
    const left = Map.groupBy(now, ({ zone }) => zone)
    return [...Map.groupBy(this.#keys, ({ zone }) => zone)].flatMap(([zone, keys]) => {
      if (!signable(keys) || signable(left.get(zone) ?? [])) return []
      this.#options.logger.error(
        { component: 'dnssec', zone, keys: tagsOf(keys) },
        'keys of a signed zone are gone from their folder and go on signing: to end signing, take DS records out of the parent, then give the keys a Delete time',
      )
      return keys.filter((key) => !now.some((other) => isSameKey(key, other)))
    })
  }

  get #nowSeconds(): number {
    return Math.floor(this.#options.clock.nowMs() / 1_000)
  }

  close(): void {
    this.#timer?.cancel()
  }

  #lookLater(): void {
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => {
      this.refresh()
      this.#lookLater()
    })
  }

  #plans(): Plans {
    const byZone = Map.groupBy(this.#keys, ({ zone }) => zone)
    return new Map([...byZone].map(([zone, keys]) => [zone, planKeys(keys, this.#nowSeconds)]))
  }

  /** Publish what the keys' times say now, then sign by it. */
  #apply(): void {
    const plans = this.#plans()
    this.#publish(plans)
    this.#stand(plans)
    const changed = [...plans].filter(([zone, plan]) => this.#told.get(zone) !== wordsOf(plan))
    const gone = [...this.#told.keys()].filter((zone) => !plans.has(zone))
    if (changed.length + gone.length === 0) return
    this.#signers?.setSigning([...plans].flatMap(([origin, plan]) => signingZone(origin, plan)))
    for (const [zone, plan] of changed) this.#tell(zone, plan)
    for (const zone of gone) this.#tell(zone, undefined)
    this.#told = new Map([...plans].map(([zone, plan]) => [zone, wordsOf(plan)]))
  }

  #publish(plans: Plans): void {
    const before = this.#sets
    this.#sets = new Map([...plans].map(([zone, plan]) => [zone, keySets(zone, plan)]))
    for (const zone of new Set([...before.keys(), ...this.#sets.keys()])) {
      if (!sameSets(before.get(zone), this.#sets.get(zone)))
        for (const changed of this.#watchers) changed(zone)
    }
  }

  /** Work out what is told of keys. */
  #stand(plans: Plans): void {
    const nowSeconds = this.#nowSeconds
    const keys = Map.groupBy(this.#keys, ({ zone }) => zone)
    const missing = Map.groupBy(this.#missing, ({ zone }) => zone)
    const standings = [...plans].map(([zone, plan]) => {
      const at = { nowSeconds, missing: missing.get(zone) ?? [] }
      return [zone, keyStanding(keys.get(zone) ?? [], plan, at)] as const
    })
    this.standings.set(new Map(standings), this.#fault)
  }

  #tell(zone: DomainName, plan: KeyPlan<ZoneKey> | undefined): void {
    const { logger } = this.#options
    if (plan === undefined || plan.keySigners.length === 0) {
      logger.info({ component: 'dnssec', zone }, 'zone is not signed')
      return
    }
    const { keySigners, zoneSigners, published } = plan
    logger.info(
      {
        component: 'dnssec',
        zone,
        keys: tagsOf([...new Set([...keySigners, ...zoneSigners])]),
        count: published.length,
      },
      'zone is signed',
    )
    if (plan.isOverdue)
      logger.error(
        { component: 'dnssec', zone, keys: tagsOf(keySigners) },
        'no key of the zone is active: retired ones go on signing; activate another, or take DS records out of the parent and delete them',
      )
  }
}

type Plans = ReadonlyMap<DomainName, KeyPlan<ZoneKey>>

function signingZone(
  origin: DomainName,
  { keySigners, zoneSigners }: KeyPlan<ZoneKey>,
): readonly SigningZone[] {
  return keySigners.length === 0
    ? []
    : [{ origin, keySigners: keySigners.map(bare), zoneSigners: zoneSigners.map(bare) }]
}

function bare({ algorithm, tag, publicKey, privateKey }: ZoneKey): SigningZone['keySigners'][number] {
  return { algorithm, tag, publicKey, privateKey }
}

function sameSets(left: readonly RecordSet[] = [], right: readonly RecordSet[] = []): boolean {
  return sameAnswer({ kind: 'records', sets: left }, { kind: 'records', sets: right })
}

function wordsOf({ published, keySigners, zoneSigners, isOverdue }: KeyPlan<ZoneKey>): string {
  return [tagsOf(published), tagsOf(keySigners), tagsOf(zoneSigners), isOverdue].join(' ')
}

/** As `13/12345`, with commas between. */
function tagsOf(keys: readonly ZoneKey[]): string {
  return keys.map(keyLabel).join(',')
}
