/**
 * Rewrites src/sandbox/apiserver/protobuf/fields.ts from the sources of the Kubernetes API types:
 * `node test/support/record-protobuf-fields.ts API_MODULE APIMACHINERY_MODULE` (folders of k8s.io/api and k8s.io/apimachinery).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { definition, referencesOf } from '../../src/sandbox/apiserver/builtin/schema.ts'
import { BUILTIN_KINDS } from '../../src/sandbox/apiserver/builtin/kinds.ts'

const EXTRA = ['io.k8s.api.autoscaling.v1.Scale', 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']
/** Decoded by hand. */
const SPECIAL = /\.(Time|MicroTime|Quantity|IntOrString|FieldsV1|RawExtension)$/

interface Field {
  readonly number: string
  readonly name: string
  readonly type: string
  readonly pointer: boolean
}

const [apiModule, machineryModule] = process.argv.slice(2)
if (apiModule === undefined || machineryModule === undefined) {
  throw new Error('usage: record-protobuf-fields.ts API_MODULE APIMACHINERY_MODULE')
}

/** `io.k8s.api.core.v1.Pod` → folder of its package and the message's name. */
function locate(name: string): { readonly folder: string; readonly message: string } {
  const parts = name.split('.')
  const message = parts.pop() ?? ''
  const path = parts.join('/')
  return path.startsWith('io/k8s/apimachinery/')
    ? { folder: `${machineryModule}/${path.slice('io/k8s/apimachinery/'.length)}`, message }
    : { folder: `${apiModule}/${path.slice('io/k8s/api/'.length)}`, message }
}

const sources = new Map<string, string>()

function source(path: string): string {
  const found = sources.get(path) ?? (existsSync(path) ? readFileSync(path, 'utf8') : '')
  sources.set(path, found)
  return found
}

function fieldsOf(name: string): readonly Field[] | undefined {
  const { folder, message } = locate(name)
  const body = new RegExp(`\\nmessage ${message} \\{\\n(.*?)\\n\\}`, 's').exec(
    source(`${folder}/generated.proto`),
  )?.[1]
  if (body === undefined) return undefined
  const struct =
    new RegExp(`\\ntype ${message} struct \\{\\n(.*?)\\n\\}`, 's').exec(source(`${folder}/types.go`))?.[1] ??
    ''
  return [...body.matchAll(/^\s*(?:optional|repeated)?\s*(map<[^>]+>|[.\w]+) (\w+) = (\d+);/gm)].map(
    ([, type = '', field = '', number = '']) => ({
      number,
      name: field,
      type: type.startsWith('.k8s.io.')
        ? type.replace('.k8s.io.', 'io.k8s.')
        : /^[A-Z]/.test(type)
          ? name.replace(/[^.]+$/, type)
          : type,
      pointer: new RegExp(`\\*\\w+\\s+\`json:"${field},`).test(struct),
    }),
  )
}

const lines = new Map<string, string>()

function collect(name: string, properties: Readonly<Record<string, unknown>> | undefined): void {
  if (lines.has(name) || SPECIAL.test(name)) return
  const fields = fieldsOf(name)
  if (fields === undefined) return
  lines.set(name, '')
  const shown = fields.map((field) => {
    const inline =
      properties !== undefined && properties[field.name] === undefined && field.type.startsWith('io.')
    if (inline) collect(field.type, properties)
    return inline
      ? `${field.number}*${field.type}`
      : `${field.number} ${field.name}${field.pointer ? '?' : ''}`
  })
  lines.set(name, [name, ...shown].join('|'))
}

const queue = [...BUILTIN_KINDS.map((kind) => kind.definition), ...EXTRA]
const seen = new Set<string>()
for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
  if (seen.has(name)) continue
  seen.add(name)
  const { schema } = definition(name)
  collect(name, schema.properties)
  queue.push(...referencesOf(schema))
}
const quoted = [...lines.keys()].toSorted().map((name) => `  '${lines.get(name)}',`)
writeFileSync(
  new URL('../../src/sandbox/apiserver/protobuf/fields.ts', import.meta.url),
  `/**
 * Field numbers of the built-in kinds in protobuf: \`message|number name|…\`; \`?\`: zero is a value; \`*\`: the fields of that message
 * belong to this one. Written by test/support/record-protobuf-fields.ts: do not edit.
 */
export const PROTOBUF_FIELDS: readonly string[] = [
${quoted.join('\n')}
]
`,
)
process.stdout.write(`${quoted.length} messages\n`)
