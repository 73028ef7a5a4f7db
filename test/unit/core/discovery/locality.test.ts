import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LocateInput, locate } from '../../../../src/core/discovery/locality.ts'

const REGION = 'topology.kubernetes.io/region'
const ZONE = 'topology.kubernetes.io/zone'

function input(parts: Partial<LocateInput>): LocateInput {
  return { clusterLabels: {}, nodes: [], known: { zones: [] }, ...parts }
}

const ROWS: readonly {
  readonly name: string
  readonly in: LocateInput
  readonly want: { readonly region?: string; readonly zones: readonly string[] }
}[] = [
  { name: 'nothing is known: nowhere', in: input({}), want: { zones: [] } },
  {
    name: 'labels of the KubeFedCluster come first',
    in: input({ clusterLabels: { [REGION]: 'r1', [ZONE]: 'z1' }, nodes: [{ region: 'r2', zone: 'z2' }] }),
    want: { region: 'r1', zones: ['z1'] },
  },
  {
    name: 'one label decides for itself alone: the region by label, the zones by Nodes',
    in: input({ clusterLabels: { [REGION]: 'r1' }, nodes: [{ region: 'r2', zone: 'z2' }] }),
    want: { region: 'r1', zones: ['z2'] },
  },
  {
    name: 'the old labels of a KubeFedCluster count where the new ones are missing',
    in: input({
      clusterLabels: {
        'failure-domain.beta.kubernetes.io/region': 'old-r',
        'failure-domain.beta.kubernetes.io/zone': 'old-z',
        [ZONE]: 'new-z',
      },
    }),
    want: { region: 'old-r', zones: ['new-z'] },
  },
  {
    name: 'a label without value is no label',
    in: input({ clusterLabels: { [REGION]: '' }, nodes: [{ region: 'r2' }] }),
    want: { region: 'r2', zones: [] },
  },
  {
    name: 'the region of most Nodes, and every zone of any',
    in: input({
      nodes: [
        { region: 'r2', zone: 'z9' },
        { region: 'r1', zone: 'z1' },
        { region: 'r2', zone: 'z1' },
      ],
    }),
    want: { region: 'r2', zones: ['z1', 'z9'] },
  },
  {
    name: 'of equally frequent regions the alphabetically first',
    in: input({ nodes: [{ region: 'r2' }, { region: 'r1' }] }),
    want: { region: 'r1', zones: [] },
  },
  {
    name: 'values are lower-cased, and equal then',
    in: input({ nodes: [{ region: 'R1', zone: 'Z1' }, { region: 'r1', zone: 'z1' }, { region: 'r2' }] }),
    want: { region: 'r1', zones: ['z1'] },
  },
  {
    name: 'what was known stays when no Node says anything',
    in: input({ known: { region: 'r1', zones: ['z1'] }, nodes: [{}] }),
    want: { region: 'r1', zones: ['z1'] },
  },
  {
    name: 'a zone whose last Node went stays',
    in: input({ known: { region: 'r1', zones: ['z1', 'z2'] }, nodes: [{ region: 'r1', zone: 'z2' }] }),
    want: { region: 'r1', zones: ['z1', 'z2'] },
  },
  {
    name: 'zones known for another region are forgotten',
    in: input({ known: { region: 'r1', zones: ['z1'] }, nodes: [{ region: 'r2', zone: 'z2' }] }),
    want: { region: 'r2', zones: ['z2'] },
  },
  {
    name: 'zones written by hand without a region go with the region that is found',
    in: input({ known: { zones: ['z1'] }, nodes: [{ region: 'r1' }] }),
    want: { region: 'r1', zones: ['z1'] },
  },
  {
    name: 'a zone label replaces the zones known: the way to take one away',
    in: input({ clusterLabels: { [ZONE]: 'z2' }, known: { region: 'r1', zones: ['z1'] } }),
    want: { region: 'r1', zones: ['z2'] },
  },
]

describe('locate', () => {
  it.each(ROWS)('$name', ({ in: given, want }) => {
    expect(locate(given)).toEqual({ ...want, problems: [] })
  })

  it('refuses a label that is no DNS label, says which and where, and does not put Node labels in its place', () => {
    const found = locate(
      input({
        clusterLabels: { [REGION]: 'us_east' },
        nodes: [{ region: 'r2', zone: 'z2' }],
        known: { region: 'r1', zones: [] },
      }),
    )

    expect(found).toMatchObject({ region: 'r1', zones: ['z2'] })
    expect(found.problems).toEqual([
      {
        value: 'us_east',
        where: `label ${REGION} of the KubeFedCluster`,
        message: expect.stringContaining('"us_east" is not a DNS label'),
      },
    ])
  })

  it('refuses a zone label that is no DNS label and keeps the zones known', () => {
    const found = locate(input({ clusterLabels: { [ZONE]: 'a.b' }, known: { region: 'r1', zones: ['z1'] } }))

    expect(found).toMatchObject({ region: 'r1', zones: ['z1'] })
    expect(found.problems.map(({ value }) => value)).toEqual(['a.b'])
  })

  it('a refused value of Nodes has no vote; each is told once, sorted, and clipped', () => {
    const long = 'x'.repeat(100)
    const found = locate(
      input({
        nodes: [
          { region: 'bad_one', zone: long },
          { region: 'bad_one', zone: 'z1' },
          { region: 'r1', zone: long },
        ],
      }),
    )

    expect(found).toMatchObject({ region: 'r1', zones: ['z1'] })
    expect(found.problems.map(({ value, where }) => [value, where])).toEqual([
      ['bad_one', 'region label of a Node'],
      [long, 'zone label of a Node'],
    ])
    expect(found.problems[1]?.message.length).toBeLessThan(320)
  })

  it('refuses what was written into the status by hand', () => {
    const found = locate(input({ known: { region: 'not ok', zones: ['z1', 'no_way'] } }))

    expect(found.region).toBeUndefined()
    expect(found.problems.map(({ where }) => where)).toEqual(['status.region'])
  })

  it('the order of Nodes does not matter', () => {
    const label = fc.option(fc.constantFrom('a', 'b', 'B', 'c_', 'd'), { nil: '' })
    const nodes = fc.array(fc.record({ region: label, zone: label }), { maxLength: 6 })
    fc.assert(
      fc.property(nodes, (given) => {
        expect(locate(input({ nodes: given.toReversed() }))).toEqual(locate(input({ nodes: given })))
      }),
    )
  })
})
