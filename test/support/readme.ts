/** A fenced block of a Markdown file. */
export interface Block {
  readonly language: string
  readonly text: string
}

/** One command of a console block, and the lines that it prints; none: not shown. */
export interface Step {
  readonly command: string
  readonly prints: readonly string[]
}

/** All fenced blocks, in order. */
export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }))
}

/** The steps of a console block: lines after `$ ` are commands, the others are what the one before prints. */
export function stepsOf(block: Block): readonly Step[] {
  return block.text
    .split(/^\$ /m)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [command = '', ...prints] = part.trimEnd().split('\n')
      return { command, prints }
    })
}
