import type { KubeObject } from '../../../api/object.ts'
import type { DeletionPolicy } from '../model/deletion-policy.ts'
import type { TypeRules } from '../fields/type-rules.ts'
import type { Column } from '../print/column.ts'
import type { FieldProblem } from '../types.ts'

/** Where `/scale` finds its numbers. */
export interface ScalePaths {
  readonly specReplicas: readonly string[]
  readonly statusReplicas: readonly string[]
  /** Path of a selector in text form; absent when the kind has a structured one or none. */
  readonly labelSelector?: readonly string[]
}

/** How lists of a value merge in a strategic merge patch; undefined for what is replaced as a whole. */
export interface MergeRule {
  readonly strategy: 'merge' | 'replace'
  /** Field that tells items apart; absent for lists of plain values. */
  readonly key?: string
}

/** Walks a schema beside a patch. */
export interface MergeSchema {
  /** The rule of the list or object in this field. */
  rule(field: string): MergeRule | undefined
  /** The schema of the field's value, or of the items of its list. */
  inner(field: string): MergeSchema | undefined
}

/** An object as decoded from a request. */
export interface Decoded {
  readonly object: KubeObject
  /** `unknown field "spec.foo"`, in the order of the schema walk. */
  readonly unknown: readonly string[]
}

/** One served version of a resource. */
export interface ResourceVersion {
  readonly version: string
  readonly deprecationWarning?: string
  readonly status: boolean
  readonly scale?: ScalePaths
  readonly columns: readonly Column[]
  /** The structural schema of a custom resource, for OpenAPI. */
  readonly schema?: Readonly<Record<string, unknown>>
  /** Absent: the kind takes no strategic merge patches (custom resources). */
  readonly merge?: MergeSchema
  /** How values merge when they are applied, and what is owned field by field. */
  readonly types: TypeRules
  /** An object of which nothing was set yet, as a decoder of a typed kind makes it. Absent: it has no fields at all. */
  readonly empty?: Readonly<Record<string, unknown>>
  /** Drop what the schema does not know, bring values to their stored form, fill defaults. Throws StatusError on wrong types. */
  decode(raw: KubeObject): Decoded
  /** Problems with the schema of this version; of a change those it brings. */
  validate?(object: KubeObject, old: KubeObject | undefined): readonly FieldProblem[]
  /** Problems of an object that was merged by an apply, beyond those of any object: fields that were left null. */
  readonly mergeProblems?: (object: unknown) => readonly FieldProblem[]
  /** Between this version and the stored one. Absent: only `apiVersion` differs. */
  toStored?(object: KubeObject): KubeObject
  fromStored?(object: KubeObject): KubeObject
}

/** What the rules of a kind may ask of the cluster. */
export interface RuleContext {
  readonly nowMs: number
  readonly clusterIps: ClusterIps
  /** True while nothing is stored: allocations are not kept. */
  readonly dryRun: boolean
}

/** Gives Services their addresses and node ports. */
export interface ClusterIps {
  address(family: 'IPv4' | 'IPv6'): string
  nodePort(): number
}

/** The behaviour of a kind beyond its schema; all optional, all pure. Objects are in the stored version. */
export interface Rules {
  /** Server-set fields of a new object, after defaults. Runs before validation. */
  onCreate?(object: KubeObject, context: RuleContext): KubeObject
  /** Carries over what an update may not change. Runs before validation. */
  onUpdate?(object: KubeObject, old: KubeObject, context: RuleContext): KubeObject
  validate?(object: KubeObject, old: KubeObject | undefined): readonly FieldProblem[]
  /** Words of `Warning:` headers. */
  warnings?(object: KubeObject): readonly string[]
  /** Fields a field selector may name, beside metadata.name and metadata.namespace. */
  selectable?(object: KubeObject): Readonly<Record<string, string>>
  /** Names of those fields. */
  readonly selectableFields?: readonly string[]
  /** Why this object may not be deleted. */
  refuseDelete?(object: KubeObject): string | undefined
}

/** The form of names of a kind. */
export type NameRule = 'subdomain' | 'label' | 'label1035' | 'path'

/** One resource of the API: everything that differs between kinds. Built-ins and custom resources have the same shape. */
export interface ResourceType {
  readonly group: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly listKind: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** Where its objects are stored; two resources may share one. */
  readonly bucket: string
  /** Served versions, the preferred first. */
  readonly versions: readonly ResourceVersion[]
  /** `group/version` that objects are stored in. */
  readonly storedApiVersion: string
  readonly names: NameRule
  /** `spec`: starts at 1 and counts changes outside metadata (and status, where that is a subresource). */
  readonly generation: 'none' | 'spec'
  /** Metadata whose change counts as well. */
  readonly generationCounts?: readonly ('labels' | 'annotations')[]
  /** Paths that a write of `/status` leaves as they are, whatever it says. */
  readonly statusKeeps: readonly (readonly string[])[]
  /** A new object keeps the status it came with. */
  readonly statusOnCreate: boolean
  readonly createOnUpdate: boolean
  readonly unconditionalUpdate: boolean
  /** What a DELETE that removed the object answers. */
  readonly deleteAnswer: 'object' | 'status'
  /** What becomes of dependents when a DELETE does not say; default Background. `none`: it has none, and is nobody's. */
  readonly defaultDeletionPolicy?: DeletionPolicy | 'none'
  readonly verbs: readonly string[]
  readonly rules: Rules
  /** Not made by a CRD. */
  readonly builtin: boolean
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

/** A resource in the version that a request names. */
export interface Target {
  readonly type: ResourceType
  readonly version: ResourceVersion
}

/** The apiVersion that a target's clients see. */
export function apiVersionOfTarget(target: Target): string {
  return apiVersionOf(target.type.group, target.version.version)
}

const views = new WeakMap<KubeObject, Map<ResourceVersion, KubeObject>>()

/** A stored object as clients of `target` see it. The same object for the same version, so that its bytes can be kept. */
export function presented(target: Target, stored: KubeObject): KubeObject {
  const apiVersion = apiVersionOfTarget(target)
  if (target.version.fromStored === undefined && stored.apiVersion === apiVersion) return stored
  const known = views.get(stored)
  const found = known?.get(target.version)
  if (found !== undefined) return found
  const made = target.version.fromStored?.(stored) ?? { ...stored, apiVersion }
  if (known === undefined) views.set(stored, new Map([[target.version, made]]))
  else known.set(target.version, made)
  return made
}
