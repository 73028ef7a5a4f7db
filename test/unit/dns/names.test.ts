import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isWithin,
  NameError,
  parseDomainName,
  prepend,
  tryDomainName,
  wireLength,
  wireName,
  writeWireName,
} from '../../../src/dns/names.ts'

const label63 = 'a'.repeat(63)
/** 255 octets on the wire. */
const longest = [label63, label63, label63, 'a'.repeat(61)].join('.')

describe('parseDomainName', () => {
  it.each([
    { name: 'adds the trailing dot', in: 'example.com', want: 'example.com.' },
    { name: 'keeps the trailing dot', in: 'example.com.', want: 'example.com.' },
    { name: 'lowers case', in: 'ExAmple.COM', want: 'example.com.' },
    { name: 'takes the root', in: '.', want: '.' },
    {
      name: 'takes a label that begins with an underscore (RFC 8552)',
      in: '_dns._udp.example.com',
      want: '_dns._udp.example.com.',
    },
    { name: 'takes the wildcard label', in: '*.example.com', want: '*.example.com.' },
    { name: 'takes a label of 63 octets', in: `${label63}.com`, want: `${label63}.com.` },
    { name: 'takes a name of 255 octets', in: longest, want: `${longest}.` },
  ])('$name', ({ in: text, want }) => {
    expect(parseDomainName(text)).toBe(want)
  })

  it.each([
    { name: 'nothing', in: '' },
    { name: 'two dots in a row', in: 'a..com' },
    { name: 'a dot in front', in: '.com' },
    { name: 'a hyphen at the end of a label', in: 'a-.com' },
    { name: 'a hyphen at the start of a label', in: '-a.com' },
    { name: 'a blank', in: 'a b.com' },
    { name: 'a letter beyond ASCII', in: 'bücher.example' },
    { name: 'a label of 64 octets', in: `${label63}a.com` },
    { name: 'a name of 256 octets', in: `a${longest}` },
  ])('refuses $name', ({ in: text }) => {
    expect(() => parseDomainName(text)).toThrow(NameError)
    expect(tryDomainName(text)).toBeUndefined()
  })
})

describe('prepend', () => {
  it.each([
    { name: 'joins labels in front', labels: 'a.b', to: 'example.com', want: 'a.b.example.com.' },
    { name: 'joins labels to the root', labels: 'com', to: '.', want: 'com.' },
  ])('$name', ({ labels, to, want }) => {
    expect(prepend(labels, parseDomainName(to))).toBe(want)
  })

  it('refuses a name above 255 octets', () => {
    expect(() => prepend('a', parseDomainName(longest))).toThrow(NameError)
  })
})

describe('isWithin', () => {
  it.each([
    { name: 'a name is within itself', of: 'example.com', zone: 'example.com', want: true },
    { name: 'a name is within its parent', of: 'a.example.com', zone: 'example.com', want: true },
    { name: 'everything is within the root', of: 'example.com', zone: '.', want: true },
    {
      name: 'a shared ending that is no label does not count',
      of: 'badexample.com',
      zone: 'example.com',
      want: false,
    },
    { name: 'a parent is not within its child', of: 'com', zone: 'example.com', want: false },
  ])('$name', ({ of, zone, want }) => {
    expect(isWithin(parseDomainName(of), parseDomainName(zone))).toBe(want)
  })
})

describe('wireName', () => {
  it.each([
    { name: 'the root is one zero octet', in: '.', want: '00' },
    {
      name: 'each label follows its length',
      in: 'ns1.example.com',
      want: '036e7331076578616d706c6503636f6d00',
    },
  ])('$name', ({ in: text, want }) => {
    expect(Buffer.from(wireName(parseDomainName(text))).toString('hex')).toBe(want)
  })

  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/)
  const domainName = fc
    .array(label, { minLength: 1, maxLength: 8 })
    .map((labels) => parseDomainName(labels.join('.')))

  it('has the length that wireLength says, wherever it is written', () => {
    fc.assert(
      fc.property(domainName, fc.nat(20), (name, at) => {
        const out = new Uint8Array(400)

        const end = writeWireName(name, out, at)

        expect(end - at).toBe(wireLength(name))
        expect(out.slice(at, end)).toEqual(wireName(name))
      }),
    )
  })

  it('reads back, label by label', () => {
    fc.assert(
      fc.property(domainName, (name) => {
        const wire = wireName(name)
        const labels: string[] = []
        for (let at = 0; wire[at] !== 0; at += wire[at]! + 1) {
          labels.push(Buffer.from(wire.subarray(at + 1, at + 1 + wire[at]!)).toString('latin1'))
        }

        expect(`${labels.join('.')}.`).toBe(name)
      }),
    )
  })
})
