import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from './usage-error.ts'

/** One document of a file, and where it came from, for error texts. */
export interface SourceDocument {
  /** `path`, or `path, document 2` where there are several. */
  readonly where: string
  readonly value: unknown
}

const MANIFEST = /\.(?:ya?ml|json)$/

/**
 * Read one YAML or JSON file of one document.
 * @throws UsageError when it cannot be read, is not YAML, or holds not exactly one document
 */
export async function readDocument(option: string, path: string): Promise<SourceDocument> {
  const documents = await documentsOf(option, path)
  const [only] = documents
  if (only === undefined || documents.length > 1) {
    throw new UsageError(option, `${path} holds ${documents.length} documents: give a file of one`)
  }
  return { where: path, value: only.value }
}

/**
 * Read all documents of files and folders, in the order given; of a folder its manifests by name, without its subfolders.
 * Lists (`kind: List`) are taken apart.
 * @throws UsageError when one cannot be read or is not YAML
 */
export async function readDocuments(
  option: string,
  paths: readonly string[],
): Promise<readonly SourceDocument[]> {
  const files = paths.flatMap((path) => filesAt(option, path))
  const documents = await Promise.all(files.map((file) => documentsOf(option, file)))
  return documents.flat().flatMap(itemsOf)
}

function filesAt(option: string, path: string): readonly string[] {
  if (!attempt(option, path, () => statSync(path).isDirectory())) return [path]
  const names = attempt(option, path, () => readdirSync(path)).filter((name) => MANIFEST.test(name))
  if (names.length === 0)
    throw new UsageError(option, `${path} holds no *.yaml, *.yml or *.json: put manifests there`)
  return names.sort().map((name) => join(path, name))
}

async function documentsOf(option: string, path: string): Promise<readonly SourceDocument[]> {
  const text = attempt(option, path, () => readFileSync(path, 'utf8'))
  const { parseAllDocuments } = await import('yaml') // 17 ms, and most starts read no file
  const documents = [...parseAllDocuments(text)].map((document, i) => {
    const where = `${path}, document ${i + 1}`
    const [error] = document.errors
    if (error !== undefined)
      throw new UsageError(option, `${where} is not YAML: ${firstLine(error.message)}`, error)
    return { where, value: attempt(option, where, () => document.toJS({ maxAliasCount: 100 }) as unknown) }
  })
  const filled = documents.filter(({ value }) => value !== null && value !== undefined)
  return filled.length === 1 ? filled.map(({ value }) => ({ where: path, value })) : filled
}

function itemsOf(source: SourceDocument): readonly SourceDocument[] {
  const { kind, items } = (source.value ?? {}) as { readonly kind?: unknown; readonly items?: unknown }
  if (kind !== 'List' || !Array.isArray(items)) return [source]
  return items.map((value: unknown, i) => ({ where: `${source.where}, item ${i + 1}`, value }))
}

function attempt<T>(option: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new UsageError(option, `${path} cannot be read (${reasonOf(error)}): give a file that can`, error)
  }
}

/** Why a file cannot be read, in a few words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EACCES') return 'permission denied'
  if (code === 'EISDIR') return 'it is a folder'
  return firstLine(String(message))
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/[.:]\s*$/, '')
}
