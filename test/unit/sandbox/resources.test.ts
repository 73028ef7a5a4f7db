import { describe, expect, it } from 'vitest'
import { toCustomResourceDefinition } from '../../../src/api/crd.ts'
import { KINDS } from '../../../src/api/kinds.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import { inOrderOfNeed, resourceOf } from '../../../src/sandbox/apply.ts'
import {
  apiVersionOf,
  BUILT_IN_KINDS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  INGRESSES,
  kindsOfDefinition,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
  SERVICES,
} from '../../../src/sandbox/resources.ts'
import { settingOf, settingSeconds, withoutSettings } from '../../../src/sandbox/settings.ts'

const object = (apiVersion: string, kind: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a' },
})
const definitions = KINDS.map(({ definition }) => toCustomResourceDefinition(definition))

describe('resources', () => {
  it('the kinds that the cloud works with are served by the API servers', () => {
    const used = [
      CUSTOM_RESOURCE_DEFINITIONS,
      DEPLOYMENTS,
      ENDPOINT_SLICES,
      INGRESSES,
      NAMESPACES,
      NODES,
      PODS,
      REPLICA_SETS,
      SERVICES,
    ]

    expect(BUILT_IN_KINDS).toEqual(expect.arrayContaining(used))
  })

  const cases: readonly { name: string; in: KubeObject; want: string | undefined }[] = [
    { name: 'the core group', in: object('v1', 'Service'), want: 'services' },
    { name: 'another group', in: object('apps/v1', 'Deployment'), want: 'deployments' },
    {
      name: 'a custom kind',
      in: object('multiclusterdns.kubefed.io/v1alpha1', 'Domain'),
      want: 'domains',
    },
    { name: 'a kind in a group that has none of it', in: object('v1', 'Deployment'), want: undefined },
    { name: 'a version that is not served', in: object('apps/v1beta1', 'Deployment'), want: undefined },
  ]
  it.each(cases)('finds $name', ({ in: given, want }) => {
    expect(resourceOf(definitions, given)?.plural).toBe(want)
  })

  const crd = (spec: unknown): KubeObject => ({
    ...object('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
    spec,
  })
  it('reads the served versions of a CustomResourceDefinition, and nothing from a broken one', () => {
    const whole = crd({
      group: 'example.org',
      scope: 'Cluster',
      names: { kind: 'Thing', plural: 'things' },
      versions: [{ name: 'v1' }, { name: 'v2', served: false }, {}],
    })

    expect(kindsOfDefinition(whole)).toEqual([
      { group: 'example.org', version: 'v1', plural: 'things', kind: 'Thing', namespaced: false },
    ])
    expect(kindsOfDefinition(crd({ group: 'example.org' }))).toEqual([])
    expect(kindsOfDefinition(object('v1', 'Service'))).toEqual([])
    expect(definitions.flatMap(kindsOfDefinition).map(apiVersionOf)).toContain('core.kubefed.io/v1beta1')
  })

  it('puts definitions, then namespaces first and keeps the order otherwise', () => {
    const kinds = ['ServiceDNSRecord', 'Secret', 'Namespace', 'Domain', 'CustomResourceDefinition', 'Service']

    expect(inOrderOfNeed(kinds, (kind) => object('v1', kind))).toEqual([
      'CustomResourceDefinition',
      'Namespace',
      'Secret',
      'ServiceDNSRecord',
      'Domain',
      'Service',
    ])
  })
})

describe('settings', () => {
  it('the first carrier that says something counts, its annotation before its label', () => {
    const carriers = [
      undefined,
      { labels: { other: 'x' } },
      { labels: { a: 'label' }, annotations: { a: 'annotation' } },
      { annotations: { a: 'too late' } },
    ]

    expect(settingOf('a', carriers)).toBe('annotation')
    expect(settingOf('b', carriers)).toBeUndefined()
  })

  const seconds: readonly { in: string | undefined; want: number }[] = [
    { in: undefined, want: 0 },
    { in: '2.5', want: 2.5 },
    { in: '-1', want: 0 },
    { in: 'soon', want: 0 },
    { in: '1e9', want: 3600 },
  ]
  it.each(seconds)('$in is $want seconds', ({ in: text, want }) => {
    expect(settingSeconds(text)).toBe(want)
  })

  it('take the sandbox own entries out of labels', () => {
    expect(withoutSettings({ app: 'web', 'sandbox.waypost.dev/ready': 'false' })).toEqual({ app: 'web' })
    expect(withoutSettings(undefined)).toEqual({})
  })
})
