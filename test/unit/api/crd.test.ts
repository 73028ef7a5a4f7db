import { describe, expect, it } from 'vitest'
import { toCustomResourceDefinition } from '../../../src/api/crd.ts'
import type { ResourceDefinition } from '../../../src/api/resource-definition.ts'

const PLAIN: ResourceDefinition = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  listKind: 'WidgetList',
  plural: 'widgets',
  singular: 'widget',
  shortNames: [],
  categories: [],
  namespaced: false,
  schema: { type: 'object' },
  subresources: { status: false },
  printerColumns: [],
}

const names = { kind: 'Widget', listKind: 'WidgetList', plural: 'widgets', singular: 'widget' }
const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }

describe('toCustomResourceDefinition', () => {
  it('says nothing of what a kind does not have', () => {
    expect(toCustomResourceDefinition(PLAIN)).toEqual({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: { group: 'example.com', names, scope: 'Cluster', versions: [version] },
    })
  })

  it('says all that it has', () => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
    const column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' } as const

    const crd = toCustomResourceDefinition({
      ...PLAIN,
      namespaced: true,
      shortNames: ['w'],
      categories: ['all'],
      subresources: { status: true, scale },
      printerColumns: [column],
      annotations: { a: 'b' },
    })

    expect(crd).toEqual({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com', annotations: { a: 'b' } },
      spec: {
        group: 'example.com',
        names: { ...names, shortNames: ['w'], categories: ['all'] },
        scope: 'Namespaced',
        versions: [{ ...version, subresources: { status: {}, scale }, additionalPrinterColumns: [column] }],
      },
    })
  })
})
