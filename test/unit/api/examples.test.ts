import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { KINDS, OPTIONAL_KINDS } from '../../../src/api/kinds.ts'
import { controlPlaneSettings, parseKubeFedConfig } from '../../../src/api/kubefed-config.ts'
import type { StructuralSchema } from '../../../src/api/resource-definition.ts'

const FOLDER = new URL('../../../deploy/examples/', import.meta.url)
const read = (file: string): Record<string, unknown> =>
  parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Record<string, unknown>
const EXAMPLES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({ file, object: read(file) }))
const kindOf = (object: Record<string, unknown>): string =>
  `${String(object['apiVersion'])} ${String(object['kind'])}`
const BY_KIND = new Map(
  [...KINDS, ...OPTIONAL_KINDS].map((kind) => [
    `${kind.definition.group}/${kind.definition.version} ${kind.definition.kind}`,
    kind,
  ]),
)

describe('deploy/examples', () => {
  it('has one example of each kind', () => {
    expect(EXAMPLES.map(({ object }) => kindOf(object)).sort()).toEqual([...BY_KIND.keys()].sort())
  })

  it.each(EXAMPLES)('$file is accepted and has no unknown field', ({ object }) => {
    const kind = BY_KIND.get(kindOf(object))

    expect(kind?.parse(object).kind).toBe('ok')
    expect(unknownFields(object, kind?.definition.schema ?? {}, '')).toEqual([])
  })

  it('shows the defaults of a KubeFedConfig, as it says', () => {
    const parsed = parseKubeFedConfig(read('kubefedconfig.yaml'))

    expect(parsed.kind === 'ok' && controlPlaneSettings(parsed.value.spec)).toEqual(
      controlPlaneSettings(undefined),
    )
  })
})

function unknownFields(value: unknown, schema: StructuralSchema, path: string): readonly string[] {
  if (path === '.metadata' || typeof value !== 'object' || value === null) return []
  if (Array.isArray(value))
    return value.flatMap((item) => unknownFields(item, schema.items ?? {}, `${path}[]`))
  return Object.entries(value).flatMap(([name, field]) => {
    const known = schema.properties?.[name] ?? schema.additionalProperties
    return known === undefined ? [`${path}.${name}`] : unknownFields(field, known, `${path}.${name}`)
  })
}
