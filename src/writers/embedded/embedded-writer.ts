import type { Feed, Ledger } from '../../core/discovery/types.ts'
import { addressBytes, type Address } from '../../dns/address.ts'
import { isWithin, type DomainName } from '../../dns/names.ts'
import { nsSet } from '../../dns/rdata/ns.ts'
import { soaSet } from '../../dns/rdata/soa.ts'
import type { Answer, NameChange, RecordSet } from '../../dns/records.ts'
import { describeError } from '../../errors.ts'
import type { ZoneState, ZoneWriter } from '../../nameserver/types.ts'
import type { Clock, Timer } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'

/** The fixed part of a zone that our own server answers for. */
export interface ZoneSettings {
  readonly origin: DomainName
  /** Targets of the NS records; the first is the SOA's MNAME. Never empty. */
  readonly nameServers: readonly [DomainName, ...DomainName[]]
  /** SOA TTL and MINIMUM: how long a denial may be cached (RFC 2308, 4 and 5). */
  readonly negativeTtlSeconds: number
}

export interface EmbeddedWriter {
  /** Declare a zone, or change its settings. Equal settings are a no-op. */
  declare(settings: ZoneSettings): void
  /** Names in the zone are refused from now on. */
  remove(origin: DomainName): void
  /** `loading` and `expired` answer SERVFAIL in every zone. */
  setState(state: ZoneState): void
  /** Serial of a zone's SOA; undefined: not a zone of ours. */
  serial(origin: DomainName): number | undefined
  /** Publish what the ledger has changed, now. Called by itself on every change; tests call it too. */
  flush(): void
  close(): void
}

export interface EmbeddedWriterOptions {
  readonly ledger: Ledger
  readonly zones: ZoneWriter
  readonly clock: Clock
  readonly logger: Logger
  /** Called after names were swapped in. */
  readonly published?: (changes: readonly NameChange[]) => void
}

interface Zone {
  readonly settings: ZoneSettings
  serial: number
  /** Addresses published at the zone's own name, beside SOA and NS. */
  apex?: Answer
}

/** How secondaries treat the zone (RFC 1912, 2.2); the minimum and the TTLs are the zone's own. */
const REFRESH_SECONDS = 60
const RETRY_SECONDS = 15
const EXPIRE_SECONDS = 1_209_600
const NS_TTL_SECONDS = 3_600
const RETRY_PUBLISH_MS = 1_000
const TYPE_A = 1
const TYPE_AAAA = 28

/**
 * From the ledger to the zone store, in the tick of the change: targets first, then aliases to them, withdrawn names
 * last, so that no answer between two names is ever a dangling alias; each touched zone's serial moves with it.
 */
export function createEmbeddedWriter(options: EmbeddedWriterOptions): EmbeddedWriter {
  const zones = new Map<DomainName, Zone>()
  let state: ZoneState = 'loading'
  let scheduled = false
  let closed = false
  let retry: Timer | undefined

  const schedule = (): void => {
    if (scheduled || closed) return
    scheduled = true
    queueMicrotask(flush)
  }
  const feed: Feed = options.ledger.open('everything', schedule)

  const flush = (): void => {
    scheduled = false
    if (closed) return
    const changes = feed.take(Number.POSITIVE_INFINITY, options.clock.nowMs())
    if (changes.length === 0) return
    const touched = new Set<Zone>()
    const publishable: NameChange[] = []
    for (const change of changes) {
      const zone = zoneOf(change.name, zones)
      if (zone !== undefined) touched.add(zone)
      if (zone?.settings.origin === change.name) setApex(zone, change.answer)
      else publishable.push(change)
    }
    publish([...inOrder(publishable), ...[...touched].map((zone) => soaChange(zone, options.clock.nowMs()))])
    options.published?.(changes)
  }

  const publish = (changes: readonly NameChange[]): void => {
    try {
      options.zones.publish(changes)
    } catch (error) {
      options.logger.error({ err: describeError(error), count: changes.length }, 'zone store refused names')
      feed.again(
        changes.map((change) => change.name).filter((name) => !zones.has(name)),
        options.clock.nowMs() + RETRY_PUBLISH_MS,
      )
      retry?.cancel()
      retry = options.clock.after(RETRY_PUBLISH_MS, schedule)
    }
  }

  return {
    declare(settings) {
      const old = zones.get(settings.origin)
      if (old !== undefined && sameSettings(old.settings, settings)) return
      const zone: Zone = { ...old, settings, serial: old?.serial ?? 0 }
      zones.set(settings.origin, zone)
      const apex = options.ledger.get(settings.origin)?.answer
      if (apex !== undefined) setApex(zone, apex)
      publish([soaChange(zone, options.clock.nowMs())])
      options.zones.setState(settings.origin, state)
    },
    remove(origin) {
      if (!zones.delete(origin)) return
      options.zones.setState(origin, 'gone')
      const answer = options.ledger.get(origin)?.answer
      publish([{ name: origin, urgent: false, ...(answer === undefined ? {} : { answer }) }])
    },
    setState(next) {
      state = next
      for (const origin of zones.keys()) options.zones.setState(origin, state)
    },
    serial: (origin) => zones.get(origin)?.serial,
    flush,
    close() {
      closed = true
      retry?.cancel()
      feed.close()
    },
  }
}

/** Address sets, then aliases, then withdrawals; the feed's own order (urgent first) within each. */
function inOrder(changes: readonly NameChange[]): readonly NameChange[] {
  const stage = (change: NameChange): number =>
    change.answer === undefined ? 2 : change.answer.kind === 'alias' ? 1 : 0
  return [...changes].sort((left, right) => stage(left) - stage(right))
}

function zoneOf(name: DomainName, zones: ReadonlyMap<DomainName, Zone>): Zone | undefined {
  let best: Zone | undefined
  for (const zone of zones.values()) {
    const longer = best === undefined || zone.settings.origin.length > best.settings.origin.length
    if (longer && isWithin(name, zone.settings.origin)) best = zone
  }
  return best
}

function setApex(zone: Zone, answer: Answer | undefined): void {
  if (answer === undefined) delete zone.apex
  else zone.apex = answer
}

/** SOA and NS of a zone with its next serial: above the last one and not below Unix seconds (RFC 1912, 2.2; RFC 1982). */
function soaChange(zone: Zone, nowMs: number): NameChange {
  const { origin, nameServers, negativeTtlSeconds } = zone.settings
  zone.serial = Math.max(zone.serial + 1, Math.floor(nowMs / 1000)) % 2 ** 32
  const soa = soaSet({
    mname: nameServers[0],
    rname: `hostmaster.${origin === '.' ? '' : origin}` as DomainName, // a label of ours before a parsed name
    serial: zone.serial,
    refreshSeconds: REFRESH_SECONDS,
    retrySeconds: RETRY_SECONDS,
    expireSeconds: EXPIRE_SECONDS,
    minimumSeconds: negativeTtlSeconds,
    ttlSeconds: negativeTtlSeconds,
  })
  const sets = [soa, nsSet(nameServers, NS_TTL_SECONDS), ...apexSets(zone.apex)]
  return { name: origin, answer: { kind: 'records', sets }, urgent: false }
}

/** Addresses at the apex as RRsets; an alias cannot stand beside SOA and NS (RFC 1034, 3.6.2) and is left out. */
function apexSets(answer: Answer | undefined): readonly RecordSet[] {
  if (answer === undefined || answer.kind === 'alias') return []
  if (answer.kind === 'records') return answer.sets
  return [
    ...addressSet(TYPE_A, answer.ttlSeconds, answer.a),
    ...addressSet(TYPE_AAAA, answer.ttlSeconds, answer.aaaa),
  ]
}

function addressSet(type: number, ttlSeconds: number, addresses: readonly Address[]): readonly RecordSet[] {
  return addresses.length === 0 ? [] : [{ type, ttlSeconds, rdata: addresses.map(addressBytes) }]
}

function sameSettings(left: ZoneSettings, right: ZoneSettings): boolean {
  return (
    left.origin === right.origin &&
    left.negativeTtlSeconds === right.negativeTtlSeconds &&
    left.nameServers.join() === right.nameServers.join()
  )
}
