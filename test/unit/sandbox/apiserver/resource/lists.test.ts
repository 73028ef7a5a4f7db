import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cluster } from '../../../../../src/sandbox/apiserver/resource/cluster.ts'
import { apiRequest, ask, bodyOf, codeOf, testCluster } from '../test-cluster.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'

interface List {
  readonly metadata: {
    readonly resourceVersion: string
    readonly continue?: string
    readonly remainingItemCount?: number
  }
  readonly items: readonly { readonly metadata: { readonly name: string } }[]
}

function list(cluster: Cluster, query: string): List {
  return bodyOf(ask(cluster, apiRequest('GET', `${MAPS}?${query}`))) as unknown as List // the list was found
}

function create(cluster: Cluster, name: string, labels: Record<string, string> = {}): void {
  ask(cluster, apiRequest('POST', MAPS, { body: { metadata: { name, labels } } }))
}

function remove(cluster: Cluster, name: string): void {
  ask(cluster, apiRequest('DELETE', `${MAPS}/${name}`, { body: {} }))
}

function pages(cluster: Cluster, query: string, between: (page: number) => void = () => {}): readonly List[] {
  const found: List[] = []
  let token = ''
  do {
    const page = list(cluster, `${query}${token === '' ? '' : `&continue=${token}`}`)
    found.push(page)
    token = page.metadata.continue ?? ''
    between(found.length)
  } while (token !== '')
  return found
}

const name = fc.integer({ min: 0, max: 30 }).map((number) => `m-${number}`)

describe('pages', () => {
  it('together are the list of the first moment, whatever happens between them', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.boolean(), name), { maxLength: 12 }),
        (names, limit, changes) => {
          const { cluster } = testCluster()
          for (const each of names) create(cluster, each)
          const whole = list(cluster, '')

          const found = pages(cluster, `limit=${limit}`, (page) => {
            const change = changes[page]
            if (change === undefined) return
            if (change[0]) create(cluster, change[1])
            else remove(cluster, change[1])
          })

          expect(found.flatMap((page) => page.items)).toEqual(whole.items)
          expect(new Set(found.map((page) => page.metadata.resourceVersion))).toEqual(
            new Set([whole.metadata.resourceVersion]),
          )
          expect(
            found.every((page, index) => page.items.length === limit || index === found.length - 1),
          ).toBe(true)
        },
      ),
    )
  })

  it('of a selection are that selection, and the last one never promises more', () => {
    const { cluster } = testCluster()
    for (const [index, side] of ['left', 'right', 'left', 'right', 'right'].entries())
      create(cluster, `m-${index}`, { side })

    const found = pages(cluster, 'limit=1&labelSelector=side=left')

    expect(found.map((page) => page.items.map((item) => item.metadata.name))).toEqual([['m-0'], ['m-2']])
  })

  it('whose moment is no longer kept are 410, with a token to go on with what is there now', () => {
    const { cluster } = testCluster({ history: 1 })
    for (const each of ['a', 'b', 'c', 'd']) create(cluster, each)
    const first = list(cluster, 'limit=2')
    for (const each of ['x', 'y', 'z']) create(cluster, each)

    const answer = ask(
      cluster,
      apiRequest('GET', `${MAPS}?limit=2&continue=${first.metadata.continue ?? ''}`),
    )
    const body = bodyOf(answer) as unknown as List & { readonly reason: string; readonly message: string }

    expect(codeOf(answer)).toBe(410)
    expect(body).toMatchObject({ reason: 'Expired', message: expect.stringContaining('inconsistent list') })
    expect(
      list(cluster, `continue=${body.metadata.continue ?? ''}`).items.map((item) => item.metadata.name),
    ).toEqual(['c', 'd', 'x', 'y', 'z'])
  })

  it('of an exact version that is no longer kept are 410', () => {
    const { cluster } = testCluster({ history: 1 })
    const old = cluster.store.revision
    for (const each of ['a', 'b', 'c', 'd']) create(cluster, each)

    const answer = ask(
      cluster,
      apiRequest('GET', `${MAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`),
    )

    expect(bodyOf(answer)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'The resourceVersion for the provided list is too old.',
      reason: 'Expired',
      code: 410,
    })
  })

  it('may not be asked with a version and a token at once', () => {
    const { cluster } = testCluster()
    for (const each of ['a', 'b']) create(cluster, each)
    const { metadata } = list(cluster, 'limit=1')

    expect(
      codeOf(
        ask(cluster, apiRequest('GET', `${MAPS}?resourceVersion=3&continue=${metadata.continue ?? ''}`)),
      ),
    ).toBe(400)
  })
})
