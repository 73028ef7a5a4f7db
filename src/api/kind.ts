import { z } from 'zod'
import type { ObjectMeta } from './object.ts'
import type { PrinterColumn, ResourceDefinition } from './resource-definition.ts'
import { describeIssues } from './problems.ts'
import { structuralSchema } from './structural.ts'

/** All of a value is read-only. */
export type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T

/** What reading an object gives. Problems are one line each: where, what, and what to do. */
export type Parsed<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'rejected'; readonly problems: readonly string[] }

/** An object as asked for: metadata and the fields that users write, unknown fields left out. Never write it back: write a changed copy of the raw object. */
export type Asked<F> = { readonly metadata: ObjectMeta } & Frozen<F>

/** A kind of ours: its definition, and the readers of its objects. */
export interface Kind<T = unknown, S = unknown> {
  readonly definition: ResourceDefinition
  /** Schema and rules; never throws. `status` is not read. */
  parse(raw: unknown): Parsed<T>
  /** `status`, or undefined when it is absent or not of its schema: a broken status never blocks an object, it is written anew. */
  readStatus(raw: unknown): S | undefined
  /** What forbids turning one stored object into another; both are valid by themselves. */
  changeProblems(before: unknown, after: unknown): readonly string[]
}

export interface KindOptions<F extends z.ZodRawShape, S extends z.ZodType> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly description: string
  readonly printerColumns?: readonly PrinterColumn[]
  readonly annotations?: Readonly<Record<string, string>>
  /** The fields beside apiVersion, kind and metadata that users write. */
  readonly fields: z.ZodObject<F>
  /** Absent: the kind has no status. */
  readonly status?: S
  /** What a structural schema cannot say. */
  readonly validate?: (value: Asked<z.output<z.ZodObject<F>>>) => readonly string[]
  readonly validateChange?: (
    before: Asked<z.output<z.ZodObject<F>>>,
    after: Asked<z.output<z.ZodObject<F>>>,
  ) => readonly string[]
}

/** Make a kind of its zod schemas: the one source of type, parser and CRD. */
export function defineKind<F extends z.ZodRawShape, S extends z.ZodType>(
  options: KindOptions<F, S>,
): Kind<Asked<z.output<z.ZodObject<F>>>, Frozen<z.output<S>>> {
  type Value = Asked<z.output<z.ZodObject<F>>>
  const parse = (raw: unknown): Parsed<Value> => {
    const metadata = readMetadata(raw)
    if (typeof metadata === 'string') return { kind: 'rejected', problems: [metadata] }
    const fields = options.fields.safeParse(raw)
    if (!fields.success) {
      return { kind: 'rejected', problems: describeIssues(fields.error.issues, raw) }
    }
    const value = { metadata, ...fields.data } as unknown as Value // both parts checked; Frozen is a view of the type only
    const problems = options.validate?.(value) ?? []
    return problems.length === 0 ? { kind: 'ok', value } : { kind: 'rejected', problems }
  }
  return {
    definition: definitionOf(options),
    parse,
    readStatus(raw) {
      const status = (raw as { readonly status?: unknown } | null | undefined)?.status
      const parsed = status === undefined ? undefined : options.status?.safeParse(status)
      return parsed?.success === true ? (parsed.data as Frozen<z.output<S>>) : undefined // Frozen is a view
    },
    changeProblems(before, after) {
      const from = parse(before)
      const to = parse(after)
      if (from.kind === 'rejected' || to.kind === 'rejected') return []
      return options.validateChange?.(from.value, to.value) ?? []
    },
  }
}

function readMetadata(raw: unknown): ObjectMeta | string {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return 'is not an object: give a Kubernetes object'
  const metadata = (raw as { readonly metadata?: unknown }).metadata
  if (typeof metadata !== 'object' || metadata === null) return 'metadata: is missing: add it, with a name'
  const { name, namespace } = metadata as Partial<Record<string, unknown>>
  if (typeof name !== 'string' || name === '') return 'metadata.name: is missing: name the object'
  if (typeof namespace !== 'string' || namespace === '')
    return 'metadata.namespace: is missing: say which namespace it is for'
  return metadata as ObjectMeta // the rest is the API server's own
}

function definitionOf<F extends z.ZodRawShape, S extends z.ZodType>(
  options: KindOptions<F, S>,
): ResourceDefinition {
  const { group, version, kind, plural, annotations } = options
  let schema: ResourceDefinition['schema'] | undefined
  return {
    group,
    version,
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
    namespaced: true,
    get schema() {
      schema ??= wholeSchema(options) // on demand: only API servers and CRD files need it
      return schema
    },
    subresources: { status: options.status !== undefined },
    printerColumns: options.printerColumns ?? [],
    ...(annotations === undefined ? {} : { annotations }),
  }
}

function wholeSchema<F extends z.ZodRawShape, S extends z.ZodType>(
  options: KindOptions<F, S>,
): ResourceDefinition['schema'] {
  const own = structuralSchema(options.fields)
  const status = options.status === undefined ? {} : { status: structuralSchema(options.status) }
  return {
    type: 'object',
    description: options.description,
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      ...own.properties,
      ...status,
    },
    ...(own.required === undefined ? {} : { required: own.required }),
  }
}
