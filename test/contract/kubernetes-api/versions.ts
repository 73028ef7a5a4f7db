import { expect } from 'vitest'
import { METADATA, METADATA_LIST } from '../../support/kubernetes-client.ts'
import type { WatchLine } from '../../support/kubernetes-client.ts'
import { itemsOf, metaOf, namesOf, statusOf, versionOf } from './context.ts'
import type { ContractContext, ContractTest } from './context.ts'

const STREAMED = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
const FUTURE = 999_999_999
/** The server waits three seconds for a version to come. */
const WAITED_MS = 2_500

/** Objects of one test's own; the path selects them. */
async function objects(
  { api, core, unique }: ContractContext,
  count: number,
): Promise<{ readonly run: string; readonly path: string; readonly names: readonly string[] }> {
  const run = unique('run')
  const names = Array.from({ length: count }, (_, index) => `${run}-${index}`)
  for (const name of names) await api.post(core('configmaps'), { metadata: { name, labels: { run } } })
  return { run, names, path: `${core('configmaps')}?labelSelector=run=${run}` }
}

function short(lines: readonly WatchLine[]): readonly (readonly [string, unknown])[] {
  return lines.map((line) => [line.type, metaOf(line.object)['name']])
}

const TOO_LARGE = {
  http: 504,
  reason: 'Timeout',
  details: {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  },
}

/** Versions: of what comes from the cache, of what is still to come, and what watches say of them. */
export function versionContract(test: ContractTest): void {
  test('a read not older than a version to come waits for it', async (context) => {
    const { api, core, unique } = context
    const { path } = await objects(context, 1)
    const next = Number(versionOf(await api.get(core('configmaps')))) + 1
    const reads = [
      api.get(`${path}&resourceVersion=${next}`),
      api.get(`${core('configmaps')}?limit=1&resourceVersion=${next}&resourceVersionMatch=NotOlderThan`),
    ]
    const written = await api.post(core('configmaps'), { metadata: { name: unique('cm') } })
    const replies = await Promise.all(reads)

    expect(written.code).toBe(201)
    expect(replies.map((reply) => reply.code)).toEqual([200, 200])
    for (const reply of replies) expect(Number(versionOf(reply))).toBeGreaterThanOrEqual(next)
  })

  test('a version that does not come within three seconds is 504 with Retry-After', async ({ api, core }) => {
    const began = performance.now()
    const replies = await Promise.all(
      [
        `${core('configmaps')}?resourceVersion=${FUTURE}`,
        `${core('configmaps')}?resourceVersion=${FUTURE}&resourceVersionMatch=Exact`,
        `${core('configmaps')}?resourceVersion=${FUTURE}&limit=1`,
        `${core('configmaps')}?resourceVersion=${FUTURE}&limit=1&resourceVersionMatch=NotOlderThan`,
        `${core('configmaps', 'absent')}?resourceVersion=${FUTURE}`,
      ].map((path) => api.get(path)),
    )

    expect(performance.now() - began).toBeGreaterThan(WAITED_MS)
    for (const reply of replies) expect(statusOf(reply)).toMatchObject(TOO_LARGE)
    expect(replies.map((reply) => reply.headers['retry-after'])).toEqual(['1', '1', '1', '1', '1'])
  })

  test('initial events of a version to come end with an ERROR event', async (context) => {
    const { api, core } = context
    const began = performance.now()
    const watch = await api.watch(
      `${core('configmaps')}?${STREAMED}&allowWatchBookmarks=true&resourceVersion=${FUTURE}&timeoutSeconds=10`,
    )
    const lines = await watch.rest()

    expect(watch.code).toBe(200)
    expect(performance.now() - began).toBeGreaterThan(WAITED_MS)
    expect(lines).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 504, reason: 'Timeout', details: TOO_LARGE.details } },
    ])
  })

  test('a version that is no number is an error of its own', async ({ api, core }) => {
    const message = 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'

    expect(statusOf(await api.get(`${core('configmaps', 'absent')}?resourceVersion=abc`))).toEqual({
      http: 500,
      message,
      code: 500,
    })
    expect(statusOf(await api.get(`${core('configmaps')}?watch=1&resourceVersion=abc`))).toEqual({
      http: 500,
      message,
      code: 500,
    })
    expect(statusOf(await api.get(`${core('configmaps')}?resourceVersion=abc`))).toMatchObject({
      http: 400,
      message: `invalid resource version: ${message}`,
    })
  })

  test('version 0 lists all that is there, whatever the limit', async (context) => {
    const { path, names } = await objects(context, 3)
    await context.api.get(path) // a consistent list: the cache knows of them
    const reply = await context.api.get(`${path}&resourceVersion=0&limit=1`)

    expect(namesOf(reply)).toEqual(names)
    expect(metaOf(reply.body)).not.toHaveProperty('continue')
  })

  test('a page goes on without a version', async (context) => {
    const { path } = await objects(context, 2)
    const token = String(metaOf((await context.api.get(`${path}&limit=1`)).body)['continue'])
    const reply = await context.api.get(`${path}&limit=1&continue=${token}&resourceVersion=5`)

    expect(statusOf(reply)).toMatchObject({
      http: 400,
      message: expect.stringContaining('specifying resource version is not allowed when using continue'),
    })
  })

  test('a page has the version of the first one', async (context) => {
    const { path } = await objects(context, 2)
    const first = await context.api.get(`${path}&limit=1`)
    await objects(context, 1)
    const second = await context.api.get(`${path}&limit=1&continue=${String(metaOf(first.body)['continue'])}`)

    expect(versionOf(second)).toBe(versionOf(first))
  })

  test('the end of streamed initial events is told by bookmarks only', async (context) => {
    const { path, names } = await objects(context, 2)
    const watch = await context.api.watch(`${path}&${STREAMED}&timeoutSeconds=1`)

    expect(short(await watch.rest())).toEqual(names.map((name) => ['ADDED', name]))
  })

  test('a watch without initial events begins with what changes', async (context) => {
    const { api, core } = context
    const { path, run } = await objects(context, 1)
    const watch = await api.watch(
      `${path}&watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    )
    await api.post(core('configmaps'), { metadata: { name: `${run}-later`, labels: { run } } })
    const [line] = await watch.take(1)
    watch.close()

    expect(short(line === undefined ? [] : [line])).toEqual([['ADDED', `${run}-later`]])
  })

  test('streamed initial events may come from a version that is known', async (context) => {
    const { api } = context
    const { path, names } = await objects(context, 2)
    const version = versionOf(await api.get(path))
    for (const from of ['0', version]) {
      const watch = await api.watch(`${path}&${STREAMED}&allowWatchBookmarks=true&resourceVersion=${from}`)
      const lines = await watch.take(3)
      watch.close()

      expect(lines.slice(0, 2).map((line) => metaOf(line.object)['name'])).toEqual(names)
      expect(metaOf(lines[2]?.object)['annotations']).toEqual({ 'k8s.io/initial-events-end': 'true' })
    }
  })

  test('streamed metadata ends with a bookmark of metadata', async (context) => {
    const { path } = await objects(context, 1)
    const watch = await context.api.watch(`${path}&${STREAMED}&allowWatchBookmarks=true`, METADATA)
    const [added, bookmark] = await watch.take(2)
    watch.close()

    expect(added).toMatchObject({ type: 'ADDED', object: { kind: 'PartialObjectMetadata' } })
    expect(bookmark).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: {
          resourceVersion: expect.stringMatching(/^\d+$/),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      },
    })
  })

  test('streamed custom resources end with a bookmark of their kind', async (context) => {
    const { api, gadgets, gadget, group } = context
    const name = context.unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const watch = await api.watch(
      `${gadgets()}?${STREAMED}&allowWatchBookmarks=true&fieldSelector=metadata.name=${name}`,
    )
    const [, bookmark] = await watch.take(2)
    watch.close()

    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'Gadget', apiVersion: `${group}/v1` },
    })
  })

  test('a watch is resumed from the version of a deletion', async (context) => {
    const { api, core } = context
    const { path, names } = await objects(context, 2)
    const watch = await api.watch(`${path}&watch=1&resourceVersion=${versionOf(await api.get(path))}`)
    for (const name of names) await api.delete(core('configmaps', name))
    const [deletion] = await watch.take(1)
    watch.close()
    const resumed = await api.watch(
      `${path}&watch=1&resourceVersion=${String(metaOf(deletion?.object)['resourceVersion'])}`,
    )
    const lines = await resumed.take(1)
    resumed.close()

    expect(short(lines)).toEqual([['DELETED', names[1]]])
  })

  test('a watch that nothing happens to is told a newer version before its end', async (context) => {
    const { api, core, unique } = context
    const path = `${core('configmaps')}?watch=1&labelSelector=run=${unique('nobody')}&timeoutSeconds=5`
    const version = versionOf(await api.get(core('configmaps')))
    const told = await api.watch(`${path}&resourceVersion=${version}&allowWatchBookmarks=true`)
    const untold = await api.watch(`${path}&resourceVersion=${version}`)
    const change = await api.post(core('configmaps'), { metadata: { name: unique('cm') } })
    const [lines, none] = await Promise.all([told.rest(), untold.rest()])
    const [last] = lines.slice(-1)

    expect(new Set(lines.map((line) => line.type))).toEqual(new Set(['BOOKMARK']))
    expect(Number(metaOf(last?.object)['resourceVersion'])).toBeGreaterThanOrEqual(Number(versionOf(change)))
    expect(last?.object).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: expect.any(String) },
    })
    expect(none).toEqual([])
  })

  test('a watch of one object by its path is a read of it', async (context) => {
    const { names } = await objects(context, 1)
    const reply = await context.api.get(`${context.core('configmaps', names[0] ?? '')}?watch=1`)

    expect(reply).toMatchObject({ code: 200, body: { kind: 'ConfigMap' } })
  })

  test('metadata of lists and of objects are different forms', async (context) => {
    const { api, core, gadgets } = context
    const of = async (path: string, accept: string) => statusOf(await api.get(path, accept))

    expect(await of(core('configmaps'), METADATA)).toMatchObject({
      http: 406,
      reason: 'NotAcceptable',
      message:
        'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    })
    expect(await of(gadgets(), METADATA)).toMatchObject({
      http: 406,
      message:
        'you requested PartialObjectMetadata, but the requested object is a list (*unstructured.UnstructuredList)',
    })
    expect(await of('/api/v1/namespaces/default', METADATA_LIST)).toMatchObject({
      http: 406,
      message:
        'you requested PartialObjectMetadataList, but the requested object is not a list (*core.Namespace)',
    })
    expect(itemsOf(await api.get('/api/v1/namespaces', METADATA_LIST)).length).toBeGreaterThan(0)
  })
}
