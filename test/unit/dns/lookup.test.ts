import { describe, expect, it } from 'vitest'
import { lookUp, MAX_ALIAS_LINKS } from '../../../src/dns/lookup.ts'
import { presentName } from '../../../src/dns/wire/name.ts'
import { changesOf, TYPES } from '../../support/dns-lines.ts'
import { MapView } from '../../support/dns-map-view.ts'
import { nameBytes } from '../../support/dns-query.ts'

const SOA = 'SOA ns.example. host.example. 1 2 3 4 5'

function zones(...lines: readonly string[]): MapView {
  const view = new MapView()
  view.publish(changesOf([`example. 60 ${SOA}`, `other.test. 60 ${SOA}`, ...lines]))
  view.setState('example', 'serving')
  view.setState('other.test', 'serving')
  return view
}

/** `name -> name -> ending name: kind [zone]` */
function walk(view: MapView, ask: string): string {
  const [name = '', type = ''] = ask.split(' ')
  const found = lookUp(view, nameBytes(name), TYPES[type] ?? 0)
  const steps = [...found.links.map((link) => link.name), found.name].map(presentName)
  const zone = 'zone' in found.end ? ` in ${presentName(found.end.zone.origin)}` : ''
  return `${steps.join(' -> ')}: ${found.end.kind}${zone}`
}

describe('lookUp', () => {
  const view = zones(
    'www.example. 30 A 192.0.2.1',
    'alias.example. 30 CNAME www.example.',
    'far.example. 30 CNAME x.other.test.',
    'x.other.test. 30 A 192.0.2.2',
    'away.example. 30 CNAME elsewhere.org.',
    'dangling.example. 30 CNAME nothing.example.',
    'to-ent.example. 30 CNAME b.example.',
    'a.b.example. 30 A 192.0.2.3',
    'loop1.example. 30 CNAME loop2.example.',
    'loop2.example. 30 CNAME loop1.example.',
    'self.example. 30 CNAME self.example.',
    'silent.example.',
  )

  it.each([
    { name: 'a name with the type', in: 'www.example A', want: 'www.example.: records in example.' },
    { name: 'a name in another case', in: 'WwW.ExamplE A', want: 'WwW.ExamplE.: records in example.' },
    { name: 'a name without the type', in: 'www.example AAAA', want: 'www.example.: no-data in example.' },
    { name: 'a name that is not there', in: 'nope.example A', want: 'nope.example.: no-name in example.' },
    {
      name: 'an empty non-terminal exists (RFC 4592, 2.2.2)',
      in: 'b.example A',
      want: 'b.example.: no-data in example.',
    },
    {
      name: 'a name claimed with nothing to say',
      in: 'silent.example A',
      want: 'silent.example.: no-data in example.',
    },
    {
      name: 'a name below a name that has data',
      in: 'x.www.example A',
      want: 'x.www.example.: no-name in example.',
    },
    { name: 'a name in no zone', in: 'www.org A', want: 'www.org.: not-ours' },
    {
      name: 'an alias is followed',
      in: 'alias.example A',
      want: 'alias.example. -> www.example.: records in example.',
    },
    {
      name: 'an alias asked for is not followed',
      in: 'alias.example CNAME',
      want: 'alias.example.: records in example.',
    },
    {
      name: 'ANY gives the alias, not its target',
      in: 'alias.example ANY',
      want: 'alias.example.: records in example.',
    },
    {
      name: 'an alias into another zone of ours',
      in: 'far.example A',
      want: 'far.example. -> x.other.test.: records in other.test.',
    },
    {
      name: 'an alias out of our zones',
      in: 'away.example A',
      want: 'away.example. -> elsewhere.org.: not-ours',
    },
    {
      name: 'an alias to nothing',
      in: 'dangling.example A',
      want: 'dangling.example. -> nothing.example.: no-name in example.',
    },
    {
      name: 'an alias to an empty non-terminal',
      in: 'to-ent.example A',
      want: 'to-ent.example. -> b.example.: no-data in example.',
    },
    { name: 'an alias to itself ends', in: 'self.example A', want: 'self.example. -> self.example.: no-end' },
    {
      name: 'two aliases that lead to each other end',
      in: 'loop1.example A',
      want: 'loop1.example. -> loop2.example. -> loop1.example.: no-end',
    },
  ])('$name', ({ in: ask, want }) => {
    expect(walk(view, ask)).toBe(want)
  })

  it('gives up a chain of so many aliases', () => {
    const chain = Array.from(
      { length: MAX_ALIAS_LINKS + 1 },
      (_, i) => `c${i}.example. 30 CNAME c${i + 1}.example.`,
    )
    const long = zones(...chain, `c${MAX_ALIAS_LINKS + 1}.example. 30 A 192.0.2.1`)

    expect(lookUp(long, nameBytes('c1.example'), 1)).toMatchObject({ end: { kind: 'no-end' } })
    expect(lookUp(long, nameBytes('c1.example'), 1).links).toHaveLength(MAX_ALIAS_LINKS)
    expect(lookUp(long, nameBytes('c2.example'), 1)).toMatchObject({ end: { kind: 'records' } })
  })

  it('answers from the zone with the longest origin', () => {
    const nested = zones('www.sub.example. 30 A 192.0.2.1', `sub.example. 60 ${SOA}`)
    nested.setState('sub.example', 'serving')

    expect(walk(nested, 'nope.sub.example A')).toBe('nope.sub.example.: no-name in sub.example.')
  })

  it.each([
    { state: 'loading', want: 'www.example.: not-ready' },
    { state: 'expired', want: 'www.example.: not-ready' },
    { state: 'gone', want: 'www.example.: not-ours' },
  ] as const)('a zone that is $state', ({ state, want }) => {
    const other = zones('www.example. 30 A 192.0.2.1')
    other.setState('example', state)

    expect(walk(other, 'www.example A')).toBe(want)
  })
})

describe('DS at an origin', () => {
  it.each([
    { state: 'serving', want: 'sub.example.: no-data in example.' },
    { state: 'loading', want: 'sub.example.: not-ready' },
    { state: 'expired', want: 'sub.example.: not-ready' },
    { state: 'gone', want: 'sub.example.: no-data in sub.example.' },
  ] as const)('is for the zone above to say, which is $state', ({ state, want }) => {
    const nested = zones(`sub.example. 60 ${SOA}`)
    nested.setState('sub.example', 'serving')
    nested.setState('example', state)

    expect(walk(nested, 'sub.example DS')).toBe(want)
  })
})

describe('a DNAME that leads below itself', () => {
  it('is followed once', () => {
    const view = zones('loop.example. 30 DNAME x.loop.example.')

    const found = lookUp(view, nameBytes('a.loop.example'), TYPES['A'] ?? 0)

    expect(found.end.kind).toBe('no-end')
    expect(found.links.map(({ name }) => presentName(name))).toEqual(['loop.example.', 'a.loop.example.'])
  })
})
