import { expect } from 'vitest'
import type { ApiReply, Json } from '../../support/kubernetes-client.ts'
import { metaOf, plain, statusOf } from './context.ts'
import type { ContractContext, ContractTest } from './context.ts'

const AT = '2026-01-01T00:00:00Z'
const EXACTLY = '2026-01-01T00:00:00.000000Z'
const LATER = '2026-01-01T00:00:01.000000Z'

/** An event as this project's recorder writes it. */
function recorded({ group, namespace }: ContractContext, name: string, more: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: { apiVersion: `${group}/v1`, kind: 'Gadget', namespace, name: 'gadget', uid: 'u1' },
    type: 'Warning',
    reason: 'Because',
    message: 'm'.repeat(1_024),
    source: { component: 'waypost' },
    reportingComponent: 'waypost',
    reportingInstance: 'waypost',
    firstTimestamp: AT,
    lastTimestamp: AT,
    count: 1,
    ...more,
  }
}

/** An event of the newer API. */
function reported({ namespace }: ContractContext, name: string, more: Json = {}): Json {
  return {
    metadata: { name },
    regarding: { kind: 'Pod', name: 'web', namespace },
    eventTime: EXACTLY,
    reportingController: 'example.com/suite',
    reportingInstance: 'one',
    action: 'Test',
    reason: 'Tested',
    type: 'Normal',
    ...more,
  }
}

/** Changes to a good event of the newer API, and what is then wrong. */
const BROKEN: readonly { readonly name: string; readonly more: Json; readonly want: string }[] = [
  { name: 'no time', more: { eventTime: null }, want: 'eventTime: Required value' },
  { name: 'no action', more: { action: '' }, want: 'action: Required value' },
  { name: 'no reason', more: { reason: '' }, want: 'reason: Required value' },
  { name: 'no instance', more: { reportingInstance: '' }, want: 'reportingInstance: Required value' },
  {
    name: 'a controller that is no name',
    more: { reportingController: 'a b' },
    want: 'reportingController: Invalid value: "a b": name part must consist of',
  },
  { name: 'an odd type', more: { type: 'Odd' }, want: 'type: Invalid value: "": has invalid value: Odd' },
  {
    name: 'a note of 1,025 signs',
    more: { note: 'n'.repeat(1_025) },
    want: 'message: Invalid value: "": can have at most 1024 characters',
  },
  {
    name: 'an action of 129 signs',
    more: { action: 'a'.repeat(129) },
    want: 'action: Invalid value: "": can have at most 128 characters',
  },
  {
    name: 'a count of the older API',
    more: { deprecatedCount: 1 },
    want: 'count: Invalid value: "": needs to be unset',
  },
  {
    name: 'a source of the older API',
    more: { deprecatedSource: { component: 'x' } },
    want: 'source: Invalid value: "": needs to be unset',
  },
  {
    name: 'a series of one',
    more: { series: { count: 1, lastObservedTime: LATER } },
    want: 'series.count: Invalid value: "": should be at least 2',
  },
  {
    name: 'a series without a time',
    more: { series: { count: 2 } },
    want: 'series.lastObservedTime: Required value',
  },
  {
    name: 'a cluster-scoped object outside the common namespaces',
    more: { regarding: { kind: 'Node', name: 'x' } },
    want: 'involvedObject.namespace: Invalid value: "": does not match event.namespace',
  },
]

function newer({ inGroup }: ContractContext, ...rest: readonly string[]): string {
  return inGroup('events.k8s.io/v1', 'events', ...rest)
}

/** Events: as the recorder writes them, counted again, and as the newer API asks for. */
export function eventContract(test: ContractTest): void {
  test('an event as the recorder writes it is taken whole', async (context) => {
    const name = `${'x'.repeat(200)}.${context.unique('ev')}`
    const event = recorded(context, name)
    const reply = await context.api.post(context.core('events'), event)

    expect(reply.code).toBe(201)
    expect(plain(reply.body)).toEqual({
      ...event,
      metadata: {
        ...metaOf(event),
        uid: expect.any(String),
        resourceVersion: expect.any(String),
        creationTimestamp: expect.any(String),
      },
      eventTime: null,
    })
  })

  test('an event is counted again by a merge patch, in both of its groups', async (context) => {
    const { api, core, unique } = context
    const name = unique('ev')
    await api.post(core('events'), recorded(context, name))
    const change = { count: 7, lastTimestamp: '2026-01-01T00:01:00Z' }
    const { code, body } = await api.patch(core('events', name), change)
    const seen = await api.get(newer(context, name))

    expect([code, body['count'], body['lastTimestamp']]).toEqual([200, 7, change.lastTimestamp])
    expect(seen.body).toMatchObject({ deprecatedCount: 7, deprecatedLastTimestamp: change.lastTimestamp })
  })

  test('an event that is gone is counted no more: 404', async ({ api, core }) => {
    expect(statusOf(await api.patch(core('events', 'gone'), { count: 7 }))).toEqual({
      http: 404,
      message: 'events "gone" not found',
      reason: 'NotFound',
      details: { name: 'gone', kind: 'events' },
      code: 404,
    })
  })

  test('an event about a cluster-scoped object lives in default, a newer one in kube-system too', async (context) => {
    const { api, unique } = context
    const codes = async (groupVersion: string, make: (name: string) => Json) => {
      const found: number[] = []
      for (const namespace of ['default', 'kube-system', 'kube-public']) {
        const path = `/${groupVersion}/namespaces/${namespace}/events`
        const name = unique('ev')
        found.push((await api.post(path, make(name))).code)
        await api.delete(`${path}/${name}`)
      }
      return found
    }
    const node = { apiVersion: 'v1', kind: 'Node', name: 'n' }
    const older = (name: string) => ({ metadata: { name }, involvedObject: node })
    const newer = (name: string) => reported(context, name, { regarding: node })

    expect(await codes('api/v1', older)).toEqual([201, 422, 422])
    expect(await codes('apis/events.k8s.io/v1', newer)).toEqual([201, 201, 422])
  })

  test('the older API takes any words', async (context) => {
    const { api, core, unique } = context
    const more = { message: 'm'.repeat(5_000), reason: 'r'.repeat(200), type: 'Odd', count: -1 }
    const name = unique('ev')

    expect((await api.post(core('events'), recorded(context, name, more))).code).toBe(201)
    expect((await api.patch(core('events', name), { message: 'other' })).code).toBe(200)
  })

  test('the older API with an exact time asks who reports what', async (context) => {
    const { api, core, namespace } = context
    const reply = await api.post(core('events'), {
      metadata: { name: 'x' },
      involvedObject: { namespace },
      eventTime: EXACTLY,
    })

    expect(fieldsIn(reply)).toEqual(['action', 'reason', 'reportingComponent', 'reportingInstance'])
  })

  for (const { name, more, want } of BROKEN) {
    test(`the newer API refuses ${name}`, async (context) => {
      const reply = await context.api.post(newer(context), reported(context, 'x', more))

      expect(statusOf(reply)).toMatchObject({
        http: 422,
        reason: 'Invalid',
        message: expect.stringContaining(`Event "x" is invalid: ${want}`),
        details: { name: 'x', kind: 'Event' },
      })
    })
  }

  test('the newer API takes an object of another namespace', async (context) => {
    const regarding = { kind: 'Pod', name: 'web', namespace: 'default' }
    const reply = await context.api.post(
      newer(context),
      reported(context, context.unique('ev'), { regarding }),
    )

    expect(reply.code).toBe(201)
  })

  test('an event goes on as a series', async (context) => {
    const { api, unique } = context
    const name = unique('ev')
    await api.post(newer(context), reported(context, name))
    const series = { count: 2, lastObservedTime: LATER }
    const first = await api.patch(newer(context, name), { series })
    const second = await api.patch(newer(context, name), { series: { count: 3 } })
    const back = await api.patch(newer(context, name), { series: { count: 1 } })

    expect([first, second].map((reply) => reply.body['series'])).toEqual([series, { ...series, count: 3 }])
    expect(fieldsIn(back)).toEqual(['series.count'])
  })

  test('all else of an event stays as it was, in the newer API', async (context) => {
    const { api, core, unique } = context
    const name = unique('ev')
    await api.post(newer(context), reported(context, name))
    const changes: readonly (readonly [Json, string])[] = [
      [{ note: 'x' }, 'message: Invalid value: "x": field is immutable'],
      [{ reason: 'X' }, 'reason: Invalid value: "X": field is immutable'],
      [{ action: 'X' }, 'action: Invalid value: "X": field is immutable'],
      [{ type: 'Warning' }, 'type: Invalid value: "Warning": field is immutable'],
      [
        { reportingController: 'example.com/other' },
        'reportingController: Invalid value: "example.com/other": field is immutable',
      ],
      [
        { related: { name: 'z' } },
        'related: Invalid value: {"Kind":"","Namespace":"","Name":"z","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}: field is immutable',
      ],
    ]
    for (const [change, want] of changes) {
      expect(statusOf(await api.patch(newer(context, name), change))).toMatchObject({
        http: 422,
        message: `Event "${name}" is invalid: ${want}`,
      })
    }
    expect((await api.patch(newer(context, name), { metadata: { labels: { a: 'b' } } })).code).toBe(200)
    expect((await api.patch(core('events', name), { message: 'x' })).code).toBe(200)
  })
}

function fieldsIn(reply: ApiReply): readonly string[] {
  const { causes } = reply.body['details'] as { causes: { field: string }[] }
  return [...new Set(causes.map((cause) => cause.field))].toSorted()
}
