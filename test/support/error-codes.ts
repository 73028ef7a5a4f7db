import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourceFiles } from './source-imports.ts'

/** One error code of src/: where it is raised, and the message it comes with; empty where there are several, or none that can be read off the source. */
export interface ErrorCode {
  readonly code: string
  /** Folders below src, sorted. */
  readonly folders: readonly string[]
  readonly message: string
}

const CODE = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+'
/** What `code: …` or `code = …` is given: a constant, or both branches of a choice, on one line or several. */
const ASSIGNED = /\bcode(?::| =)(?!=)\s*([^,\n]*(?:\n\s*[?:][^,\n]*)*)/g
/** A row of a table from codes to messages. */
const ROW = new RegExp(`^  (${CODE}): '([^']*)',?$`, 'gm')
const RAISED = /(?:new AppError|super)\(\s*(?:'([^']*)'|`([^`]*)`)?/g

/** Every error code of src/, sorted. Only files that know AppError or a class of it are read: other codes there are not ours. */
export function errorCodes(root: string): readonly ErrorCode[] {
  const found = new Map<string, { folders: Set<string>; messages: Set<string> }>()
  for (const file of sourceFiles(root, 'src')) {
    const text = readFileSync(join(root, file), 'utf8')
    if (!text.includes('errors.ts')) continue
    const folder = file.split('/').slice(1, -1).slice(0, 2).join('/') || 'src'
    for (const { code, message } of codesIn(text)) {
      const entry = found.get(code) ?? { folders: new Set(), messages: new Set() }
      entry.folders.add(folder)
      entry.messages.add(message)
      found.set(code, entry)
    }
  }
  return [...found]
    .map(([code, { folders, messages }]) => ({
      code,
      folders: [...folders].sort(),
      message: messages.size === 1 ? [...messages].join('') : '',
    }))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}

function codesIn(text: string): readonly { readonly code: string; readonly message: string }[] {
  const rows = text.includes('extends AppError') ? [...text.matchAll(ROW)] : []
  const assigned = [...text.matchAll(ASSIGNED)].flatMap((match) =>
    [...(match[1] ?? '').matchAll(new RegExp(`'(${CODE})'`, 'g'))].map(([, code = '']) => ({
      code,
      message: messageBefore(text, match.index),
    })),
  )
  return [...rows.map(([, code = '', message = '']) => ({ code, message })), ...assigned]
}

/** The message of the error whose options hold what stands at `index`; empty where it is no constant. */
function messageBefore(text: string, index: number): string {
  const last = [...text.slice(Math.max(0, index - 400), index).matchAll(RAISED)].at(-1)
  return last?.[1] ?? last?.[2] ?? ''
}

const TO_WRITE = '(to be written)'

/** `docs/errors.md` for these codes; what a person wrote in the last column of `before` stays. */
export function errorsDocument(codes: readonly ErrorCode[], before: string): string {
  const written = new Map(
    [...before.matchAll(/^\| `([A-Z0-9_]+)` \|.*\| ([^|]+) \|$/gm)].map(([, code, what]) => [code, what]),
  )
  const rows = codes.map(({ code, folders, message }) => {
    const said = (message || 'several').replaceAll(/\$\{[^}]*\}/g, '…').replaceAll('|', '\\|')
    return `| \`${code}\` | ${folders.join(', ')} | ${said} | ${written.get(code) ?? TO_WRITE} |`
  })
  return `<!-- The first three columns are made by "node test/support/error-codes.ts"; write the last one by hand. -->
# Errors

Every error has a code. It stands in log lines (\`code\`), in metrics, and its message in the condition of the object it is about. Messages are constant;
names, limits and addresses follow in brackets.

| code | from | message | what to do |
|---|---|---|---|
${rows.join('\n')}
`
}

if (import.meta.main) {
  const root = new URL('../../', import.meta.url).pathname
  const file = join(root, 'docs/errors.md')
  const document = errorsDocument(errorCodes(root), existing(file))
  writeFileSync(file, document)
  process.stdout.write(`${document.split(TO_WRITE).length - 1} rows to be written\n`)
}

function existing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // the first run
  }
}
