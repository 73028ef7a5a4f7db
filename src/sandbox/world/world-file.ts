import { readFileSync } from 'node:fs'
import { yamlDocuments } from '../yaml-documents.ts'
import { parseWorld, type World, WorldError } from './world.ts'

/**
 * Read a world from a YAML or JSON file (`--topology`).
 * @throws WorldError with file, path, reason and what to do
 */
export function readWorldFile(file: string): World {
  return parseWorldText(readText(file), file)
}

/** As readWorldFile, for text already at hand; `source` names it in errors. */
export function parseWorldText(text: string, source: string): World {
  const documents = yamlDocuments(text)
  const fault = documents.find((document) => document.kind === 'fault')
  if (fault !== undefined) throw notOneDocument(source, `line ${fault.line}`, fault.reason)
  if (documents.length > 1) throw notOneDocument(source, '', `${documents.length} documents`)
  const [only] = documents
  return parseWorld(only?.kind === 'value' ? only.value : undefined, source)
}

function notOneDocument(file: string, path: string, reason: string): WorldError {
  return new WorldError({ file, path, reason, action: 'write one YAML or JSON document' })
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new WorldError({
      file,
      path: '',
      reason: error instanceof Error ? error.message : String(error),
      action: 'name a file that can be read',
    })
  }
}
