import { describe, expect, test } from 'vitest'
import type { KubeObject, ResourceId } from '../../../src/api/object.ts'
import { EventRecorder } from '../../../src/kube/event-recorder.ts'
import type { NewEvent } from '../../../src/kube/event-recorder.ts'
import { KubeError } from '../../../src/kube/kube-error.ts'
import type { KubeErrorCode } from '../../../src/kube/kube-error.ts'
import type { ObjectPlace, Patch } from '../../../src/kube/objects.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const about = { apiVersion: 'example.dev/v1', kind: 'Record', namespace: 'shop', name: 'web', uid: 'u1' }
const event: NewEvent = { about, type: 'Warning', reason: 'DomainNotFound', message: 'there is no Domain d' }

class FakeObjects {
  readonly created: KubeObject[] = []
  readonly patched: { readonly place: ObjectPlace; readonly patch: Patch }[] = []
  refuse: KubeErrorCode | undefined

  create(_: ResourceId, object: KubeObject): Promise<KubeObject> {
    return this.#answer(() => this.created.push(object), object)
  }

  patch(_: ResourceId, place: ObjectPlace, patch: Patch): Promise<KubeObject> {
    return this.#answer(() => this.patched.push({ place, patch }), this.created[0]!) // what is patched was created
  }

  async #answer(act: () => void, object: KubeObject): Promise<KubeObject> {
    if (this.refuse === undefined) {
      act()
      return object
    }
    const retry = this.refuse === 'KUBE_INVALID' ? 'never' : 'backoff'
    throw new KubeError(this.refuse, { cluster: 'host', method: 'POST', path: '/api/v1/events', retry })
  }
}

function setUp(): {
  clock: ManualClock
  objects: FakeObjects
  recorder: EventRecorder
  dropped: NewEvent[]
} {
  const clock = new ManualClock(Date.UTC(2026, 10, 20, 10))
  const objects = new FakeObjects()
  const dropped: NewEvent[] = []
  const recorder = new EventRecorder({
    ...{ objects, clock, component: 'waypost' },
    random: () => 0,
    dropped: (one) => dropped.push(one),
  })
  return { clock, objects, recorder, dropped }
}

/** Let every promise that is ready run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('EventRecorder', () => {
  test('writes what kubectl describe shows', async () => {
    const { objects, recorder } = setUp()

    recorder.record(event)
    await settled()

    expect(objects.created).toMatchObject([
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { namespace: 'shop', name: expect.stringMatching(/^web\.[0-9a-f]+$/) },
        involvedObject: about,
        type: 'Warning',
        reason: 'DomainNotFound',
        message: 'there is no Domain d',
        source: { component: 'waypost' },
        reportingComponent: 'waypost',
        firstTimestamp: '2026-11-20T10:00:00Z',
        lastTimestamp: '2026-11-20T10:00:00Z',
        count: 1,
      },
    ])
  })

  test('what is said again is counted, at most once a minute', async () => {
    const { clock, objects, recorder } = setUp()
    recorder.record(event)
    await settled()

    for (let i = 0; i < 10; i += 1) {
      clock.advance(1000)
      recorder.record(event)
    }
    await settled()
    expect([objects.created.length, objects.patched.length]).toEqual([1, 0])
    clock.advance(60_000)
    await settled()

    expect(objects.patched).toEqual([
      {
        place: { namespace: 'shop', name: objects.created[0]?.metadata.name },
        patch: { kind: 'merge', body: { count: 11, lastTimestamp: '2026-11-20T10:00:10Z' } },
      },
    ])
  })

  test('another reason, message, type or object is another event', async () => {
    const { objects, recorder } = setUp()

    recorder.record(event)
    recorder.record({ ...event, reason: 'Other' })
    recorder.record({ ...event, message: 'other' })
    recorder.record({ ...event, type: 'Normal' })
    recorder.record({ ...event, about: { ...about, uid: 'u2' } })
    await settled()

    expect(objects.created).toHaveLength(5)
    expect(new Set(objects.created.map(({ metadata }) => metadata.name)).size).toBe(5)
  })

  test('an event of a cluster-scoped object lives in the namespace default', async () => {
    const { objects, recorder } = setUp()

    recorder.record({ ...event, about: { apiVersion: 'v1', kind: 'Node', name: 'n' } })
    await settled()

    expect(objects.created[0]?.metadata.namespace).toBe('default')
  })

  test('an event that the server has forgotten is written anew', async () => {
    const { clock, objects, recorder } = setUp()
    recorder.record(event)
    await settled()
    const patch = objects.patch.bind(objects)
    objects.patch = () =>
      Promise.reject(
        new KubeError('KUBE_NOT_FOUND', { cluster: 'host', method: 'PATCH', path: '/', reason: 'NotFound' }),
      )

    clock.advance(3_600_000)
    recorder.record(event)
    await settled()
    objects.patch = patch

    expect(objects.created.map(({ count }) => count)).toEqual([1, 2])
  })

  test('an object that tells a new story all the time is cut short, and delays no other', async () => {
    const { objects, recorder, dropped } = setUp()

    for (let i = 0; i < 50; i += 1) recorder.record({ ...event, message: `story ${i}` })
    recorder.record({ ...event, about: { ...about, name: 'other' } })
    await settled()

    expect([objects.created.length, dropped.length]).toEqual([21, 30])
  })

  test('a server that fails for a while gets the event later', async () => {
    const { clock, objects, recorder, dropped } = setUp()
    objects.refuse = 'KUBE_SERVER_ERROR'
    recorder.record(event)
    await settled()

    objects.refuse = undefined
    clock.advance(1000)
    await settled()

    expect([objects.created.length, dropped.length]).toEqual([1, 0])
  })

  test.each(['KUBE_INVALID', 'KUBE_NOT_FOUND'] as const)(
    'an event that is refused (%s) is given up at once',
    async (code) => {
      const { clock, objects, recorder, dropped } = setUp()
      objects.refuse = code
      recorder.record(event)
      await settled()

      objects.refuse = undefined
      clock.advance(600_000)
      await settled()

      expect([objects.created, dropped]).toEqual([[], [event]])
    },
  )

  test('a server that never takes it is given up after five tries', async () => {
    const { clock, objects, recorder, dropped } = setUp()
    objects.refuse = 'KUBE_FORBIDDEN'
    recorder.record(event)
    for (let i = 0; i < 10; i += 1) {
      await settled()
      clock.advance(60_000)
    }

    expect(dropped).toEqual([event])
    expect(clock.pending).toBe(0)
  })

  test('nothing is written after stop', async () => {
    const { clock, objects, recorder } = setUp()
    await recorder.stop()

    recorder.record(event)
    clock.advance(600_000)
    await settled()

    expect(objects.created).toEqual([])
  })
})
