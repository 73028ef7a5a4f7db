import { describe, expect, it } from 'vitest'
import { render } from '../../../src/cli/output.ts'

const result = {
  columns: ['Name', 'Ready'],
  rows: [
    ['nginx', 'True'],
    ['a-longer-name', ''],
  ],
  value: [{ name: 'nginx', ready: true }],
}

describe('render', () => {
  it.each([
    {
      name: 'a table with titles',
      format: 'table',
      in: result,
      want: ['NAME            READY', 'nginx           True', 'a-longer-name'],
    },
    {
      name: 'a table without titles',
      format: 'table',
      in: { rows: result.rows, value: 0 },
      want: ['nginx           True', 'a-longer-name'],
    },
    { name: 'an empty table', format: 'table', in: { rows: [], value: [] }, want: [] },
    {
      name: 'JSON',
      format: 'json',
      in: result,
      want: ['[', '  {', '    "name": "nginx",', '    "ready": true', '  }', ']'],
    },
    { name: 'YAML', format: 'yaml', in: result, want: ['- name: nginx', '  ready: true'] },
  ] as const)('$name', async (row) => {
    expect(await render(row.format, row.in)).toEqual(row.want)
  })
})
