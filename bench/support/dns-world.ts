import { tryAddress, type Address } from '../../src/dns/address.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import { nsSet } from '../../src/dns/rdata/ns.ts'
import { soaSet } from '../../src/dns/rdata/soa.ts'
import type { NameChange } from '../../src/dns/records.ts'
import type { ZoneWriter } from '../../src/nameserver/types.ts'

/** Names of the shape that a federation publishes, 75 octets on the wire each. */
export function benchName(index: number): string {
  const service = String(index).padStart(6, '0')
  const namespace = String(index % 100).padStart(3, '0')
  return `svc-${service}.namespace-${namespace}.myfederation.svc.us-east1-b.us-east1.example.com.`
}

/**
 * So many names with one IPv4 address each, in one zone.
 * @returns what publishing took for a name, in microseconds
 */
export function publishWorld(writer: ZoneWriter, names: number): number {
  const origin = parseDomainName('example.com')
  const server = parseDomainName('ns1.example.com')
  const soa = soaSet({
    mname: server,
    rname: parseDomainName('hostmaster.example.com'),
    serial: 1,
    refreshSeconds: 60,
    retrySeconds: 15,
    expireSeconds: 1_209_600,
    minimumSeconds: 15,
    ttlSeconds: 15,
  })
  const apex = { kind: 'records', sets: [soa, nsSet([server], 3600)] } as const
  writer.publish([{ name: origin, answer: apex, urgent: false }])
  writer.setState(origin, 'serving')
  const changes = Array.from({ length: names }, (_, index) => oneAddress(index))
  const begin = performance.now()
  writer.publish(changes)
  return ((performance.now() - begin) * 1000) / names
}

function oneAddress(index: number): NameChange {
  const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
  return {
    name: parseDomainName(benchName(index)),
    answer: { kind: 'addresses', ttlSeconds: 30, a: [tryAddress(address) as Address], aaaa: [] }, // four decimal parts
    urgent: false,
  }
}
