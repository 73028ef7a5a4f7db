import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** One import of one source file. `target` is a path below the root for our own files, else the package's name. */
export interface SourceImport {
  readonly from: string
  readonly target: string
  readonly own: boolean
  readonly typeOnly: boolean
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g
const WORKER = /new URL\(\s*'(\.[^']+\.ts)'\s*,\s*import\.meta\.url\s*\)/g

/** All TypeScript files below a folder, as paths from `root`. */
export function sourceFiles(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

/** What one file imports, dynamic imports and worker files among it. */
export function importsOf(root: string, file: string): readonly SourceImport[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found: SourceImport[] = []
  const add = (specifier: string, typeOnly: boolean): void => {
    const own = specifier.startsWith('.')
    const target = own ? relative(root, resolve(root, dirname(file), specifier)) : packageName(specifier)
    found.push({ from: file, target, own, typeOnly })
  }
  for (const match of text.matchAll(STATIC)) add(match[2] ?? '', match[1] !== undefined)
  for (const match of text.matchAll(DYNAMIC)) add(match[1] ?? '', false)
  for (const match of text.matchAll(WORKER)) add(match[1] ?? '', false)
  return found
}

function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
}
