import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { describe, expect, it } from 'vitest'
import { admissionProblems, KINDS } from '../../src/api/kinds.ts'
import { blocksOf } from '../support/readme.ts'

const root = new URL('../..', import.meta.url).pathname
const readme = readFileSync(`${root}/README.md`, 'utf8')
const scripts = (
  JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
).scripts

describe('README.md', () => {
  it('is at most 300 lines, with the two commands on its first screen', () => {
    const lines = readme.split('\n')

    expect(lines.length).toBeLessThanOrEqual(300)
    expect(lines.slice(0, 20)).toContain('npm ci && npm start')
    expect(lines.slice(0, 20)).toContain('npm ci && npm test')
  })

  it('shows objects that are valid, of our kinds among them', () => {
    const objects = blocksOf(readme)
      .filter(({ language }) => language === 'yaml')
      .flatMap(({ text }) =>
        parseAllDocuments(text).map((document) => document.toJS() as { readonly kind: string }),
      )

    expect(objects.map((object) => admissionProblems(object))).toEqual(objects.map(() => []))
    const ours = KINDS.map(({ definition }) => definition.kind)
    expect(objects.filter(({ kind }) => ours.includes(kind)).length).toBeGreaterThanOrEqual(4)
  })

  it('and the documents in docs/ show objects that are valid', () => {
    const documents = readdirSync(`${root}/docs`).filter((name) => name.endsWith('.md'))
    const wrong = documents.flatMap((name) =>
      blocksOf(readFileSync(`${root}/docs/${name}`, 'utf8'))
        .filter(({ language }) => language === 'yaml')
        .flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS() as unknown))
        .flatMap((object) => admissionProblems(object))
        .map((problem) => `${name}: ${problem}`),
    )

    expect(documents).toContain('nameserver.md')
    expect(wrong).toEqual([])
  })

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path)

    expect(links.length).toBeGreaterThan(3)
    expect(links.filter((path) => !existsSync(`${root}/${path}`))).toEqual([])
  })

  it('names npm scripts that exist', () => {
    const named = [...readme.matchAll(/npm run (?:-s )?([a-z][a-z0-9:]*)/g)].map(([, name = '']) => name)

    expect(named.length).toBeGreaterThan(3)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  it('names every folder of src in its source map', () => {
    const map = readme.slice(readme.indexOf('## Source map'), readme.indexOf('## Develop'))
    const folders = readdirSync(`${root}/src`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(`${root}/src/${entry.name}`).length > 0)
      .map((entry) => `src/${entry.name}`)

    expect(folders.filter((folder) => !map.includes(`\`${folder}\``))).toEqual([])
  })

  it('has its figures', () => {
    expect(readme).not.toContain('FIGURES')
  })
})
