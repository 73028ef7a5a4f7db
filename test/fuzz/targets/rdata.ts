import { TYPE } from '../../../src/dns/protocol.ts'
import { presentRdata } from '../../../src/dns/rdata/present-rdata.ts'
import { rdataProblem } from '../../../src/dns/rdata/rdata-problem.ts'
import { readRdata } from '../../../src/dns/rdata/read-rdata.ts'
import { negativeTtlSeconds, serialOf, withSerial } from '../../../src/dns/rdata/soa.ts'
import { typeName, typeNumber } from '../../../src/dns/rdata/type-names.ts'
import { entriesOf } from '../../../src/dns/zone-file/entries.ts'
import { AppError } from '../../../src/errors.ts'
import { nameBytes } from '../../support/dns-query.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

const TYPES = Array.from({ length: 300 }, (_, type) => type).filter(
  (type) => !typeName(type).startsWith('TYPE'),
)

/** Octets as rdata of every type: those that can be shown can be read again, and are then the same. */
export function rdataTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'rdata',
    share: 100,
    deep: () => deep,
    run(random: Random) {
      const type = random.once(20) ? random.below(65_536) : random.pick(TYPES)
      const rdata = octetsFor(random)
      faultless(rdata, () => {
        if (rdataProblem(type, rdata) !== undefined) return
        deep += 1
        const text = presentRdata(type, rdata)
        const back = readAgain(type, text)
        if (type === TYPE.SOA) judgeSerial(rdata)
        if (typeNumber(typeName(type)) !== type) throw new FuzzFault(`name of type ${type}`, rdata)
        if (Buffer.compare(back, rdata) !== 0)
          throw new FuzzFault(`${typeName(type)} ${text} is ${Buffer.from(back).toString('hex')}, not`, rdata)
      })
    },
  }
}

/** A SOA with another serial differs in nothing else. */
function judgeSerial(rdata: Uint8Array): void {
  const set = { type: TYPE.SOA, ttlSeconds: 60, rdata: [rdata] }
  const moved = withSerial(set, 4_000_000_000)
  if (serialOf(moved) !== 4_000_000_000 || negativeTtlSeconds(moved) !== negativeTtlSeconds(set))
    throw new FuzzFault('serial not moved', rdata)
  if (Buffer.compare(withSerial(moved, serialOf(set) ?? 0).rdata[0]!, rdata) !== 0)
    throw new FuzzFault('serial not moved back', rdata)
}

/** Words of a master file into rdata. */
function readAgain(type: number, text: string): Uint8Array {
  for (const entry of entriesOf(`x ${text}\n`)) {
    if ('words' in entry) return readRdata(type, entry.words.slice(1))
  }
  throw new AppError('no entry', { code: 'FUZZ', fields: { text } })
}

/** Numbers, names, strings and lengths in random order: most types are made of these. */
function octetsFor(random: Random): Uint8Array {
  if (random.once(12)) return soaOctets(random)
  const part = (): Uint8Array => {
    switch (random.below(6)) {
      case 0:
        return nameBytes(random.pick(['a.example', '', 'x', '*.b.example', 'a b.c']))
      case 1: {
        const string = random.octets(random.length(30))
        return Buffer.from([string.length, ...string])
      }
      case 2:
        return Buffer.from([0, random.below(8), 0, 2, 0, random.below(256)])
      default:
        return random.octets(random.pick([1, 2, 4, 4, 8, 16, random.length(60)]))
    }
  }
  return Buffer.concat(random.many(random.below(7), part))
}

function soaOctets(random: Random): Uint8Array {
  return Buffer.concat([nameBytes('ns.a'), nameBytes('host.a'), random.octets(random.once(6) ? 19 : 20)])
}
