import { describe, expect, it } from 'vitest'
import { parseListOptions } from '../../../../../src/sandbox/apiserver/resource/list-options.ts'
import { acceptWatch } from '../../../../../src/sandbox/apiserver/resource/watch.ts'
import type { Watch, WatchEvent } from '../../../../../src/sandbox/apiserver/resource/watch.ts'
import type { Cluster } from '../../../../../src/sandbox/apiserver/resource/cluster.ts'
import type { ApiServerOptions } from '../../../../../src/sandbox/apiserver/types.ts'
import { apiRequest, ask, bodyOf, testCluster } from '../test-cluster.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'

interface Seen {
  readonly events: WatchEvent[]
  ended: boolean
  readonly watch: Watch
}

function open(cluster: Cluster, query: string): Seen {
  const target = cluster.catalogue.find('', 'v1', 'configmaps')! // built in
  const events: WatchEvent[] = []
  const seen = { events, ended: false }
  const options = parseListOptions(new URLSearchParams(`watch=1&${query}`))
  const watch = acceptWatch(cluster, target, { namespace: 'default', options }).open({
    event: (event) => events.push(event),
    end: () => {
      seen.ended = true
    },
  })
  return Object.assign(seen, { watch })
}

function create(cluster: Cluster, name: string): string {
  const { metadata } = bodyOf(ask(cluster, apiRequest('POST', MAPS, { body: { metadata: { name } } })))
  return (metadata as { resourceVersion: string }).resourceVersion
}

function start(options: Partial<ApiServerOptions> = {}): ReturnType<typeof testCluster> {
  return testCluster(options)
}

const typesOf = (seen: Seen): readonly string[] => seen.events.map((event) => event.type)

describe('a watch', () => {
  it('says a bookmark a minute, with the newest version, where it is allowed to', () => {
    const { cluster, clock } = start()
    const version = cluster.store.revision
    const with_ = open(cluster, `resourceVersion=${version}&allowWatchBookmarks=true`)
    const without = open(cluster, `resourceVersion=${version}`)

    clock.advance(59_000)
    const early = typesOf(with_)
    const newest = create(cluster, 'a')
    clock.advance(1_000)
    clock.advance(60_000)

    expect(early).toEqual([])
    expect(typesOf(with_)).toEqual(['ADDED', 'BOOKMARK', 'BOOKMARK'])
    expect(with_.events[1]).toEqual({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: newest } },
    })
    expect(typesOf(without)).toEqual(['ADDED'])
  })

  it('ends after timeoutSeconds, with a bookmark two seconds before', () => {
    const { cluster, clock } = start()
    const seen = open(
      cluster,
      `resourceVersion=${cluster.store.revision}&allowWatchBookmarks=true&timeoutSeconds=10`,
    )

    clock.advance(7_999)
    const before = typesOf(seen)
    clock.advance(1)
    const last = typesOf(seen)
    clock.advance(2_000)
    create(cluster, 'a')

    expect([before, last, seen.ended]).toEqual([[], ['BOOKMARK'], true])
    expect(typesOf(seen)).toEqual(['BOOKMARK'])
    expect(clock.pending).toBe(0)
  })

  it('ends by itself within an hour when the client sets no limit', () => {
    const { cluster, clock } = start()
    const seen = open(cluster, `resourceVersion=${cluster.store.revision}`)

    clock.advance(1_799_000)
    const early = seen.ended
    clock.advance(1_802_000)

    expect([early, seen.ended]).toEqual([false, true])
  })

  it('leaves no timer and no listener behind when it is stopped', () => {
    const { cluster, clock } = start()
    const seen = open(
      cluster,
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    )

    seen.watch.stop()
    create(cluster, 'a')
    clock.advance(3_600_000)

    expect(typesOf(seen)).toEqual(['BOOKMARK'])
    expect(clock.pending).toBe(0)
  })

  it('from a version that is no longer kept is one error of code 410', () => {
    const { cluster } = start({ history: 2 })
    const old = cluster.store.revision
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) create(cluster, name)

    const seen = open(cluster, `resourceVersion=${old}`)

    expect(seen.events).toEqual([
      {
        type: 'ERROR',
        status: {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: expect.stringMatching(/^too old resource version: \d+ \(\d+\)$/),
          reason: 'Expired',
          code: 410,
        },
      },
    ])
    expect(seen.ended).toBe(true)
  })

  it('that expires ends with an error of code 410, once', () => {
    const { cluster } = start()
    const seen = open(cluster, `resourceVersion=${cluster.store.revision}`)

    seen.watch.expire()
    seen.watch.expire()
    create(cluster, 'a')

    expect(typesOf(seen)).toEqual(['ERROR'])
    expect(seen.ended).toBe(true)
  })

  it('from a version not reached yet is silent, without bookmarks, and sees what comes after it', () => {
    const { cluster, clock } = start()
    const ahead = cluster.store.revision + 2
    const seen = open(cluster, `resourceVersion=${ahead}&allowWatchBookmarks=true`)

    create(cluster, 'a')
    clock.advance(60_000)
    create(cluster, 'b')
    const silent = [...typesOf(seen)]
    create(cluster, 'c')

    expect(silent).toEqual([])
    expect(typesOf(seen)).toEqual(['ADDED'])
  })

  it('of initial events from a version not reached yet ends with an error', () => {
    const { cluster } = start()
    const seen = open(cluster, 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=999')

    expect(seen.events).toMatchObject([{ type: 'ERROR', status: { code: 504 } }])
  })

  it('without initial events begins with what changes', () => {
    const { cluster } = start()
    create(cluster, 'a')
    const seen = open(cluster, 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan')
    create(cluster, 'b')

    expect(seen.events.map((event) => event.type === 'ERROR' || event.object.metadata.name)).toEqual(['b'])
  })
})
