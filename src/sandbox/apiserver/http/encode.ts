import type { KubeObject } from '../../../api/object.ts'
import { tableOf } from '../print/table.ts'
import type { Page } from '../resource/read.ts'
import { apiVersionOfTarget } from '../resource/resource.ts'
import type { Target } from '../resource/resource.ts'
import type { WatchEvent } from '../resource/watch.ts'
import type { Representation } from './accept.ts'

/** What decides on the bytes of an answer, beside the object. */
export interface Encoding {
  readonly target: Target
  readonly representation: Representation
  /** What rows of a table carry of their object. */
  readonly includeObject: 'None' | 'Metadata' | 'Object'
  readonly nowMs: number
}

const objectTexts = new WeakMap<KubeObject, string>()
const itemTexts = new WeakMap<KubeObject, string>()

/** The JSON of an object; kept as long as the object, since many watches write the same one. */
export function objectText(object: KubeObject): string {
  const found = objectTexts.get(object)
  if (found !== undefined) return found
  const made = JSON.stringify(object)
  objectTexts.set(object, made)
  return made
}

/** Lists of built-in kinds leave `kind` and `apiVersion` out of their items; lists of custom resources do not. */
function itemText(object: KubeObject, builtin: boolean): string {
  if (!builtin) return objectText(object)
  const found = itemTexts.get(object)
  if (found !== undefined) return found
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object
  const made = JSON.stringify(rest)
  itemTexts.set(object, made)
  return made
}

/** The metadata of an object, as clients see it that asked for no more. */
export function metadataOnly(object: KubeObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}

/** The body of an answer that is one object. */
export function encodeObject(encoding: Encoding, object: KubeObject): string {
  switch (encoding.representation) {
    case 'object':
      return objectText(object)
    case 'metadata':
      return JSON.stringify(metadataOnly(object))
    case 'table': {
      const resourceVersion = object.metadata.resourceVersion ?? ''
      return JSON.stringify(tableOf(encoding, { resourceVersion }, [object]))
    }
  }
}

/** The body of a list. */
export function encodePage(encoding: Encoding, page: Page): string {
  const { target, representation } = encoding
  const metadata = {
    resourceVersion: page.resourceVersion,
    ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  }
  switch (representation) {
    case 'object': {
      const items = page.items.map((item) => itemText(item, target.type.builtin))
      const head = JSON.stringify({
        kind: target.type.listKind,
        apiVersion: apiVersionOfTarget(target),
        metadata,
      })
      return `${head.slice(0, -1)},"items":[${items.join(',')}]}`
    }
    case 'metadata':
      return JSON.stringify({
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata,
        items: page.items.map(metadataOnly),
      })
    case 'table':
      return JSON.stringify(tableOf(encoding, metadata, page.items))
  }
}

/** Writes the events of one watch, each a line. Only the first table of a watch names the columns. */
export function eventEncoder(
  encoding: Omit<Encoding, 'nowMs'>,
  nowMs: () => number,
): (event: WatchEvent) => string {
  let first = true
  return (event) => {
    if (event.type === 'ERROR') return `${JSON.stringify({ type: event.type, object: event.status })}\n`
    const line = (object: string) => `{"type":"${event.type}","object":${object}}\n`
    if (encoding.representation !== 'table')
      return line(encodeObject({ ...encoding, nowMs: nowMs() }, event.object))
    const resourceVersion = event.object.metadata.resourceVersion ?? ''
    const table = tableOf({ ...encoding, nowMs: nowMs() }, { resourceVersion }, [event.object])
    const columnDefinitions = first ? table.columnDefinitions : null
    first = false
    return line(JSON.stringify({ ...table, columnDefinitions }))
  }
}
