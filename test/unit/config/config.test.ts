import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/config/config.ts'
import { UsageError } from '../../../src/config/usage-error.ts'

let folder = ''
const at = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-config-'))
  writeFileSync(at('one.yaml'), 'a: 1\n')
  writeFileSync(at('two.yaml'), '# first\na: 1\n---\n---\nb: 2\n')
  writeFileSync(at('broken.yaml'), 'a: [1\nb: 2\n')
  writeFileSync(at('empty.yaml'), '# nothing\n')
  mkdirSync(at('manifests'))
  writeFileSync(at('manifests/b.yml'), 'kind: List\nitems: [{n: 2}, {n: 3}]\n')
  writeFileSync(at('manifests/a.json'), '{"n": 1}')
  writeFileSync(at('manifests/README.md'), 'not a manifest')
  mkdirSync(at('nothing'))
})

afterAll(() => {
  chmodSync(folder, 0o700)
  rmSync(folder, { recursive: true })
})

const none = { flags: {}, env: {} }

async function lineOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UsageError)
  return (error as UsageError).line.replaceAll(folder, 'FOLDER')
}

describe('readConfig', () => {
  it('is complete without flags and environment', async () => {
    expect(await readConfig('sandbox', none)).toEqual({
      dnsPort: 5300,
      httpPort: 8053,
      stateDir: '.waypost',
      topology: undefined,
      manifests: [],
      empty: false,
      logLevel: 'warn',
    })
    expect(await readConfig('controller', none)).toEqual({
      kubeconfig: [],
      context: undefined,
      kubefedNamespace: 'kube-federation-system',
      dnsListen: [{ host: '127.0.0.1', port: 5300 }],
      dnsWorkers: 1,
      httpListen: { host: '127.0.0.1', port: 8053 },
      logLevel: 'info',
    })
    expect(await readConfig('version', none)).toEqual({ output: 'table' })
  })

  it('is frozen', async () => {
    const config = await readConfig('controller', none)

    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.dnsListen)).toBe(true)
  })

  it('takes a flag before the environment, and that before the default', async () => {
    const env = { WAYPOST_DNS_PORT: '1', WAYPOST_HTTP_PORT: '2', WAYPOST_STATE_DIR: '' }

    expect(await readConfig('sandbox', { flags: { dnsPort: '3', empty: true }, env })).toMatchObject({
      dnsPort: 3,
      httpPort: 2,
      stateDir: '.waypost',
      empty: true,
    })
  })

  it('takes lists from repeated flags and from commas', async () => {
    const listen = ['127.0.0.1:1', '[::1]:2']
    const want = [
      { host: '127.0.0.1', port: 1 },
      { host: '::1', port: 2 },
    ]

    expect((await readConfig('controller', { flags: { dnsListen: listen }, env: {} })).dnsListen).toEqual(
      want,
    )
    expect(
      (await readConfig('controller', { flags: {}, env: { WAYPOST_DNS_LISTEN: listen.join(', ') } }))
        .dnsListen,
    ).toEqual(want)
  })

  it('reads the files that options name', async () => {
    const flags = { topology: at('one.yaml'), manifests: [at('two.yaml'), at('manifests')] }

    const config = await readConfig('sandbox', { flags, env: {} })

    expect(config.topology).toEqual({ where: at('one.yaml'), value: { a: 1 } })
    expect(config.manifests).toEqual([
      { where: `${at('two.yaml')}, document 1`, value: { a: 1 } },
      { where: `${at('two.yaml')}, document 3`, value: { b: 2 } },
      { where: at('manifests/a.json'), value: { n: 1 } },
      { where: `${at('manifests/b.yml')}, item 1`, value: { n: 2 } },
      { where: `${at('manifests/b.yml')}, item 2`, value: { n: 3 } },
    ])
  })

  it.each([
    {
      name: 'a flag',
      in: { flags: { dnsPort: '70000' }, env: {} },
      want: '--dns-port: "70000" is not a port: give a number from 0 to 65535',
    },
    {
      name: 'a variable',
      in: { flags: {}, env: { WAYPOST_EMPTY: 'maybe' } },
      want: 'WAYPOST_EMPTY: "maybe" is neither yes nor no: write true or false',
    },
    {
      name: 'a level',
      in: { flags: { logLevel: 'loud' }, env: {} },
      want: '--log-level: "loud" is not one of debug, info, warn, error, silent: use one of them',
    },
  ])('says in one line what is wrong with $name', async (row) => {
    expect(await lineOf(readConfig('sandbox', row.in))).toBe(row.want)
  })

  it.each([
    {
      name: 'is absent',
      in: 'absent.yaml',
      want: 'FOLDER/absent.yaml cannot be read (no such file): give a file that can',
    },
    {
      name: 'is a folder',
      in: 'manifests',
      want: 'FOLDER/manifests cannot be read (it is a folder): give a file that can',
    },
    {
      name: 'is no YAML',
      in: 'broken.yaml',
      want: expect.stringMatching(
        /^FOLDER\/broken\.yaml, document 1 is not YAML: .+ line \d+, column \d+$/,
      ) as string,
    },
    { name: 'is empty', in: 'empty.yaml', want: 'FOLDER/empty.yaml holds 0 documents: give a file of one' },
    { name: 'holds too much', in: 'two.yaml', want: 'FOLDER/two.yaml holds 2 documents: give a file of one' },
  ])('says in one line that a file $name', async (row) => {
    const line = await lineOf(readConfig('dns', { flags: { world: at(row.in) }, env: {} }))

    expect(line.slice(0, 9)).toBe('--world: ')
    expect(line.slice(9)).toEqual(row.want)
  })

  it('says that a folder holds no manifests', async () => {
    expect(await lineOf(readConfig('sandbox', { flags: { manifests: [at('nothing')] }, env: {} }))).toBe(
      '--manifests: FOLDER/nothing holds no *.yaml, *.yml or *.json: put manifests there',
    )
  })

  it('asks for what it cannot do without', async () => {
    expect(await lineOf(readConfig('dns', none))).toBe('--world: is missing: name the file to answer from')
  })
})

describe('kubeconfig', () => {
  const kubeconfigOf = async (flags: { kubeconfig?: string }, env: Record<string, string>) =>
    (await readConfig('controller', { flags, env })).kubeconfig

  it('is the file of the flag, which must exist', async () => {
    expect(await kubeconfigOf({ kubeconfig: at('one.yaml') }, { KUBECONFIG: at('two.yaml') })).toEqual([
      at('one.yaml'),
    ])
    expect(await lineOf(kubeconfigOf({ kubeconfig: at('absent') }, {}))).toBe(
      '--kubeconfig: FOLDER/absent cannot be read (no such file): give a kubeconfig that can',
    )
  })

  it('is the list of the variable, without those that do not exist', async () => {
    expect(
      await kubeconfigOf({}, { KUBECONFIG: `${at('two.yaml')}::${at('absent')}:${at('one.yaml')}` }),
    ).toEqual([at('two.yaml'), at('one.yaml')])
    expect(await lineOf(kubeconfigOf({}, { KUBECONFIG: at('absent') }))).toBe(
      'KUBECONFIG: FOLDER/absent does not exist: name a kubeconfig that does',
    )
  })

  it('is ~/.kube/config where it exists, else the service account of the pod', async () => {
    mkdirSync(at('.kube'), { recursive: true })
    expect(await kubeconfigOf({}, { HOME: folder })).toEqual([])

    writeFileSync(at('.kube/config'), '')
    expect(await kubeconfigOf({}, { HOME: folder })).toEqual([at('.kube/config')])
  })
})
