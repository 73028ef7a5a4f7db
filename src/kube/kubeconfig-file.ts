import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { parse } from 'yaml'
import { AppError } from '../errors.ts'
import { isRecord } from './kube-error.ts'
import type { RawRecord } from './projections/raw-object.ts'

/** One cluster and one user of a kubeconfig, file paths absolute: all that a connection may know of it. */
export interface KubeconfigEntry {
  readonly context: string
  /** Of the context, for commands that take a default namespace. */
  readonly namespace: string | undefined
  readonly cluster: RawRecord
  readonly user: RawRecord
}

interface Loaded {
  readonly path: string
  readonly raw: RawRecord
}

/** Fields that name files, relative to the file they stand in. */
const PATHS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']

/** @returns an error that says what is wrong with a kubeconfig, where, and what to do */
export function kubeconfigError(
  message: string,
  fields: Readonly<Record<string, string>>,
  cause?: unknown,
): AppError {
  return new AppError(message, {
    code: 'KUBECONFIG_INVALID',
    fields,
    ...(cause === undefined ? {} : { cause }),
  })
}

/**
 * Read kubeconfig files as kubectl does: of entries with one name the first file's counts, and so does the first
 * `current-context`; paths are relative to the file they stand in; of several files some may be missing.
 * @param context - its name; without it `current-context`
 * @throws AppError KUBECONFIG_INVALID
 */
export async function readKubeconfig(paths: readonly string[], context?: string): Promise<KubeconfigEntry> {
  const files = (await Promise.all(paths.map((path) => load(path, paths.length > 1)))).filter(
    (file) => file !== undefined,
  )
  const where = paths.join(':')
  if (files.length === 0)
    throw kubeconfigError('no kubeconfig file there: give its path by --kubeconfig', { path: where })
  const name = context ?? firstText(files, 'current-context')
  if (name === undefined) {
    throw kubeconfigError('the kubeconfig has no current-context: name one by --context', { path: where })
  }
  const chosen = entry(files, 'context', name)
  const clusterName = text(chosen['cluster'])
  if (clusterName === undefined)
    throw kubeconfigError('the context names no cluster', { path: where, context: name })
  const userName = text(chosen['user'])
  return {
    context: name,
    namespace: text(chosen['namespace']),
    cluster: entry(files, 'cluster', clusterName),
    user: userName === undefined ? {} : entry(files, 'user', userName),
  }
}

async function load(path: string, mayBeMissing: boolean): Promise<Loaded | undefined> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT' // readFile rejects with nothing else
    if (missing && mayBeMissing) return undefined
    throw kubeconfigError(
      'the kubeconfig cannot be read: check the path and its permissions',
      { path },
      cause,
    )
  }
  let raw: unknown
  try {
    raw = parse(content)
  } catch {
    // The parser's message quotes lines, and lines may hold tokens.
    throw kubeconfigError('the kubeconfig is not YAML', { path })
  }
  if (!isRecord(raw)) throw kubeconfigError('the kubeconfig is not a YAML object', { path })
  return { path, raw }
}

/** The named entry of the first file that has it. */
function entry(files: readonly Loaded[], what: 'context' | 'cluster' | 'user', name: string): RawRecord {
  for (const { path, raw } of files) {
    const list = raw[`${what}s`]
    const found = Array.isArray(list)
      ? list.find((item) => isRecord(item) && item['name'] === name)
      : undefined
    if (found === undefined) continue
    const content: unknown = isRecord(found) ? (found[what] ?? {}) : undefined
    if (!isRecord(content))
      throw kubeconfigError('an entry of the kubeconfig is no object', { path, [what]: name })
    return absolute(content, dirname(path))
  }
  const path = files.map((file) => file.path).join(':')
  throw kubeconfigError(`the kubeconfig has no such ${what}: see "kubectl config view"`, {
    path,
    [what]: name,
  })
}

function absolute(content: RawRecord, folder: string): RawRecord {
  const place = (path: unknown): unknown =>
    typeof path === 'string' && path !== '' && !isAbsolute(path) ? join(folder, path) : path
  const paths = PATHS.filter((field) => content[field] !== undefined).map((field) => [
    field,
    place(content[field]),
  ])
  const exec = content['exec']
  const command = isRecord(exec) ? exec['command'] : undefined
  // A command with a slash is a path relative to the file, one without is looked for in PATH.
  const moved = isRecord(exec) && typeof command === 'string' && command.includes('/')
  return {
    ...content,
    ...Object.fromEntries(paths),
    ...(moved ? { exec: { ...exec, command: place(command) } } : {}),
  }
}

function firstText(files: readonly Loaded[], field: string): string | undefined {
  return files.map(({ raw }) => text(raw[field])).find((value) => value !== undefined)
}

/** A string with content. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
