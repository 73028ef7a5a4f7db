import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { describeError } from '../../../src/errors.ts'
import { accessFromKubeconfig, accessFromPod } from '../../../src/kube/kubeconfig-access.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { makeAuthority } from '../../support/test-certificates.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

type Entries = Readonly<Record<string, unknown>>

interface Content {
  readonly clusters?: Entries
  readonly users?: Entries
  readonly contexts?: Entries
  readonly current?: string
}

async function write(
  name: string,
  { clusters = {}, users = {}, contexts = {}, current }: Content,
): Promise<string> {
  const list = (what: string, entries: Entries) =>
    Object.entries(entries).map(([key, value]) => ({ name: key, [what]: value }))
  const path = join(folder, name)
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: list('cluster', clusters),
    users: list('user', users),
    contexts: list('context', contexts),
    ...(current === undefined ? {} : { 'current-context': current }),
  }
  await writeFile(path, stringify(content))
  return path
}

const clock = new ManualClock()
const server = 'https://api.example:6443'
const simple: Content = {
  clusters: { c: { server } },
  users: { u: { token: 'secret-token' } },
  contexts: { x: { cluster: 'c', user: 'u', namespace: 'shop' } },
  current: 'x',
}

/** The one line that a user sees. */
async function complaint(paths: readonly string[], context?: string): Promise<string> {
  const source = { paths, ...(context === undefined ? {} : { context }) }
  return accessFromKubeconfig(source, clock).then(
    () => 'accepted',
    (error: unknown) => describeError(error).replaceAll(folder, ''),
  )
}

describe('accessFromKubeconfig', () => {
  test('gives address, credentials and default namespace of the current context', async () => {
    const path = await write('config', simple)

    const { access, context, namespace } = await accessFromKubeconfig({ paths: [path] }, clock)

    expect([context, namespace, access.server, access.skippedChecks]).toEqual(['x', 'shop', server, []])
    expect(await access.credentials.get()).toEqual({ headers: { authorization: 'Bearer secret-token' } })
  })

  test('gives another context when it is named', async () => {
    const path = await write('config', {
      clusters: { c: { server }, d: { server: 'https://d.example/' } },
      users: { u: { token: 't' } },
      contexts: { x: { cluster: 'c', user: 'u' }, y: { cluster: 'd', user: 'u' } },
      current: 'x',
    })

    const { access } = await accessFromKubeconfig({ paths: [path], context: 'y' }, clock)

    expect(access.server).toBe('https://d.example')
  })

  test('reads what TLS needs, as data or as files beside the kubeconfig', async () => {
    const { certPem } = await makeAuthority()
    await writeFile(join(folder, 'ca.pem'), certPem)
    const tls = { 'tls-server-name': 'api.internal', 'proxy-url': 'http://proxy:3128' }
    const path = await write('config', {
      clusters: {
        file: { server, 'certificate-authority': 'ca.pem', ...tls },
        data: { server, 'certificate-authority-data': Buffer.from(certPem).toString('base64') },
        none: { server, 'insecure-skip-tls-verify': true },
      },
      contexts: { file: { cluster: 'file' }, data: { cluster: 'data' }, none: { cluster: 'none' } },
    })
    const of = async (context: string) =>
      (await accessFromKubeconfig({ paths: [path], context }, clock)).access

    expect(await of('file')).toMatchObject({
      caPem: certPem,
      serverName: 'api.internal',
      proxyUrl: 'http://proxy:3128',
    })
    expect(await of('data')).toMatchObject({ caPem: certPem })
    expect(await of('none')).toMatchObject({ skippedChecks: ['*'] })
  })

  test('reads client certificates, as data or as files, and basic credentials', async () => {
    const { certPem, keyPem } = await (await makeAuthority()).issue()
    await writeFile(join(folder, 'cert.pem'), certPem)
    await writeFile(join(folder, 'key.pem'), keyPem)
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const users = {
      files: { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' },
      data: { 'client-certificate-data': base64(certPem), 'client-key-data': base64(keyPem) },
      basic: { username: 'jane', password: 'pw' },
    }
    const contexts = Object.fromEntries(Object.keys(users).map((user) => [user, { cluster: 'c', user }]))
    const path = await write('config', { clusters: { c: { server } }, users, contexts })
    const of = async (context: string) =>
      (await accessFromKubeconfig({ paths: [path], context }, clock)).access.credentials.get()

    expect(await of('files')).toEqual({ headers: {}, clientCertificate: { certPem, keyPem } })
    expect(await of('data')).toEqual({ headers: {}, clientCertificate: { certPem, keyPem } })
    expect(await of('basic')).toEqual({ headers: { authorization: `Basic ${base64('jane:pw')}` } })
  })

  test('a context without a user is nobody', async () => {
    const path = await write('config', {
      clusters: { c: { server } },
      contexts: { x: { cluster: 'c' } },
      current: 'x',
    })

    const { access } = await accessFromKubeconfig({ paths: [path] }, clock)

    expect(await access.credentials.get()).toEqual({ headers: {} })
  })

  test('plain http is an address like any other', async () => {
    const path = await write('config', { ...simple, clusters: { c: { server: 'http://127.0.0.1:8001' } } })

    const { access } = await accessFromKubeconfig({ paths: [path] }, clock)

    expect([access.server, (await access.credentials.get()).headers]).toEqual([
      'http://127.0.0.1:8001',
      { authorization: 'Bearer secret-token' },
    ])
  })

  test('of several files the first counts, entry by entry; some may be missing', async () => {
    const first = await write('first', {
      users: { u: { token: 'of-first' } },
      contexts: simple.contexts ?? {},
    })
    const second = await write('second', {
      clusters: { c: { server: 'https://second.example' } },
      users: { u: { token: 'of-second' } },
      current: 'x',
    })

    const { access } = await accessFromKubeconfig({ paths: [first, join(folder, 'missing'), second] }, clock)

    expect(access.server).toBe('https://second.example')
    expect((await access.credentials.get()).headers['authorization']).toBe('Bearer of-first')
  })

  test('paths are relative to the file they stand in', async () => {
    await mkdir(join(folder, 'deep'))
    await writeFile(join(folder, 'deep', 'token'), 'deep-token')
    const path = await write('deep/config', { ...simple, users: { u: { tokenFile: './token' } } })

    const { access } = await accessFromKubeconfig({ paths: [path] }, clock)

    expect((await access.credentials.get()).headers['authorization']).toBe('Bearer deep-token')
  })

  describe('what cannot be used is said in one line: what, where, and what to do', () => {
    test.each<{ name: string; content: Content; context?: string; want: string }>([
      {
        name: 'no current context',
        content: { ...simple, current: '' },
        want: 'the kubeconfig has no current-context: name one by --context (path=/config)',
      },
      {
        name: 'no such context',
        content: simple,
        context: 'z',
        want: 'the kubeconfig has no such context: see "kubectl config view" (path=/config context=z)',
      },
      {
        name: 'no such cluster',
        content: { ...simple, clusters: {} },
        want: 'the kubeconfig has no such cluster: see "kubectl config view" (path=/config cluster=c)',
      },
      {
        name: 'no such user',
        content: { ...simple, users: {} },
        want: 'the kubeconfig has no such user: see "kubectl config view" (path=/config user=u)',
      },
      {
        name: 'a context without cluster',
        content: { ...simple, contexts: { x: { user: 'u' } } },
        want: 'the context names no cluster (path=/config context=x)',
      },
      {
        name: 'a server that is no URL',
        content: { ...simple, clusters: { c: { server: 'api.example' } } },
        want: 'the cluster has no http or https URL as server (context=x)',
      },
      {
        name: 'a CA that is no certificate',
        content: { ...simple, clusters: { c: { server, 'certificate-authority-data': 'bm9uZQ==' } } },
        want: 'the CA of the cluster holds no certificate: give certificates as PEM (context=x field=certificate-authority-data)',
      },
      {
        name: 'a terminal plugin',
        content: { ...simple, users: { u: { exec: { command: 'x', interactiveMode: 'Always' } } } },
        want: 'the credential plugin asks on a terminal (interactiveMode: Always): use another (context=x)',
      },
      {
        name: 'an unknown provider',
        content: { ...simple, users: { u: { 'auth-provider': { name: 'magic' } } } },
        want: 'the auth-provider is not known: use exec (context=x provider=magic)',
      },
    ])('$name', async ({ content, context, want }) => {
      const path = await write('config', content)

      expect(await complaint([path], context)).toBe(want)
    })

    test('a file that is missing', async () => {
      expect(await complaint([join(folder, 'none')])).toMatch(
        /^the kubeconfig cannot be read: check the path and its permissions \(path=\/none\): ENOENT/,
      )
    })

    test('files that are all missing', async () => {
      expect(await complaint([join(folder, 'a'), join(folder, 'b')])).toBe(
        'no kubeconfig file there: give its path by --kubeconfig (path=/a:/b)',
      )
    })

    test('a file that is no YAML, without a word of what is in it', async () => {
      const path = join(folder, 'config')
      await writeFile(path, 'users: [{name: u, user: {token: secret-token')

      const words = await complaint([path])

      expect(words).toBe('the kubeconfig is not YAML (path=/config)')
    })
  })
})

describe('accessFromPod', () => {
  test('takes address, CA, token and namespace of the ServiceAccount', async () => {
    const { certPem } = await makeAuthority()
    await writeFile(join(folder, 'ca.crt'), certPem)
    await writeFile(join(folder, 'token'), 'pod-token\n')
    await writeFile(join(folder, 'namespace'), 'waypost')

    const { access, namespace } = await accessFromPod({ host: 'fd00::1', port: '443', folder }, clock)

    expect(access).toMatchObject({ server: 'https://[fd00::1]:443', caPem: certPem, skippedChecks: [] })
    expect(namespace).toBe('waypost')
    expect((await access.credentials.get()).headers['authorization']).toBe('Bearer pod-token')
  })

  test('says so when this is no Pod', async () => {
    await expect(accessFromPod({ host: '10.0.0.1', port: '443', folder }, clock)).rejects.toMatchObject({
      code: 'KUBECONFIG_INVALID',
    })
  })

  test('a token that is rotated is read again', async () => {
    const { certPem } = await makeAuthority()
    await writeFile(join(folder, 'ca.crt'), certPem)
    await writeFile(join(folder, 'token'), 'first')
    const moving = new ManualClock()
    const { access } = await accessFromPod({ host: '10.0.0.1', port: '443', folder }, moving)
    await access.credentials.get()

    await writeFile(join(folder, 'token'), 'second')
    moving.advance(10_000)

    expect((await access.credentials.get()).headers['authorization']).toBe('Bearer second')
  })

  test('a CA that is rotated is read again; one that cannot be used is not taken', async () => {
    const [first, second] = [await makeAuthority('first'), await makeAuthority('second')]
    const path = join(folder, 'ca.crt')
    await writeFile(path, first.certPem)
    await writeFile(join(folder, 'token'), 'pod-token')
    const moving = new ManualClock()
    const { access } = await accessFromPod({ host: '10.0.0.1', port: '443', folder }, moving)
    const caAfter = async (content: string): Promise<string | undefined> => {
      await writeFile(path, content)
      moving.advance(10_000)
      return (await access.credentials.get()).caPem
    }

    expect((await access.credentials.get()).caPem).toBe(first.certPem)
    expect(await caAfter(second.certPem)).toBe(second.certPem)
    expect(await caAfter('')).toBe(second.certPem)
    await rm(path)
    moving.advance(10_000)
    expect((await access.credentials.get()).caPem).toBe(second.certPem)
  })

  test('a token file that holds no token says where', async () => {
    const { certPem } = await makeAuthority()
    await writeFile(join(folder, 'ca.crt'), certPem)
    await writeFile(join(folder, 'token'), 'two words')
    const { access } = await accessFromPod({ host: '10.0.0.1', port: '443', folder }, clock)

    await expect(access.credentials.get()).rejects.toMatchObject({
      code: 'KUBE_CREDENTIALS_FAILED',
      retry: 'backoff',
      fields: { path: join(folder, 'token') },
    })
  })
})
