import type { Kind } from './kind.ts'
import { KINDS, OPTIONAL_KINDS } from './kinds.ts'
import type { ResourceDefinition, StructuralSchema } from './resource-definition.ts'

/** `docs/kinds.md` as it must be: the kinds, and the fields that users write. */
export function kindsDocument(): string {
  const all = [...KINDS, ...OPTIONAL_KINDS]
  return `<!-- Made by "npm run crds" from src/api; do not edit. -->
# Kinds

KubeFed's manifests apply unchanged; what is not KubeFed's is optional. An example of each is in \`deploy/examples/\`, the CRDs are in \`crds/\`
(those of \`crds/optional/\` are installed on request only). Statuses are described by \`kubectl explain KIND.status\`.
A Domain has, besides \`Ready\`, the conditions \`Signed\` ([dnssec.md](dnssec.md)) with \`--dnssec-keys\`, \`TransferAllowed\` ([secondaries.md](secondaries.md)) with \`--allow-transfer\`,
and \`ZoneFile\` ([nameserver.md](nameserver.md#static-data-of-a-domain)) with \`zoneFile\`.

| kind | group and version | short | what for |
|---|---|---|---|
${all.map(summary).join('\n')}

${all.map(fields).join('\n\n')}
`
}

function summary(kind: Kind): string {
  const { kind: name, group, version, shortNames, schema } = kind.definition
  const optional = OPTIONAL_KINDS.includes(kind) ? ' On request only.' : ''
  return `| ${name} | \`${group}/${version}\` | ${shortNames.map((short) => `\`${short}\``).join(' ')} | ${schema.description ?? ''}${optional} |`
}

function fields({ definition }: Kind): string {
  const rows = Object.entries(definition.schema.properties ?? {})
    .filter(([name]) => !['apiVersion', 'kind', 'metadata', 'status'].includes(name))
    .flatMap(([name, schema]) => rowsOf(name, schema, definition.schema.required?.includes(name) ?? false))
  return `## ${titleOf(definition)}\n\n| field | type | what for |\n|---|---|---|\n${rows.join('\n')}`
}

function titleOf({ kind, group }: ResourceDefinition): string {
  return `${kind} (${group})`
}

function rowsOf(path: string, schema: StructuralSchema, isRequired: boolean): readonly string[] {
  const below = schema.items?.properties === undefined ? schema : schema.items
  const prefix = below === schema ? path : `${path}[]`
  const own = below.properties === undefined || below !== schema
  const row = `| \`${path}\` | ${typeText(schema)}${isRequired ? ', required' : ''} | ${(schema.description ?? '').replaceAll('<', '&lt;')} |`
  const rows = Object.entries(below.properties ?? {}).flatMap(([name, field]) =>
    rowsOf(`${prefix}.${name}`, field, below.required?.includes(name) ?? false),
  )
  return own ? [row, ...rows] : rows
}

function typeText(schema: StructuralSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`
  if (schema.additionalProperties !== undefined) return `map to ${typeText(schema.additionalProperties)}`
  const { minimum, maximum, type = 'anything' } = schema
  if (maximum !== undefined) return `${type}, ${minimum ?? 0} to ${maximum}`
  return minimum === undefined ? type : `${type}, at least ${minimum}`
}
