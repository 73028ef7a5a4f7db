import { describe, expect, it } from 'vitest'
import { documentsOf } from '../../../../../src/sandbox/apiserver/openapi/documents.ts'
import { referencesOf } from '../../../../../src/sandbox/apiserver/builtin/schema.ts'
import { THING_CRD, apiRequest, ask, codeOf, testCluster } from '../test-cluster.ts'

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.unit.example.com'
const THINGS = 'apis/unit.example.com/v1'
const LARGEST_BYTES = 256 * 1_024

function remove(cluster: Parameters<typeof ask>[0]): void {
  expect(codeOf(ask(cluster, apiRequest('DELETE', CRD)))).toBe(200)
}

describe('documents of a catalogue', () => {
  it('are made once for as long as the set of resources stays', () => {
    const { cluster } = testCluster({ crds: [THING_CRD] })
    const before = documentsOf(cluster.catalogue).find(THINGS)
    const again = documentsOf(cluster.catalogue).find(THINGS)
    remove(cluster)

    expect(again).toBe(before)
    expect(documentsOf(cluster.catalogue).find(THINGS)).toBeUndefined()
  })

  it('of built-in kinds are the same in every cluster', () => {
    const [one, other] = [testCluster().cluster, testCluster({ crds: [THING_CRD] }).cluster]

    expect(documentsOf(one.catalogue).find('apis/apps/v1')).toBe(
      documentsOf(other.catalogue).find('apis/apps/v1'),
    )
  })

  it('of equal content have equal hashes, of other content others', () => {
    const hashes = [{ crds: [THING_CRD] }, { crds: [THING_CRD] }].map(
      (options) => documentsOf(testCluster(options).cluster.catalogue).find(THINGS)?.hash,
    )
    const changed = JSON.parse(
      JSON.stringify(THING_CRD).replace('"default":1', '"default":2'),
    ) as typeof THING_CRD
    const other = documentsOf(testCluster({ crds: [changed] }).cluster.catalogue).find(THINGS)?.hash

    expect(hashes[0]).toBe(hashes[1])
    expect(other).not.toBe(hashes[0])
  })

  it('refer to nothing that is not in them', () => {
    const documents = documentsOf(testCluster({ crds: [THING_CRD] }).cluster.catalogue)
    const missing = documents.paths.flatMap((path) => {
      const document = JSON.parse(documents.find(path)?.body ?? '') as { components: { schemas: object } }
      return referencesOf(document).filter((name) => !Object.hasOwn(document.components.schemas, name))
    })
    const v2 = JSON.parse(documents.v2.body) as { definitions: object }
    const wanted = [...documents.v2.body.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name = '']) => name)

    expect(missing).toEqual([])
    expect(wanted.filter((name) => !Object.hasOwn(v2.definitions, name))).toEqual([])
  })

  it('stay small', () => {
    const documents = documentsOf(testCluster().cluster.catalogue)
    const sizes = documents.paths.map((path) => documents.find(path)?.body.length ?? 0)

    expect(Math.max(...sizes, documents.v2.body.length, documents.v2Protobuf.length)).toBeLessThan(
      LARGEST_BYTES,
    )
  })
})
