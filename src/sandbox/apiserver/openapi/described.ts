import { builtinDefinitions, kindsOf } from '../builtin/schema.ts'
import type { Schema } from '../builtin/schema.ts'
import { CORE_DESCRIPTIONS } from './descriptions/core.ts'
import { META_DESCRIPTIONS, TYPE_META } from './descriptions/metadata.ts'
import type { Descriptions } from './descriptions/metadata.ts'
import { OTHER_DESCRIPTIONS } from './descriptions/networking.ts'
import { WORKLOAD_DESCRIPTIONS } from './descriptions/workloads.ts'

/** Words by the end of a definition's name: `core.v1.Pod`. */
export const DESCRIPTIONS: Descriptions = {
  ...META_DESCRIPTIONS,
  ...CORE_DESCRIPTIONS,
  ...WORKLOAD_DESCRIPTIONS,
  ...OTHER_DESCRIPTIONS,
}

const TYPE_META_FIELDS: Readonly<Record<string, string>> = TYPE_META
const byName = new Map(Object.entries(DESCRIPTIONS))
let described: Readonly<Record<string, Schema>> | undefined

/** The recorded definitions of the built-in kinds with our words in them. Made at the first use. */
export function describedDefinitions(): Readonly<Record<string, Schema>> {
  described ??= Object.fromEntries(
    Object.entries(builtinDefinitions()).map(([name, schema]) => [name, withWords(name, schema)]),
  )
  return described
}

/** `io.k8s.api.core.v1.Pod` is described under `core.v1.Pod`. */
export function wordsOf(name: string): Readonly<Record<string, string>> {
  const parts = name.split('.')
  return byName.get(parts.slice(-3).join('.')) ?? byName.get(parts.slice(-2).join('.')) ?? {}
}

function withWords(name: string, schema: Schema): Schema {
  const own = wordsOf(name)
  const words = kindsOf(schema).length === 0 ? own : { ...TYPE_META_FIELDS, ...own }
  const { properties } = schema
  const kind = own['']
  return {
    ...(kind === undefined ? {} : { description: kind }),
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([field, inner]) => {
              const description = Object.hasOwn(words, field) ? words[field] : undefined
              return [field, description === undefined ? inner : { description, ...inner }]
            }),
          ),
        }),
  }
}
