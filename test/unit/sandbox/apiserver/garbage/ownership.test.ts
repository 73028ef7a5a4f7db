import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../../src/api/object.ts'
import { Ownership } from '../../../../../src/sandbox/apiserver/garbage/ownership.ts'

function owned(...owners: readonly (readonly [uid: string, blocks?: boolean])[]): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'a',
      ownerReferences: owners.map(([uid, blocks]) => ({
        ...{ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid },
        ...(blocks === undefined ? {} : { blockOwnerDeletion: blocks }),
      })),
    },
  }
}

const place = (key: string) => ({ bucket: 'configmaps', key })

describe('Ownership', () => {
  it('knows the dependents of an owner that it never saw', () => {
    const ownership = new Ownership()
    ownership.replace(place('n/a'), undefined, owned(['one'], ['two', true]))

    expect(ownership.dependentsOf('one')).toEqual([{ place: place('n/a'), blocks: false }])
    expect(ownership.dependentsOf('two')).toEqual([{ place: place('n/a'), blocks: true }])
    expect(ownership.dependentsOf('three')).toEqual([])
  })

  it('follows changes of references', () => {
    const ownership = new Ownership()
    ownership.replace(place('n/a'), undefined, owned(['one'], ['two', true]))
    ownership.replace(place('n/a'), owned(['one'], ['two', true]), owned(['two'], ['three']))

    expect(
      ['one', 'two', 'three'].map((uid) => ownership.dependentsOf(uid).map(({ blocks }) => blocks)),
    ).toEqual([[], [false], [false]])
  })

  it('after any history knows what is there, and nothing else', () => {
    const uids = fc.uniqueArray(fc.constantFrom('u', 'v', 'w'), { maxLength: 3 })
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(uids, { nil: undefined })))
    fc.assert(
      fc.property(steps, (history) => {
        const ownership = new Ownership()
        const present = new Map<string, KubeObject>()
        for (const [key, owners] of history) {
          const object = owners === undefined ? undefined : owned(...owners.map((uid) => [uid] as const))
          ownership.replace(place(key), present.get(key), object)
          if (object === undefined) present.delete(key)
          else present.set(key, object)
        }

        for (const uid of ['u', 'v', 'w']) {
          const keys = [...present]
            .filter(([, { metadata }]) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
            .map(([key]) => key)
          expect(
            ownership
              .dependentsOf(uid)
              .map((edge) => edge.place.key)
              .toSorted(),
          ).toEqual(keys.toSorted())
        }
        for (const key of present.keys()) ownership.replace(place(key), present.get(key), undefined)
        expect(ownership.size).toBe(0)
      }),
    )
  })
})
