import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManifestError, parseManifests, readManifests } from '../../../src/sandbox/manifest-files.ts'

const members = ['east', 'west']
const parse = (text: string) => parseManifests(text, 'my.yaml', members)
const configMap = (name: string, cluster?: string) =>
  [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${name}`,
    ...(cluster === undefined ? [] : ['  annotations:', `    sandbox.waypost.dev/cluster: "${cluster}"`]),
    '',
  ].join('\n')

describe('parseManifests', () => {
  const places: readonly { name: string; annotation?: string; want: readonly string[] }[] = [
    { name: 'the host by itself', want: ['host'] },
    { name: 'the host by name', annotation: 'host', want: ['host'] },
    { name: 'one member', annotation: 'west', want: ['west'] },
    { name: 'some, the host among them', annotation: 'host, east', want: ['host', 'east'] },
    { name: 'every member', annotation: '*', want: ['east', 'west'] },
    { name: 'every cluster', annotation: 'host,*', want: ['host', 'east', 'west'] },
    { name: 'a cluster once', annotation: 'west,*,west', want: ['west', 'east'] },
  ]
  it.each(places)('an object goes to $name', ({ annotation, want }) => {
    expect(parse(configMap('a', annotation)).map(({ clusters }) => clusters)).toEqual([want])
  })

  it('reads many documents and Lists, and skips empty ones', () => {
    const text = `---\n${configMap('a')}---\n---\nkind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n- {apiVersion: v1, kind: Secret, metadata: {name: c}}\n---\n${configMap('d')}`

    expect(parse(text).map(({ document, object }) => [document, object.metadata.name])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
    ])
  })

  it('reads JSON', () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } }

    expect(parse(JSON.stringify(object)).map((manifest) => manifest.object)).toEqual([object])
  })

  const bad: readonly { name: string; in: string; document: number; reason: RegExp }[] = [
    { name: 'broken YAML', in: `${configMap('a')}---\na: [`, document: 2, reason: /\(line 6\)$/ },
    { name: 'an alias of nothing', in: 'a: *b', document: 1, reason: /Unresolved alias .*\(line 1\)$/ },
    { name: 'a list at the top', in: '- a', document: 1, reason: /document: .*expected object/ },
    { name: 'no apiVersion', in: 'kind: A\nmetadata: {name: a}', document: 1, reason: /^apiVersion: / },
    { name: 'no kind', in: 'apiVersion: v1\nmetadata: {name: a}', document: 1, reason: /^kind: / },
    { name: 'no name', in: 'apiVersion: v1\nkind: A\nmetadata: {}', document: 1, reason: /^metadata.name: / },
    {
      name: 'an annotation that is no text',
      in: 'apiVersion: v1\nkind: A\nmetadata: {name: a, annotations: {x: 1}}',
      document: 1,
      reason: /^metadata.annotations.x: /,
    },
    {
      name: 'a cluster that is not there',
      in: configMap('a', 'wets'),
      document: 1,
      reason: /there is no cluster "wets"; name one of host, east, west or \*/,
    },
  ]
  it.each(bad)('refuses $name and says where', ({ in: text, document, reason }) => {
    expect(errorOf(() => parse(text)).fields).toEqual({
      file: 'my.yaml',
      document,
      reason: expect.stringMatching(reason) as string,
    })
  })
})

describe('readManifests', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waypost-manifests-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('reads files, and folders in the order of names, whatever else lies there', () => {
    writeFileSync(join(folder, 'b.yaml'), configMap('second'))
    writeFileSync(join(folder, 'a.yml'), configMap('first'))
    writeFileSync(join(folder, 'README.md'), '# no manifest')

    const both = readManifests([folder, join(folder, 'b.yaml')], members)

    expect(both.map(({ object }) => object.metadata.name)).toEqual(['first', 'second', 'second'])
  })

  it('refuses a folder without manifests and a file that is not there', () => {
    expect(errorOf(() => readManifests([folder], members)).fields['reason']).toContain(
      'folder holds no .yaml',
    )
    expect(errorOf(() => readManifests([join(folder, 'x.yaml')], members)).fields['reason']).toContain(
      'ENOENT',
    )
  })
})

function errorOf(act: () => unknown): ManifestError {
  try {
    act()
  } catch (error) {
    if (error instanceof ManifestError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
