import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
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
  const document = parseDocument(text)
  const fault = document.errors[0]
  if (fault !== undefined) {
    throw new WorldError({
      file: source,
      path: `line ${fault.linePos?.[0].line ?? 1}`,
      reason: fault.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? 'not YAML',
      action: 'write one YAML or JSON document',
    })
  }
  return parseWorld(document.toJS({ maxAliasCount: 100 }), source)
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
