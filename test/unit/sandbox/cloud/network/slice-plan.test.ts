import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  MAX_ENDPOINTS_PER_SLICE,
  planSlices,
  type SliceContent,
  type SliceInput,
} from '../../../../../src/sandbox/cloud/network/slice-plan.ts'
import type { EndpointSliceShape, PodShape } from '../../../../../src/sandbox/cloud/shapes.ts'

interface PodSketch {
  readonly uid: string
  readonly ready?: boolean
  readonly deleting?: boolean
  readonly phase?: string
  readonly ips?: readonly string[]
  readonly httpPort?: number
}

function pod({
  uid,
  ready = true,
  deleting = false,
  phase = 'Running',
  ips,
  httpPort = 8080,
}: PodSketch): PodShape {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: uid,
      namespace: 'ns',
      uid,
      ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: 'node', containers: [{ ports: [{ name: 'http', containerPort: httpPort }] }] },
    status: {
      phase,
      podIPs: (ips ?? [`10.0.0.${uid.length}`, 'fd00::1']).map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  }
}

function slice(name: string, content: SliceContent): EndpointSliceShape {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'ns' },
    addressType: content.addressType,
    endpoints: content.endpoints.length === 0 ? null : content.endpoints,
    ports: content.ports.length === 0 ? null : content.ports,
  }
}

const input = (over: Partial<SliceInput>): SliceInput => ({
  spec: { ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  families: ['IPv4'],
  pods: [],
  existing: [],
  zoneOf: () => 'z1',
  ...over,
})

describe('planSlices', () => {
  it('makes an endpoint of a Pod as the real controller does', () => {
    const plan = planSlices(input({ pods: [pod({ uid: 'a', ips: ['10.0.0.1'] })] }))

    expect(plan).toEqual({
      create: [
        {
          addressType: 'IPv4',
          endpoints: [
            {
              addresses: ['10.0.0.1'],
              conditions: { ready: true, serving: true, terminating: false },
              nodeName: 'node',
              targetRef: { kind: 'Pod', name: 'a', namespace: 'ns', uid: 'a' },
              zone: 'z1',
            },
          ],
          ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        },
      ],
      keep: [],
      delete: [],
    })
  })

  const conditions: readonly {
    name: string
    pod: Omit<PodSketch, 'uid'>
    publishNotReadyAddresses?: boolean
    want: unknown
  }[] = [
    { name: 'a ready Pod', pod: {}, want: { ready: true, serving: true, terminating: false } },
    {
      name: 'a Pod that is not ready',
      pod: { ready: false },
      want: { ready: false, serving: false, terminating: false },
    },
    {
      name: 'a ready Pod on its way out still serves',
      pod: { deleting: true },
      want: { ready: false, serving: true, terminating: true },
    },
    {
      name: 'a Service that publishes Pods before they are ready',
      pod: { ready: false },
      publishNotReadyAddresses: true,
      want: { ready: true, serving: false, terminating: false },
    },
    { name: 'a finished Pod is no endpoint', pod: { phase: 'Succeeded' }, want: undefined },
    { name: 'a Pod without address is no endpoint', pod: { ips: [] }, want: undefined },
    {
      name: 'a Pod without address of the family is no endpoint',
      pod: { ips: ['fd00::2'] },
      want: undefined,
    },
  ]
  it.each(conditions)('conditions: $name', ({ pod: sketch, publishNotReadyAddresses = false, want }) => {
    const plan = planSlices(
      input({ spec: { publishNotReadyAddresses }, pods: [pod({ uid: 'a', ...sketch })] }),
    )

    expect(plan.create[0]?.endpoints[0]?.conditions).toEqual(want)
  })

  it('makes one slice for each family', () => {
    const plan = planSlices(input({ families: ['IPv4', 'IPv6'], pods: [pod({ uid: 'a' })] }))

    expect(plan.create.map(({ addressType, endpoints }) => [addressType, endpoints[0]?.addresses])).toEqual([
      ['IPv4', ['10.0.0.1']],
      ['IPv6', ['fd00::1']],
    ])
  })

  it('keeps one empty slice for a Service without Pods', () => {
    const empty: SliceContent = { addressType: 'IPv4', endpoints: [], ports: [] }
    const first = planSlices(input({}))
    const again = planSlices(input({ existing: [slice('s', empty)] }))

    expect(first.create).toEqual([empty])
    expect(again.create).toEqual([])
    expect(again.keep.map(({ content }) => content)).toEqual([empty])
  })

  it('takes down the slices of a family that the Service no longer has', () => {
    const old = slice('s6', { addressType: 'IPv6', endpoints: [], ports: [] })

    expect(planSlices(input({ existing: [old] })).delete).toEqual([old])
  })

  it('gives Pods that understand a named port differently slices of their own', () => {
    const plan = planSlices(input({ pods: [pod({ uid: 'a' }), pod({ uid: 'bb', httpPort: 9090 })] }))

    expect(plan.create.map(({ ports }) => ports[0]?.port)).toEqual([8080, 9090])
  })

  it('leaves the port out for Pods that have none of that name', () => {
    const spec = { ports: [{ port: 80, targetPort: 'metrics' }] }

    expect(planSlices(input({ spec, pods: [pod({ uid: 'a' })] })).create[0]?.ports).toEqual([])
  })

  it('splits at a hundred endpoints', () => {
    const pods = Array.from({ length: 250 }, (_, index) => pod({ uid: `p${index}` }))

    expect(planSlices(input({ pods })).create.map(({ endpoints }) => endpoints.length)).toEqual([
      100, 100, 50,
    ])
  })
})

describe('properties', () => {
  const sketches = fc.uniqueArray(
    fc.record({
      uid: fc.integer({ min: 0, max: 400 }).map((number) => `pod-${number}`),
      ready: fc.boolean(),
      httpPort: fc.constantFrom(8080, 9090),
    }),
    { selector: ({ uid }) => uid, maxLength: 300 },
  )
  const families = fc.subarray(['IPv4', 'IPv6'] as const, { minLength: 1 })

  it('each Pod is in one slice of each family, whatever was there before; a second plan changes nothing', () => {
    fc.assert(
      fc.property(sketches, sketches, families, families, (before, after, oldFamilies, newFamilies) => {
        const first = planSlices(input({ families: oldFamilies, pods: before.map(pod) }))
        const existing = first.create.map((content, index) => slice(`s${index}`, content))
        const second = planSlices(input({ families: newFamilies, pods: after.map(pod), existing }))
        const contents = [...second.keep.map(({ content }) => content), ...second.create]

        for (const family of newFamilies) {
          const slices = contents.filter(({ addressType }) => addressType === family)
          const uids = slices.flatMap(({ endpoints }) =>
            endpoints.map(({ targetRef }) => targetRef?.uid ?? ''),
          )
          expect(uids.toSorted()).toEqual(after.map(({ uid }) => uid).toSorted())
          for (const { endpoints } of slices)
            expect(endpoints.length).toBeLessThanOrEqual(MAX_ENDPOINTS_PER_SLICE)
        }
        expect(second.keep.length + second.delete.length).toBe(existing.length)

        const settled = contents.map((content, index) => slice(`t${index}`, content))
        const third = planSlices(input({ families: newFamilies, pods: after.map(pod), existing: settled }))
        expect(third.create).toEqual([])
        expect(third.delete).toEqual([])
        expect(third.keep.map(({ slice: kept, content }) => slice(kept.metadata.name, content))).toEqual(
          third.keep.map(({ slice: kept }) => kept),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('an endpoint stays in its slice while others come and go', () => {
    fc.assert(
      fc.property(sketches, sketches, (before, after) => {
        const first = planSlices(input({ pods: before.map(pod) }))
        const existing = first.create.map((content, index) => slice(`s${index}`, content))
        const second = planSlices(input({ pods: after.map(pod), existing }))
        const placeBefore = new Map(
          existing.flatMap((each) =>
            (each.endpoints ?? []).map(({ targetRef }) => [targetRef?.uid, each.metadata.name] as const),
          ),
        )
        const portOf = (sketch: typeof before, uid: string | undefined) =>
          sketch.find((each) => each.uid === uid)?.httpPort
        const moved = second.keep.flatMap(({ slice: kept, content }) =>
          content.endpoints.filter(({ targetRef }) => {
            const place = placeBefore.get(targetRef?.uid)
            const same = portOf(before, targetRef?.uid) === portOf(after, targetRef?.uid)
            return same && place !== undefined && place !== kept.metadata.name
          }),
        )

        // a slice whose Pods come to serve different ports has to be split; one that stays whole keeps its own
        const split = before.some(({ uid, httpPort }) => (portOf(after, uid) ?? httpPort) !== httpPort)
        expect(split ? [] : moved).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})
