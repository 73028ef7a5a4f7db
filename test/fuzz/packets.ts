import { COOKIE_BYTES, ServerCookies } from '../../src/dns/answer/cookies.ts'
import { FLAG, nameBytes, queryBytes, type QueryShape } from '../support/dns-query.ts'
import type { Random } from './random.ts'
import { NAMES } from './zones.ts'

const COMMON_TYPES = [1, 28, 5, 2, 6, 15, 16, 33, 39, 43, 65, 255, 46, 47, 48] as const
const ODD_TYPES = [
  0, 10, 12, 41, 59, 60, 64, 128, 249, 250, 251, 252, 253, 254, 257, 666, 65_280, 65_535,
] as const
const OPTION_CODES = [3, 8, 9, 10, 11, 12, 15, 100, 65_001] as const
const FLAGS = Object.values(FLAG)
const OF_SERVER = ['id.server', 'hostname.bind', 'version.server', 'VERSION.bind', 'authors.bind'] as const
/** What a server whose secret is all zeros gave to the client 0.0.0.0 at the beginning of 1970. */
const LEARNED = learnedCookie()

/** A message as some client might send it, well formed or nearly so. */
export function realPacket(random: Random): Buffer {
  switch (random.below(12)) {
    case 0:
      return update(random)
    case 1:
      return notify(random)
    case 2:
      return withRecords(random, query(random))
    default:
      return queryBytes(query(random))
  }
}

/** A message, now and then with octets changed, cut, doubled or put in; sometimes nothing but noise. */
export function packet(random: Random): Buffer {
  if (random.once(40)) return random.octets(random.length(600))
  const whole = realPacket(random)
  return random.once(3) ? whole : mutated(random, whole)
}

function mutated(random: Random, whole: Buffer): Buffer {
  let octets: Buffer = Buffer.from(whole)
  for (let edits = random.below(4) + 1; edits > 0; edits -= 1) {
    const at = random.once(6)
      ? random.below(octets.length + 1)
      : 12 + random.below(Math.max(1, octets.length - 12))
    switch (random.below(7)) {
      case 0:
        octets = octets.subarray(0, at)
        break
      case 1:
        octets = Buffer.concat([octets.subarray(0, at), octets.subarray(random.below(octets.length + 1))])
        break
      case 2:
        octets = Buffer.concat([octets, random.octets(random.length(40))])
        break
      case 3:
        octets = Buffer.concat([octets.subarray(0, at), random.octets(random.length(6)), octets.subarray(at)])
        break
      case 4:
        octets = replaced(octets, at, random.pick([0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff]))
        break
      default:
        octets = replaced(octets, at, random.below(256))
    }
  }
  return octets.subarray(0, 4096)
}

function replaced(octets: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(octets)
  if (at < copy.length) copy[at] = value
  return copy
}

function query(random: Random): QueryShape {
  if (random.once(30))
    return { ask: `${random.pick(OF_SERVER)} TYPE${random.pick([16, 16, 255, 1])}`, class: 3 }
  return {
    ask: `${name(random)} TYPE${type(random)}`,
    id: random.below(65_536),
    ...(random.once(8) ? { class: random.pick([3, 4, 254, 255, 0]) } : {}),
    ...(random.once(16) ? { opcode: random.below(16) } : {}),
    ...(random.once(3)
      ? { flags: FLAGS.filter(() => random.once(3)).reduce((all, flag) => all | flag, 0) }
      : {}),
    ...(random.once(16) ? { counts: counts(random) } : {}),
    ...(random.once(2) ? { edns: edns(random) } : {}),
  }
}

function name(random: Random): string {
  const known = random.pick(NAMES)
  if (random.once(6)) return `${label(random)}.${known}`
  return random.once(10) ? random.many(random.below(12), () => label(random)).join('.') : known
}

function label(random: Random): string {
  if (random.once(8))
    return random
      .octets(1 + random.length(70))
      .toString('latin1')
      .replaceAll(/[.\\]/g, '-')
  return random.pick(['x', 'www', '*', 'a', 'zone', 'x'.repeat(63), 'x'.repeat(64), '\u0000', '_tcp'])
}

function type(random: Random): number {
  return random.once(4) ? random.pick(ODD_TYPES) : random.pick(COMMON_TYPES)
}

function counts(random: Random): [number, number, number, number] {
  const count = (): number => random.pick([0, 0, 1, 2, 255, 65_535])
  return [random.pick([0, 1, 1, 2, 65_535]), count(), count(), count()]
}

function edns(random: Random): NonNullable<QueryShape['edns']> {
  return {
    payloadBytes: random.pick([0, 511, 512, 1232, 1400, 4096, 65_535]),
    flags: random.pick([0, 0, 0x8000, 0xc000, 0x4000, 0x0080]),
    ...(random.once(12) ? { version: random.pick([1, 2, 255]) } : {}),
    options: random.many(random.below(4), () => option(random)),
  }
}

function option(random: Random): { code: number; data: Uint8Array } {
  const code = random.pick(OPTION_CODES)
  if (code === 10 && random.once(3)) return { code, data: LEARNED }
  if (code === 10 && !random.once(4)) return { code, data: random.octets(random.pick([8, 16, 24, 40])) }
  if (code === 8 && !random.once(4)) return { code, data: subnet(random) }
  return { code, data: random.octets(random.length(64)) }
}

function subnet(random: Random): Uint8Array {
  const family = random.pick([1, 1, 2, 3])
  const prefix = random.pick([0, 1, 8, 20, 24, 32, 33, 56, 128, 129])
  const address = random.octets(Math.ceil(prefix / 8))
  if (prefix % 8 !== 0 && address.length > 0 && !random.once(3))
    address[address.length - 1]! &= 0xff << (8 - (prefix % 8))
  return Uint8Array.of(0, family, prefix, random.once(8) ? prefix : 0, ...address)
}

/** Records behind the question: as IXFR, or as nobody would. */
function withRecords(random: Random, shape: QueryShape): Buffer {
  const sections = [random.below(3), random.below(3), random.below(3)] as const
  const records = random.many(
    sections.reduce((sum, count) => sum + count, 0),
    () => record(random),
  )
  return queryBytes({
    ...shape,
    counts: [1, sections[0], sections[1], sections[2]],
    tail: [...Buffer.concat(records)],
  })
}

function record(random: Random): Buffer {
  const owner = random.once(3) ? Buffer.from([0xc0, 12 + random.length(40)]) : nameBytes(name(random))
  const rdata = random.once(3) ? nameBytes(name(random)) : random.octets(random.length(40))
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(type(random), 0)
  fixed.writeUInt16BE(random.pick([1, 1, 1, 254, 255, 3]), 2)
  fixed.writeUInt32BE(random.pick([0, 60, 0x7fff_ffff, 0xffff_ffff]), 4)
  fixed.writeUInt16BE(random.once(8) ? random.below(65_536) : rdata.length, 8)
  return Buffer.concat([owner, fixed, rdata])
}

function update(random: Random): Buffer {
  const sections = [random.below(3), random.below(4), random.below(2)] as const
  const records = random.many(
    sections.reduce((sum, count) => sum + count, 0),
    () => record(random),
  )
  return queryBytes({
    ask: `${random.pick(['fed.test', 'other.test', 'elsewhere.test'])} TYPE6`,
    opcode: 5,
    counts: [1, sections[0], sections[1], sections[2]],
    tail: [...Buffer.concat(records)],
  })
}

function notify(random: Random): Buffer {
  return queryBytes({
    ask: `${random.pick(['fed.test', 'elsewhere.test'])} TYPE6`,
    opcode: 4,
    flags: FLAG.aa,
  })
}

function learnedCookie(): Uint8Array {
  const cookies = new ServerCookies([new Uint8Array(16)])
  const requester = { octets: new Uint8Array(16), length: 4 as const, nowSeconds: 0 }
  cookies.read(new Uint8Array(8), 0, { length: 8, requester })
  const learned = new Uint8Array(COOKIE_BYTES)
  cookies.write(learned, 0)
  return learned
}
