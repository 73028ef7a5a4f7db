import { mkdirSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { toCustomResourceDefinition } from './crd.ts'
import { kindsDocument } from './kinds-document.ts'
import { KINDS, OPTIONAL_KINDS } from './kinds.ts'
import type { ResourceDefinition } from './resource-definition.ts'

/** A file of `crds/`: its path below that folder and its text. */
export interface CrdFile {
  readonly path: string
  readonly text: string
}

/** All files of `crds/`, as they must be. */
export function crdFiles(): readonly CrdFile[] {
  const file = (folder: string, definition: ResourceDefinition): CrdFile => ({
    path: `${folder}${definition.plural}.${definition.group}.yaml`,
    text: `# Made by "npm run crds" from src/api; do not edit.\n${stringify(toCustomResourceDefinition(definition), { lineWidth: 120 })}`,
  })
  return [
    ...KINDS.map(({ definition }) => file('', definition)),
    ...OPTIONAL_KINDS.map(({ definition }) => file('optional/', definition)),
  ]
}

if (import.meta.main) {
  const folder = new URL('../../crds/', import.meta.url)
  mkdirSync(new URL('optional/', folder), { recursive: true })
  for (const { path, text } of crdFiles()) writeFileSync(new URL(path, folder), text)
  writeFileSync(new URL('../../docs/kinds.md', import.meta.url), kindsDocument())
}
