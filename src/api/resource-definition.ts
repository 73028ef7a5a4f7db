import type { ResourceId } from './object.ts'

/** A structural OpenAPI v3 schema, as a CustomResourceDefinition carries it (Kubernetes, "Specifying a structural schema"). */
export interface StructuralSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, StructuralSchema>>
  readonly additionalProperties?: StructuralSchema
  readonly items?: StructuralSchema
  readonly required?: readonly string[]
  readonly enum?: readonly (string | number | boolean)[]
  readonly nullable?: boolean
  readonly default?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly 'x-kubernetes-preserve-unknown-fields'?: true
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
}

/** A column of `kubectl get`. Priority above 0 shows with `-o wide` only. */
export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  /** A simple JSONPath with a leading dot; of several results the API server prints the first. */
  readonly jsonPath: string
  readonly description?: string
  readonly priority?: number
}

export interface ScaleSubresource {
  readonly specReplicasPath: string
  readonly statusReplicasPath: string
  readonly labelSelectorPath?: string
}

/** All that an API server must know of a kind to serve it, and a client to ask for it. */
export interface ResourceDefinition extends ResourceId {
  readonly kind: string
  readonly listKind: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** Of the whole object: apiVersion, kind, metadata and the kind's own fields. */
  readonly schema: StructuralSchema
  readonly subresources: { readonly status: boolean; readonly scale?: ScaleSubresource }
  readonly printerColumns: readonly PrinterColumn[]
  /** Annotations of its CustomResourceDefinition. */
  readonly annotations?: Readonly<Record<string, string>>
}
