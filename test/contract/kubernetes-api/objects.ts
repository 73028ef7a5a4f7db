import type { Json } from '../../support/kubernetes-client.ts'

/** A Deployment that is valid. Paused ones are left alone by the controllers of a real cluster. */
export function deployment(name: string, spec: Json = {}): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
      },
      ...spec,
    },
  }
}

/** The CRD of the contract's custom resource, in two versions. */
export function gadgetCrd(group: string): Json {
  const schema = { openAPIV3Schema: GADGET_SCHEMA }
  const subresources = {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  }
  const additionalPrinterColumns = [
    { name: 'Color', type: 'string', jsonPath: '.spec.color' },
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Ready', type: 'boolean', jsonPath: '.status.ready', description: 'whether it is' },
    { name: 'Parts', type: 'string', jsonPath: '.spec.parts[?(@.id=="b")].label', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ]
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget', shortNames: ['gd'], categories: ['all'] },
      versions: [
        { name: 'v1beta1', served: true, storage: false, schema, subresources, additionalPrinterColumns },
        { name: 'v1', served: true, storage: true, schema, subresources, additionalPrinterColumns },
        { name: 'v1alpha1', served: false, storage: false, schema, subresources },
      ],
    },
  }
}

const GADGET_SCHEMA = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['color'],
      properties: {
        color: { type: 'string', minLength: 2, maxLength: 10, pattern: '^[a-z]+$' },
        size: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
        shape: { type: 'string', enum: ['round', 'square'] },
        tags: { type: 'array', maxItems: 2, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        weights: { type: 'object', additionalProperties: { type: 'integer' } },
        port: { 'x-kubernetes-int-or-string': true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        note: { type: 'string', nullable: true },
        since: { type: 'string', format: 'date-time' },
        nested: {
          type: 'object',
          default: {},
          properties: { deep: { type: 'string', default: 'down' } },
        },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['id'],
          items: {
            type: 'object',
            required: ['id'],
            properties: { id: { type: 'string' }, label: { type: 'string', default: 'none' } },
          },
        },
        either: {
          type: 'object',
          properties: { left: { type: 'string' }, right: { type: 'string' } },
          oneOf: [{ required: ['left'] }, { required: ['right'] }],
        },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        replicas: { type: 'integer' },
      },
    },
    status: {
      type: 'object',
      properties: {
        ready: { type: 'boolean' },
        replicas: { type: 'integer' },
        selector: { type: 'string' },
      },
    },
  },
}
