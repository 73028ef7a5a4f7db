import { expect } from 'vitest'
import { METADATA, TABLE } from '../../support/kubernetes-client.ts'
import type { Json, WatchLine } from '../../support/kubernetes-client.ts'
import { metaOf, plain, statusOf, versionOf } from './context.ts'
import type { ContractContext, ContractTest } from './context.ts'

/** A label of one test's own, so that its watch sees nothing else. */
async function start(
  context: ContractContext,
): Promise<{ readonly run: string; readonly version: string; readonly path: string }> {
  const run = context.unique('run')
  const path = `${context.core('configmaps')}?watch=1&labelSelector=run=${run}`
  return { run, path, version: versionOf(await context.api.get(context.core('configmaps'))) }
}

function short(lines: readonly WatchLine[]): readonly (readonly [string, unknown])[] {
  return lines.map((line) => [line.type, metaOf(line.object)['name']])
}

const INITIAL = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'

/** Watches: from a version, with initial events, selected, ended. */
export function watchContract(test: ContractTest): void {
  test('a watch from a version tells of every later change', async (context) => {
    const { api, core } = context
    const { run, path, version } = await start(context)
    const watch = await api.watch(`${path}&resourceVersion=${version}`)
    const created = await api.post(core('configmaps'), { metadata: { name: run, labels: { run } } })
    const changed = await api.patch(core('configmaps', run), { data: { a: 'b' } })
    await api.delete(core('configmaps', run))
    const lines = await watch.take(3)
    watch.close()

    expect(short(lines)).toEqual([
      ['ADDED', run],
      ['MODIFIED', run],
      ['DELETED', run],
    ])
    expect(lines[0]?.object).toEqual(created.body)
    expect(lines[1]?.object).toEqual(changed.body)
    expect(lines[2]?.object).toMatchObject({ kind: 'ConfigMap', data: { a: 'b' } })
    expect(Number(metaOf(lines[2]?.object)['resourceVersion'])).toBeGreaterThan(Number(versionOf(changed)))
  })

  test('a watch from an older version begins with what was missed', async (context) => {
    const { api, core } = context
    const { run, path, version } = await start(context)
    await api.post(core('configmaps'), { metadata: { name: run, labels: { run } } })
    await api.delete(core('configmaps', run))
    const watch = await api.watch(`${path}&resourceVersion=${version}`)
    const lines = await watch.take(2)
    watch.close()

    expect(short(lines)).toEqual([
      ['ADDED', run],
      ['DELETED', run],
    ])
  })

  test('a change that changes nothing is no event', async (context) => {
    const { api, core } = context
    const { run, path, version } = await start(context)
    await api.post(core('configmaps'), { metadata: { name: run, labels: { run } } })
    await api.patch(core('configmaps', run), { metadata: { labels: { run } } })
    await api.patch(core('configmaps', run), { data: { a: 'b' } })
    const watch = await api.watch(`${path}&resourceVersion=${version}`)
    const lines = await watch.take(2)
    watch.close()

    expect(short(lines)).toEqual([
      ['ADDED', run],
      ['MODIFIED', run],
    ])
    expect(lines[1]?.object['data']).toEqual({ a: 'b' })
  })

  test('a watch without a version begins with what is there', async (context) => {
    const { api, core } = context
    const { run, path } = await start(context)
    const created = await api.post(core('configmaps'), { metadata: { name: run, labels: { run } } })
    const watch = await api.watch(path)
    const [line] = await watch.take(1)
    watch.close()

    expect(line).toEqual({ type: 'ADDED', object: created.body })
  })

  test('streamed initial events end with a bookmark that says so', async (context) => {
    const { api, core } = context
    const { run, path } = await start(context)
    const created = await api.post(core('configmaps'), { metadata: { name: run, labels: { run } } })
    const watch = await api.watch(`${path}&${INITIAL}`)
    const [first, bookmark] = await watch.take(2)
    await api.patch(core('configmaps', run), { data: { a: 'b' } })
    const [later] = await watch.take(1)
    watch.close()

    expect(first).toEqual({ type: 'ADDED', object: created.body })
    expect(bookmark).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: expect.any(String),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      },
    })
    expect(Number(metaOf(bookmark?.object)['resourceVersion'])).toBeGreaterThanOrEqual(
      Number(versionOf(created)),
    )
    expect(later).toMatchObject({ type: 'MODIFIED', object: { data: { a: 'b' } } })
  })

  test('streamed initial events of nothing are one bookmark', async (context) => {
    const { path } = await start(context)
    const watch = await context.api.watch(`${path}&${INITIAL}`)
    const [line] = await watch.take(1)
    watch.close()

    expect(line?.type).toBe('BOOKMARK')
  })

  test('a watch can be resumed from the version of a bookmark', async (context) => {
    const { api, core } = context
    const { run, path } = await start(context)
    const first = await api.watch(`${path}&${INITIAL}`)
    const [bookmark] = await first.take(1)
    first.close()
    await api.post(core('configmaps'), { metadata: { name: run, labels: { run } } })
    const second = await api.watch(
      `${path}&resourceVersion=${String(metaOf(bookmark?.object)['resourceVersion'])}`,
    )
    const lines = await second.take(1)
    second.close()

    expect(short(lines)).toEqual([['ADDED', run]])
  })

  test('timeoutSeconds ends a watch cleanly', async (context) => {
    const { path, version } = await start(context)
    const watch = await context.api.watch(`${path}&resourceVersion=${version}&timeoutSeconds=1`)

    expect(watch.code).toBe(200)
    expect(await watch.rest()).toEqual([])
  })

  test('an object that enters or leaves a selection is added or deleted', async (context) => {
    const { api, core } = context
    const { run, path, version } = await start(context)
    const watch = await api.watch(`${path}&resourceVersion=${version}`)
    await api.post(core('configmaps'), { metadata: { name: run }, data: { a: '1' } })
    const entered = await api.patch(core('configmaps', run), { metadata: { labels: { run } } })
    const left = await api.patch(core('configmaps', run), {
      metadata: { labels: { run: 'other' } },
      data: { a: '2' },
    })
    await api.delete(core('configmaps', run))
    const lines = await watch.take(2)
    watch.close()

    expect(short(lines)).toEqual([
      ['ADDED', run],
      ['DELETED', run],
    ])
    expect(lines[0]?.object).toEqual(entered.body)
    expect(lines[1]?.object).toMatchObject({
      metadata: { labels: { run }, resourceVersion: versionOf(left) },
      data: { a: '1' },
    })
  })

  test('a watch of one name sees that one only', async (context) => {
    const { api, core } = context
    const { run, version } = await start(context)
    const watch = await api.watch(
      `${core('configmaps')}?watch=1&resourceVersion=${version}&fieldSelector=metadata.name=${run}`,
    )
    await api.post(core('configmaps'), { metadata: { name: `${run}-other` } })
    await api.post(core('configmaps'), { metadata: { name: run } })
    const lines = await watch.take(1)
    watch.close()

    expect(short(lines)).toEqual([['ADDED', run]])
  })

  test('a watch of a namespace sees that namespace only', async (context) => {
    const { api, core, namespace } = context
    const { run, path, version } = await start(context)
    const other = context.unique('ns')
    await api.post('/api/v1/namespaces', { metadata: { name: other } })
    await api.post(`/api/v1/namespaces/${other}/configmaps`, { metadata: { name: run, labels: { run } } })
    await api.post(core('configmaps'), { metadata: { name: run, labels: { run } } })
    const one = await api.watch(`${path}&resourceVersion=${version}`)
    const all = await api.watch(
      `/api/v1/configmaps?watch=1&labelSelector=run=${run}&resourceVersion=${version}`,
    )
    const seenByOne = await one.take(1)
    const seenByAll = await all.take(2)
    one.close()
    all.close()
    await api.delete(`/api/v1/namespaces/${other}`)

    expect(seenByOne.map((line) => metaOf(line.object)['namespace'])).toEqual([namespace])
    expect(seenByAll.map((line) => metaOf(line.object)['namespace'])).toEqual([other, namespace])
  })

  test('the end of a finalizer is seen as a change and a deletion', async (context) => {
    const { api, core } = context
    const { run, path, version } = await start(context)
    await api.post(core('configmaps'), {
      metadata: { name: run, labels: { run }, finalizers: ['a.example.com/x'] },
    })
    await api.delete(core('configmaps', run))
    await api.patch(core('configmaps', run), { metadata: { finalizers: null } })
    const watch = await api.watch(`${path}&resourceVersion=${version}`)
    const lines = await watch.take(3)
    watch.close()

    expect(short(lines)).toEqual([
      ['ADDED', run],
      ['MODIFIED', run],
      ['DELETED', run],
    ])
    expect(metaOf(lines[1]?.object)).toHaveProperty('deletionTimestamp')
  })

  test('a watch as tables names the columns once', async (context) => {
    const { api, core } = context
    const { run, path, version } = await start(context)
    const watch = await api.watch(`${path}&resourceVersion=${version}`, TABLE)
    await api.post(core('configmaps'), { metadata: { name: run, labels: { run } }, data: { a: '1', b: '2' } })
    await api.patch(core('configmaps', run), { data: { a: null } })
    const [first, second] = await watch.take(2)
    watch.close()
    const columns = (line: WatchLine | undefined) => line?.object['columnDefinitions'] as Json[] | null

    expect(first).toMatchObject({ type: 'ADDED', object: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } })
    expect(columns(first)?.map((column) => column['name'])).toEqual(['Name', 'Data', 'Age'])
    expect(columns(second)).toBeNull()
    expect(first?.object['rows']).toMatchObject([
      {
        cells: [run, 2, expect.any(String)],
        object: { kind: 'PartialObjectMetadata', metadata: { name: run } },
      },
    ])
    expect(second?.object['rows']).toMatchObject([{ cells: [run, 1, expect.any(String)] }])
  })

  test('a watch of metadata carries no more', async (context) => {
    const { api, core } = context
    const { run, path, version } = await start(context)
    const watch = await api.watch(`${path}&resourceVersion=${version}`, METADATA)
    const created = await api.post(core('configmaps'), {
      metadata: { name: run, labels: { run } },
      data: { a: '1' },
    })
    const [line] = await watch.take(1)
    watch.close()

    expect(line).toEqual({
      type: 'ADDED',
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: metaOf(created.body) },
    })
  })

  test('custom resources are watched in the version that is asked', async (context) => {
    const { api, group, namespace, gadgets, gadget } = context
    const name = context.unique('gd')
    const { body } = await api.get(gadgets())
    const watch = await api.watch(
      `/apis/${group}/v1beta1/namespaces/${namespace}/gadgets?watch=1&resourceVersion=${String(metaOf(body)['resourceVersion'])}&fieldSelector=metadata.name=${name}`,
    )
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const [line] = await watch.take(1)
    watch.close()

    expect(plain(line)).toMatchObject({
      type: 'ADDED',
      object: { apiVersion: `${group}/v1beta1`, kind: 'Gadget', spec: { color: 'red' } },
    })
  })

  test('a watch from the future is accepted and silent', async (context) => {
    const { api, core } = context
    const { run, path } = await start(context)
    const watch = await api.watch(
      `${path}&resourceVersion=999999999&timeoutSeconds=1&allowWatchBookmarks=true`,
    )
    await api.post(core('configmaps'), { metadata: { name: run, labels: { run } } })

    expect(watch.code).toBe(200)
    expect(await watch.rest()).toEqual([])
  })

  test('a watch with a bad selector is refused before it opens', async ({ api, core }) => {
    expect(statusOf(await api.get(`${core('configmaps')}?watch=1&labelSelector=%3D`))).toMatchObject({
      http: 400,
    })
  })
}
