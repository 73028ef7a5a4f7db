import { parseDomainName, type DomainName } from '../../src/dns/names.ts'
import { TransferReader } from '../../src/dns/transfer-in/transfer-reader.ts'
import type { TransferStep, ZoneNames } from '../../src/dns/transfer-in/received.ts'
import { noTransfers, type TransferCounts } from '../../src/nameserver/transfer/counts.ts'
import { HeldZones } from '../../src/nameserver/transfer/held-zones.ts'
import { TransferHandler, type RefusedTransfer } from '../../src/nameserver/transfer/transfer-handler.ts'
import type { TransferRule } from '../../src/nameserver/transfer/transfer-rules.ts'
import type { ControlRequest } from '../../src/nameserver/control/types.ts'
import { silentLogger, type Logger } from '../../src/telemetry/logger.ts'
import { changesOf } from './dns-lines.ts'
import { queryBytes } from './dns-query.ts'
import { linesOf, ROOMY } from './received-transfers.ts'
import { ixfrQuery } from './transfer-requests.ts'

/** A primary in one thread: zones held, and the handler of transfers. */
export class TestPrimary {
  readonly zones = new HeldZones()
  readonly counts: TransferCounts = noTransfers()
  /** Transfers refused as their zone is signed here. */
  readonly refusals: RefusedTransfer[] = []
  readonly handler: TransferHandler

  constructor({
    rules = [{}],
    logger = silentLogger,
  }: { readonly rules?: readonly TransferRule[]; readonly logger?: Logger } = {}) {
    this.handler = new TransferHandler({
      ...{ zones: this.zones, rules, counts: this.counts, logger },
      refused: (refusal) => this.refusals.push(refusal),
    })
  }

  /** Zone lines (dns-lines.ts): what these names say from now on. */
  publish(...lines: readonly string[]): this {
    this.zones.hold(changesOf(lines))
    return this
  }

  withdraw(...names: readonly string[]): this {
    this.zones.hold(names.map((name) => ({ name: parseDomainName(name), urgent: false })))
    return this
  }

  serve(...origins: readonly string[]): this {
    for (const origin of origins) this.zones.setState(parseDomainName(origin), 'serving')
    return this
  }

  /** The reply to octets, message by message, as far as it is read. */
  ask(message: Uint8Array, request: Partial<ControlRequest> = {}): Generator<Uint8Array> {
    return this.handler.handle({
      kind: 'transfer',
      message,
      transport: 'tcp',
      address: Uint8Array.of(127, 0, 0, 1),
      reservedBytes: 0,
      ...request,
    })
  }
}

/** A secondary that takes only what fits exactly: what is to be removed has to be there, what is added must not be. */
export class ModelSecondary {
  readonly #primary: TestPrimary
  readonly #origin: DomainName
  #held: { readonly serial: number; readonly names: ZoneNames } | undefined
  /** Of each transfer: what it was. */
  readonly seen: string[] = []

  constructor(primary: TestPrimary, origin: string) {
    this.#primary = primary
    this.#origin = parseDomainName(origin)
  }

  /** Begin a transfer: what was asked for is what there is now. The messages are read by finish(). */
  begin(): { finish(): void } {
    const have = this.#held
    const message =
      have === undefined ? queryBytes({ ask: `${this.#origin} AXFR` }) : ixfrQuery(this.#origin, have.serial)
    const reply = this.#primary.ask(message)
    const first = reply.next()
    const reader = new TransferReader({
      origin: this.#origin,
      id: 0x1234,
      limits: ROOMY,
      ...(have === undefined ? {} : { have }),
    })
    return {
      finish: () => {
        let step: TransferStep = { kind: 'more' }
        for (let next = first; next.done !== true; next = reply.next()) step = reader.push(next.value)
        this.#take(step)
      },
    }
  }

  sync(): void {
    this.begin().finish()
  }

  get serial(): number | undefined {
    return this.#held?.serial
  }

  /** `name ttl type rdata`, sorted. */
  get lines(): readonly string[] {
    return linesOf(this.#held?.names ?? [])
  }

  #take(step: TransferStep): void {
    this.seen.push(step.kind)
    if (step.kind === 'whole') this.#held = { serial: step.serial, names: step.names }
    if (step.kind === 'increment') {
      const names = new Map(this.#held?.names)
      for (const { name, sets } of step.changes) {
        if (sets.length === 0) names.delete(name)
        else names.set(name, sets)
      }
      this.#held = { serial: step.serial, names }
    }
    if (step.kind === 'more' || step.kind === 'failed') throw new Error(`transfer is ${JSON.stringify(step)}`)
  }
}
