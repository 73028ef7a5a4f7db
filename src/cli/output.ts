import type { OUTPUT_FORMATS } from '../config/options.ts'

export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** A result in both forms: for people as rows, for programs as a value. */
export interface Result {
  /** Column titles; absent: none are printed. */
  readonly columns?: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly value: unknown
}

/** The lines that say a result in the format asked for. */
export async function render(format: OutputFormat, result: Result): Promise<readonly string[]> {
  switch (format) {
    case 'json':
      return JSON.stringify(result.value, undefined, 2).split('\n')
    case 'yaml': {
      const { stringify } = await import('yaml')
      return stringify(result.value).trimEnd().split('\n')
    }
    case 'table':
      return tableLines(result)
  }
}

/** Left-aligned columns, three blanks apart, titles in capitals, as kubectl prints them. */
function tableLines({ columns, rows }: Result): readonly string[] {
  const all = columns === undefined ? rows : [columns.map((title) => title.toUpperCase()), ...rows]
  const widths: number[] = []
  for (const row of all)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('   ')
      .trimEnd(),
  )
}
