import type { ObjectKey } from '../api/keys.ts'

/** Which records look at which backend Services. */
export class BackendIndex {
  readonly #servicesOf = new Map<ObjectKey, readonly ObjectKey[]>()
  readonly #recordsOf = new Map<ObjectKey, Set<ObjectKey>>()

  /** Declare all Services that a record looks at; an empty list ends it. */
  set(record: ObjectKey, services: readonly ObjectKey[]): void {
    for (const service of this.#servicesOf.get(record) ?? []) this.#unlink(service, record)
    if (services.length === 0) this.#servicesOf.delete(record)
    else this.#servicesOf.set(record, services)
    for (const service of services) {
      const records = this.#recordsOf.get(service)
      if (records === undefined) this.#recordsOf.set(service, new Set([record]))
      else records.add(record)
    }
  }

  /** The records that look at a Service. */
  recordsOf(service: ObjectKey): Iterable<ObjectKey> {
    return this.#recordsOf.get(service) ?? []
  }

  #unlink(service: ObjectKey, record: ObjectKey): void {
    const records = this.#recordsOf.get(service)
    records?.delete(record)
    if (records?.size === 0) this.#recordsOf.delete(service)
  }
}
