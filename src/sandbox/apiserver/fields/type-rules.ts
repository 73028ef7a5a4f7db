import { isFields, listOf, textOf } from '../model/values.ts'

/** The part of an OpenAPI schema that says how values merge and are owned. */
export interface TypeSchema {
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, TypeSchema>>
  readonly additionalProperties?: TypeSchema | boolean
  readonly items?: TypeSchema
  readonly default?: unknown
  readonly allOf?: readonly TypeSchema[]
  readonly $ref?: string
  readonly [keyword: string]: unknown
}

/** What kind of plain value a place takes. */
export type Scalar = 'string' | 'numeric' | 'boolean' | 'untyped'

/** How a place of an object may look; more than one form where a schema leaves it open. */
export interface TypeRules {
  readonly scalar?: Scalar
  readonly list?: ListRules
  readonly map?: MapRules
}

/** A list: replaced as a whole (atomic), a set of values (no keys), or items told apart by keys. */
export interface ListRules {
  readonly atomic: boolean
  readonly keys: readonly string[]
  readonly items: TypeRules
}

/** An object: replaced as a whole (atomic), or owned field by field. */
export interface MapRules {
  readonly atomic: boolean
  /** The rules of a field that the schema names. */
  field(name: string): TypeRules | undefined
  /** The rules of all others; undefined: there may be none. */
  readonly others: TypeRules | undefined
  /** Default of a field that the schema names. */
  defaultOf(name: string): unknown
}

/** Where references of a schema lead. */
export type Resolve = (reference: string) => { readonly name: string; readonly schema: TypeSchema }

/** A place that nothing is known about, and that is owned as a whole. */
const ATOMIC: TypeRules = {
  scalar: 'untyped',
  list: {
    atomic: true,
    keys: [],
    get items(): TypeRules {
      return ATOMIC
    },
  },
  map: {
    atomic: true,
    field: () => undefined,
    get others(): TypeRules {
      return ATOMIC
    },
    defaultOf: () => undefined,
  },
}

/** A place that nothing is known about: objects field by field, lists as a whole. */
export const DEDUCED: TypeRules = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], items: ATOMIC },
  map: {
    atomic: false,
    field: () => undefined,
    get others(): TypeRules {
      return DEDUCED
    },
    defaultOf: () => undefined,
  },
}

/** Definitions whose form is not in their schema. */
const FIXED: Readonly<Record<string, TypeRules>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { scalar: 'untyped' },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': ATOMIC,
}

interface Context {
  readonly resolve: Resolve
  /** Fields that no schema names are kept here. */
  readonly preserve: boolean
}

/** The rules of a schema. References are followed when a value leads there. */
export function typeRulesOf(schema: TypeSchema, resolve: Resolve): TypeRules {
  return rulesOf(schema, { resolve, preserve: false })
}

function rulesOf(schema: TypeSchema, context: Context): TypeRules {
  const reference = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined)
  if (reference !== undefined) return referredRules(schema, context.resolve(reference), context)
  const preserve = context.preserve || schema['x-kubernetes-preserve-unknown-fields'] === true
  const inner = preserve === context.preserve ? context : { ...context, preserve }
  switch (schema.type) {
    case 'object':
      return { map: new SchemaMap(schema, inner) }
    case 'array':
      return { list: new SchemaList(schema, inner) }
    case 'string':
      return { scalar: ['', 'byte'].includes(textOf(schema.format)) ? 'string' : 'untyped' }
    case 'integer':
    case 'number':
      return { scalar: 'numeric' }
    case 'boolean':
      return { scalar: 'boolean' }
    case undefined:
    default:
      return { scalar: 'untyped', list: new SchemaList(schema, inner), map: new SchemaMap(schema, inner) }
  }
}

/** A reference may say that what it refers to is owned as a whole here. */
function referredRules(
  schema: TypeSchema,
  referred: { readonly name: string; readonly schema: TypeSchema },
  context: Context,
): TypeRules {
  const rules = FIXED[referred.name] ?? rulesOf(referred.schema, { ...context, preserve: false })
  const relation = schema['x-kubernetes-map-type']
  if (rules.map === undefined || relation === undefined) return rules
  const { map } = rules
  return {
    ...rules,
    map: {
      atomic: relation === 'atomic',
      field: (name) => map.field(name),
      others: map.others,
      defaultOf: (name) => map.defaultOf(name),
    },
  }
}

class SchemaMap implements MapRules {
  readonly atomic: boolean
  readonly #schema: TypeSchema
  readonly #context: Context
  readonly #fields = new Map<string, TypeRules>()
  #others: TypeRules | undefined
  #othersKnown = false

  constructor(schema: TypeSchema, context: Context) {
    this.#schema = schema
    this.#context = context
    this.atomic = schema['x-kubernetes-map-type'] === 'atomic'
  }

  field(name: string): TypeRules | undefined {
    const found = this.#fields.get(name)
    if (found !== undefined) return found
    const { properties } = this.#schema
    const schema = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
    if (schema === undefined) return undefined
    const made = rulesOf(schema, this.#context)
    this.#fields.set(name, made)
    return made
  }

  get others(): TypeRules | undefined {
    if (this.#othersKnown) return this.#others
    this.#othersKnown = true
    const { additionalProperties, properties } = this.#schema
    if (isFields(additionalProperties)) this.#others = rulesOf(additionalProperties, this.#context)
    else if (additionalProperties === undefined) {
      const free = this.#context.preserve || Object.keys(properties ?? {}).length === 0
      this.#others = free ? DEDUCED : undefined
    } else this.#others = additionalProperties ? DEDUCED : undefined
    return this.#others
  }

  defaultOf(name: string): unknown {
    const { properties } = this.#schema
    return properties !== undefined && Object.hasOwn(properties, name) ? properties[name]?.default : undefined
  }
}

class SchemaList implements ListRules {
  readonly atomic: boolean
  readonly keys: readonly string[]
  readonly #schema: TypeSchema
  readonly #context: Context
  #items: TypeRules | undefined

  constructor(schema: TypeSchema, context: Context) {
    this.#schema = schema
    this.#context = context
    const keys = associationOf(schema)
    this.atomic = keys === undefined
    this.keys = keys ?? []
  }

  get items(): TypeRules {
    this.#items ??= this.#schema.items === undefined ? ATOMIC : rulesOf(this.#schema.items, this.#context)
    return this.#items
  }
}

/** The keys by which items are told apart, none for a set; undefined: the list is owned as a whole. */
function associationOf(schema: TypeSchema): readonly string[] | undefined {
  const type = schema['x-kubernetes-list-type']
  if (type === 'map') return listOf(schema['x-kubernetes-list-map-keys']).map(textOf)
  if (type !== undefined) return type === 'set' ? [] : undefined
  if (!textOf(schema['x-kubernetes-patch-strategy']).split(',').includes('merge')) return undefined
  const key = textOf(schema['x-kubernetes-patch-merge-key'])
  return key === '' ? [] : [key]
}
