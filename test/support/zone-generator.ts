import fc from 'fast-check'

/** Labels of generated zones: few, so that names meet, with the odd ones that zones really hold. */
const LABELS = ['a', 'b', 'c', 'www', '*', '_tcp', 'x-1'] as const

const label = fc.constantFrom(...LABELS)
/** Relative to the origin; the origin itself is `@`. */
const owner = fc.oneof(
  { weight: 1, arbitrary: fc.constant('@') },
  { weight: 9, arbitrary: fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')) },
)
const target = fc.oneof(
  { weight: 6, arbitrary: owner },
  { weight: 1, arbitrary: fc.constantFrom('www.elsewhere.test.', 'ns.elsewhere.test.') },
)
const octet = fc.integer({ min: 1, max: 250 })

const data = fc.oneof(
  { weight: 5, arbitrary: octet.map((last) => `A 192.0.2.${last}`) },
  { weight: 2, arbitrary: octet.map((last) => `AAAA 2001:db8::${last}`) },
  { weight: 2, arbitrary: octet.map((last) => `TXT "text ${last}"`) },
  { weight: 2, arbitrary: target.map((name) => `CNAME ${name}`) },
  { weight: 1, arbitrary: target.map((name) => `MX 10 ${name}`) },
  { weight: 1, arbitrary: target.map((name) => `SRV 0 5 443 ${name}`) },
  { weight: 2, arbitrary: target.map((name) => `NS ${name}`) },
  { weight: 1, arbitrary: target.map((name) => `DNAME ${name}`) },
  { weight: 1, arbitrary: fc.constant('DS 1 13 2 00ff') },
  { weight: 1, arbitrary: fc.constant('TYPE65534 \\# 2 abcd') },
)

/**
 * Record lines, relative to the origin and without TTL. Most such zones break some rule; whoever uses them leaves out what a reader of
 * zones refuses.
 */
export const recordLines: fc.Arbitrary<readonly string[]> = fc.array(
  fc
    .tuple(owner, data)
    .filter(([name, rest]) => !leadsBelowItself(name, rest))
    .map(([name, rest]) => `${name} ${rest}`),
  { minLength: 5, maxLength: 40 },
)

/** A DNAME without end, of which every server makes what it likes (RFC 6672, 5.1), would be in every third zone. */
function leadsBelowItself(name: string, rest: string): boolean {
  const [type, target = ''] = rest.split(' ')
  return type === 'DNAME' && (name === '@' || target === name || target.endsWith(`.${name}`))
}
