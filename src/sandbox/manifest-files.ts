import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { KubeObject } from '../api/object.ts'
import { AppError } from '../errors.ts'
import { CLUSTER_SETTING } from './settings.ts'
import { HOST_CLUSTER } from './world/world.ts'
import { yamlDocuments } from './yaml-documents.ts'

/** One object of a manifest file, and where it goes. */
export interface Manifest {
  readonly file: string
  /** Number in the file, from 1; items of a List count on. */
  readonly document: number
  readonly clusters: readonly string[]
  readonly object: KubeObject
}

export class ManifestError extends AppError {
  constructor(fields: { readonly file: string; readonly document: number; readonly reason: string }) {
    super('manifest is not usable; correct it and start again', { code: 'SANDBOX_MANIFEST_INVALID', fields })
  }
}

const objectSchema = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().exactOptional(),
    annotations: z.record(z.string(), z.string()).exactOptional(),
    labels: z.record(z.string(), z.string()).exactOptional(),
  }),
})
const listSchema = z.looseObject({ kind: z.literal('List'), items: z.array(z.unknown()) })

/**
 * Read the manifests of `--manifests`: files, or folders of .yaml, .yml and .json files (sorted by name, not deeper),
 * each with one or more documents. The annotation `sandbox.waypost.dev/cluster` says where an object goes: `host` (the
 * default), members with commas between, or `*` for every member.
 * @param members - names of the member clusters
 * @throws ManifestError for the first file or document that is no Kubernetes object or names no cluster
 */
export function readManifests(paths: readonly string[], members: readonly string[]): readonly Manifest[] {
  return paths.flatMap(filesOf).flatMap((file) => parseManifests(readText(file), file, members))
}

/** As readManifests, for text already at hand; `file` names it in errors. */
export function parseManifests(text: string, file: string, members: readonly string[]): readonly Manifest[] {
  const manifests: Manifest[] = []
  for (const document of yamlDocuments(text)) {
    if (document.kind === 'fault') {
      const reason = `${document.reason} (line ${document.line})`
      throw new ManifestError({ file, document: manifests.length + 1, reason })
    }
    const { value } = document
    if (value === null || value === undefined) continue // between two separators
    const list = listSchema.safeParse(value)
    for (const item of list.success ? list.data.items : [value])
      manifests.push(manifestOf(item, { file, document: manifests.length + 1, members }))
  }
  return manifests
}

function manifestOf(
  value: unknown,
  where: { readonly file: string; readonly document: number; readonly members: readonly string[] },
): Manifest {
  const { file, document, members } = where
  const parsed = objectSchema.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = issue?.path.join('.') ?? ''
    const reason = `${path === '' ? 'document' : path}: ${issue?.message ?? 'not a Kubernetes object'}`
    throw new ManifestError({ file, document, reason })
  }
  const asked = parsed.data.metadata.annotations?.[CLUSTER_SETTING] ?? HOST_CLUSTER
  const named = asked.split(',').map((name) => name.trim())
  const clusters = [...new Set(named.flatMap((name) => (name === '*' ? members : [name])))]
  const stray = clusters.find((name) => name !== HOST_CLUSTER && !members.includes(name))
  if (stray !== undefined) {
    const known = [HOST_CLUSTER, ...members].slice(0, 10).join(', ')
    const reason = `${CLUSTER_SETTING}: there is no cluster "${stray}"; name one of ${known} or *`
    throw new ManifestError({ file, document, reason })
  }
  return { file, document, clusters, object: parsed.data }
}

function filesOf(path: string): readonly string[] {
  return onFile(path, () => {
    if (!statSync(path).isDirectory()) return [path]
    const files = readdirSync(path)
      .filter((name) => /\.(ya?ml|json)$/i.test(name))
      .sort()
    if (files.length === 0) throw new Error('folder holds no .yaml, .yml or .json file')
    return files.map((name) => join(path, name))
  })
}

function readText(file: string): string {
  return onFile(file, () => readFileSync(file, 'utf8'))
}

function onFile<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new ManifestError({
      file,
      document: 0,
      reason: error instanceof Error ? error.message : String(error),
    })
  }
}
