import { type Document, parseAllDocuments } from 'yaml'

/** One document of a YAML or JSON text: its value, or why it has none. */
export type YamlDocument =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly line: number; readonly reason: string }

/** Enough for hand-written anchors, far too few for an alias bomb. */
const MAX_ALIASES = 100

/** Read a text of one or more documents; never throws. An empty text has none. */
export function yamlDocuments(text: string): readonly YamlDocument[] {
  return parseAllDocuments(text, { prettyErrors: false }).map((document) => documentOf(text, document))
}

function documentOf(text: string, document: Document.Parsed): YamlDocument {
  const fault = document.errors[0]
  if (fault !== undefined) return { kind: 'fault', line: lineAt(text, fault.pos[0]), reason: fault.message }
  try {
    return { kind: 'value', value: document.toJS({ maxAliasCount: MAX_ALIASES }) }
  } catch (error) {
    // an alias without anchor, or too many of them
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'fault', line: lineAt(text, document.range[0]), reason }
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}
