import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName, wireName } from '../../../../src/dns/names.ts'
import { foldName, labelCount, parentName } from '../../../../src/dns/wire/name.ts'
import { NameKey } from '../../../../src/nameserver/zone-store/name-key.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'
import { nameBytes, queryBytes } from '../../../support/dns-query.ts'

const SEED = [0x1234_5678, 0x0bad_cafe] as const

/** Everything that a key says: its octets, where its labels are, and their hashes. */
function contents(key: NameKey): unknown {
  const labels = Array.from({ length: key.labels + 1 }, (_, label) => [key.starts[label], key.hashAt(label)])
  return { bytes: [...key.bytes.subarray(0, key.length)], labels }
}

function keyOf(name: Uint8Array): NameKey {
  const key = new NameKey(...SEED)
  expect(key.read(name, 0, name.length)).toBe(name.length)
  return key
}

describe('NameKey', () => {
  it('is the same however the name came', () => {
    const text = 'nginx.mynamespace.myfederation.svc.example.com'
    const query = queryBytes({ ask: `${text} A`, edns: {} })
    const [fromText, fromQuery] = [new NameKey(...SEED), new NameKey(...SEED)]

    fromText.set(parseDomainName(text))
    const end = fromQuery.readQuestion(query, query.length)

    expect(end).toBe(12 + text.length + 2)
    expect(contents(fromQuery)).toEqual(contents(fromText))
    expect(contents(keyOf(wireName(parseDomainName(text))))).toEqual(contents(fromText))
  })

  it('has other hashes under another seed', () => {
    const name = nameBytes('www.example')
    const other = new NameKey(SEED[0], SEED[1] + 1)
    other.read(name, 0, name.length)

    expect(other.hashAt(0)).not.toBe(keyOf(name).hashAt(0))
  })

  it('spreads names evenly: slots are taken from the low bits', () => {
    const buckets = new Uint32Array(64)
    const key = new NameKey(...SEED)
    for (let i = 0; i < 64_000; i += 1) {
      key.set(parseDomainName(`svc-${i}.ns.example.com`))
      buckets[key.hashAt(0) & 63]! += 1
    }

    expect(Math.min(...buckets)).toBeGreaterThan(850)
    expect(Math.max(...buckets)).toBeLessThan(1150)
  })

  it.each([
    { name: 'a pointer', in: [0xc0, 0x0c] },
    { name: 'a label of a reserved type', in: [0x40, 1, 0] },
    { name: 'a label beyond the end', in: [5, 97, 98] },
    { name: 'no root', in: [1, 97] },
    { name: 'nothing', in: [] },
    { name: 'a name of 256 octets', in: [...nameBytes(`${'a.'.repeat(127)}aa`)] },
  ])('refuses $name, in a question as anywhere', ({ in: octets }) => {
    const key = new NameKey(...SEED)
    const query = Buffer.concat([Buffer.alloc(12), Buffer.from(octets)])

    expect(key.read(Uint8Array.from(octets), 0, octets.length)).toBe(-1)
    expect(key.readQuestion(query, query.length)).toBe(-1)
  })

  it('takes the longest name, of 127 labels', () => {
    const name = nameBytes('a.'.repeat(127))
    const query = Buffer.concat([Buffer.alloc(12), name])
    const key = new NameKey(...SEED)

    expect(name).toHaveLength(255)
    expect(key.readQuestion(query, query.length)).toBe(267)
    expect(key.labels).toBe(127)
    expect(contents(key)).toEqual(contents(keyOf(name)))
  })
})

describe('properties', () => {
  it('a question is read as the name itself, in lower case', () => {
    fc.assert(
      fc.property(wireNames, fc.uint8Array({ maxLength: 20 }), (name, tail) => {
        const query = Buffer.concat([Buffer.alloc(12), name, tail])
        const key = new NameKey(...SEED)

        expect(key.readQuestion(query, query.length)).toBe(12 + name.length)
        expect(contents(key)).toEqual(contents(keyOf(foldName(name))))
        expect([...key.bytes.subarray(0, key.length)]).toEqual([...foldName(name)])
      }),
    )
  })

  it('the hash at a label is the hash of the name from that label on', () => {
    fc.assert(
      fc.property(wireNames, (name) => {
        const key = keyOf(name)
        for (let label = 0; label <= labelCount(name); label += 1) {
          expect(keyOf(parentName(name, label)).hashAt(0)).toBe(key.hashAt(label))
        }
      }),
    )
  })
})
