import { readName } from '../../src/dns/presentation.ts'
import { typeNumber } from '../../src/dns/rdata/type-names.ts'
import type { EdnsOption } from '../../src/dns/wire/message.ts'
import { TYPES } from './dns-lines.ts'

export interface QueryEdns {
  readonly version?: number
  readonly payloadBytes?: number
  readonly flags?: number
  readonly options?: readonly EdnsOption[]
}

export interface QueryShape {
  /** `name type`, in any case; the class is IN. */
  readonly ask?: string
  readonly class?: number
  readonly id?: number
  readonly opcode?: number
  /** Raw bits of the second header word: 0x0400 AA, 0x0200 TC, 0x0100 RD, 0x0080 RA, 0x0040 Z, 0x0020 AD, 0x0010 CD. */
  readonly flags?: number
  readonly edns?: QueryEdns
  /** Octets behind everything else. */
  readonly tail?: readonly number[]
  /** QD, AN, NS and AR as claimed; else as they are. */
  readonly counts?: readonly [number, number, number, number]
}

export const FLAG = {
  aa: 0x0400,
  tc: 0x0200,
  rd: 0x0100,
  ra: 0x0080,
  z: 0x0040,
  ad: 0x0020,
  cd: 0x0010,
} as const

/** The octets of a query, put together by hand: what a broken client sends can be written too. */
export function queryBytes(shape: QueryShape): Buffer {
  const question = shape.ask === undefined ? Buffer.alloc(0) : questionBytes(shape.ask, shape.class ?? 1)
  const opt = shape.edns === undefined ? Buffer.alloc(0) : optBytes(shape.edns)
  const header = Buffer.alloc(12)
  header.writeUInt16BE(shape.id ?? 0x1234, 0)
  header.writeUInt16BE(((shape.opcode ?? 0) << 11) | (shape.flags ?? 0), 2)
  const counts = shape.counts ?? [shape.ask === undefined ? 0 : 1, 0, 0, shape.edns === undefined ? 0 : 1]
  counts.forEach((count, i) => header.writeUInt16BE(count, 4 + 2 * i))
  return Buffer.concat([header, question, opt, Buffer.from(shape.tail ?? [])])
}

export function questionBytes(ask: string, klass: number): Buffer {
  const [name, type] = [ask.slice(0, ask.lastIndexOf(' ')), ask.slice(ask.lastIndexOf(' ') + 1)] // a label may hold a blank
  const number = TYPES[type] ?? typeNumber(type) ?? Number.NaN
  if (!Number.isInteger(number)) throw new Error(`no such type: ${type}`)
  return Buffer.concat([nameBytes(name), u16(number), u16(klass)])
}

/** A name with its dots as label ends, escapes as in master files; case and odd octets are kept. */
export function nameBytes(name: string): Buffer {
  if (name.includes('\\')) return Buffer.from(readName(name, Uint8Array.of(0)))
  const labels = name
    .replace(/\.$/, '')
    .split('.')
    .filter((label) => label !== '')
  const parts = labels.map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
  )
  return Buffer.concat([...parts, Buffer.from([0])])
}

export function optBytes(edns: QueryEdns): Buffer {
  const options = (edns.options ?? []).map(({ code, data }) =>
    Buffer.concat([u16(code), u16(data.length), data]),
  )
  const body = Buffer.concat(options)
  const fixed = Buffer.from([0, 0, 41, 0, 0, 0, edns.version ?? 0, 0, 0, 0, 0])
  fixed.writeUInt16BE(edns.payloadBytes ?? 1232, 3)
  fixed.writeUInt16BE(edns.flags ?? 0, 7)
  fixed.writeUInt16BE(body.length, 9)
  return Buffer.concat([fixed, body])
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}
