import { readFileSync } from 'node:fs'

/** The first code block of a page below docs/ whose opening fence says so: what is documented is what is tested. */
export function documented(page: string, language: string): string {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')
  const [, block] = text.split(`\`\`\`${language}\n`)
  const content = block?.split('\n```')[0]
  if (content === undefined) throw new Error(`docs/${page} has no block of ${language}`)
  return content
}
