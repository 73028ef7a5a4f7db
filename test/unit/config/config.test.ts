import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/config/config.ts'
import { UsageError } from '../../../src/config/usage-error.ts'

let folder = ''
const at = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-config-'))
  writeFileSync(at('one.yaml'), '')
  writeFileSync(at('two.yaml'), '')
  mkdirSync(at('manifests'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const none = { flags: {}, env: {} }
/** What Kubernetes puts into the environment of a pod. */
const POD = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
const inPod = { flags: {}, env: POD }

function lineOf(act: () => unknown): string {
  let error: unknown
  try {
    act()
  } catch (caught) {
    error = caught
  }
  expect(error).toBeInstanceOf(UsageError)
  return (error as UsageError).line.replaceAll(folder, 'FOLDER')
}

describe('readConfig', () => {
  it('is complete without flags and environment', () => {
    expect(readConfig('sandbox', none)).toEqual({
      dnsPort: 5300,
      httpPort: 8053,
      stateDir: '.waypost',
      topology: undefined,
      manifests: [],
      empty: false,
      dnssecKeys: undefined,
      tsigKeys: [],
      allowTransfer: [],
      allowUpdate: [],
      notify: [],
      logLevel: 'warn',
    })
    expect(readConfig('controller', inPod)).toEqual({
      kubeconfig: [],
      pod: { host: '10.96.0.1', port: '443' },
      context: undefined,
      kubefedNamespace: 'kube-federation-system',
      dnsListen: [{ host: '127.0.0.1', port: 5300 }],
      dnsWorkers: 1,
      dnsIo: 'dgram',
      httpListen: { host: '127.0.0.1', port: 8053 },
      serverId: undefined,
      showVersion: false,
      cookieSecrets: undefined,
      rateLimit: 200,
      rateLimitSlip: 2,
      rateLimitExempt: ['private'],
      tlsListen: [],
      httpsListen: [],
      tlsCert: undefined,
      tlsKey: undefined,
      drainSeconds: 0,
      queryLog: undefined,
      queryLogSample: 1,
      dnstap: undefined,
      dnstapIdentity: undefined,
      dnstapVersion: undefined,
      tsigKeys: [],
      allowTransfer: [],
      allowUpdate: [],
      notify: [],
      logLevel: 'info',
    })
    expect(readConfig('version', none)).toEqual({ output: 'table' })
  })

  it('is frozen', () => {
    const config = readConfig('controller', inPod)

    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.dnsListen)).toBe(true)
  })

  it('takes a flag before the environment, and that before the default', () => {
    const env = { WAYPOST_DNS_PORT: '1', WAYPOST_HTTP_PORT: '2', WAYPOST_STATE_DIR: '' }

    expect(readConfig('sandbox', { flags: { dnsPort: '3', empty: true }, env })).toMatchObject({
      dnsPort: 3,
      httpPort: 2,
      stateDir: '.waypost',
      empty: true,
    })
  })

  it('has HTTP for the DNS server alone only where asked', () => {
    const flags = { world: at('one.yaml') }

    expect(readConfig('dns', { flags, env: {} }).httpListen).toBeUndefined()
    expect(
      readConfig('dns', { flags: { ...flags, httpListen: '127.0.0.1:9153' }, env: {} }).httpListen,
    ).toEqual({
      host: '127.0.0.1',
      port: 9153,
    })
  })

  it('takes lists from repeated flags and from commas', () => {
    const listen = ['127.0.0.1:1', '[::1]:2']
    const want = [
      { host: '127.0.0.1', port: 1 },
      { host: '::1', port: 2 },
    ]

    expect(readConfig('controller', { flags: { dnsListen: listen }, env: POD }).dnsListen).toEqual(want)
    expect(
      readConfig('controller', { flags: {}, env: { ...POD, WAYPOST_DNS_LISTEN: listen.join(', ') } })
        .dnsListen,
    ).toEqual(want)
  })

  it('keeps the paths that options name', () => {
    const flags = { topology: at('one.yaml'), manifests: [at('two.yaml'), at('manifests')] }

    expect(readConfig('sandbox', { flags, env: {} })).toMatchObject(flags)
    expect(readConfig('dns', { flags: { world: at('one.yaml') }, env: {} })).toMatchObject({
      world: at('one.yaml'),
    })
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
  ])('says in one line what is wrong with $name', (row) => {
    expect(lineOf(() => readConfig('sandbox', row.in))).toBe(row.want)
  })

  it.each([
    {
      name: 'a world that is not there',
      command: 'dns',
      flags: { world: 'absent.yaml' },
      want: '--world: FOLDER/absent.yaml cannot be read (no such file): give a path that can',
    },
    {
      name: 'a topology below a file',
      command: 'sandbox',
      flags: { topology: 'one.yaml/x' },
      want: '--topology: FOLDER/one.yaml/x cannot be read (no such file): give a path that can',
    },
    {
      name: 'a world that is a folder',
      command: 'dns',
      flags: { world: 'manifests' },
      want: '--world: FOLDER/manifests is a folder: give a file',
    },
    {
      name: 'manifests that are not there',
      command: 'sandbox',
      flags: { manifests: ['two.yaml', 'absent'] },
      want: '--manifests: FOLDER/absent cannot be read (no such file): give a path that can',
    },
  ] as const)('says in one line what is wrong with $name', (row) => {
    const flags = Object.fromEntries(
      Object.entries(row.flags).map(([name, value]) => [
        name,
        typeof value === 'string' ? at(value) : value.map(at),
      ]),
    )

    expect(lineOf(() => readConfig(row.command, { flags, env: {} }))).toBe(row.want)
  })

  it('reads the secrets of cookies', () => {
    writeFileSync(at('secrets'), `# made yesterday\n\n${'0a'.repeat(16)}  # new\n${'FF'.repeat(16)}\n`)

    const { cookieSecrets } = readConfig('controller', { flags: { cookieSecrets: at('secrets') }, env: POD })

    expect(cookieSecrets?.map((secret) => Buffer.from(secret).toString('hex'))).toEqual([
      '0a'.repeat(16),
      'ff'.repeat(16),
    ])
  })

  it.each([
    {
      text: `${'0a'.repeat(16)}\n0a\n`,
      want: '--cookie-secrets: FOLDER/secrets, line 2, is no secret: write 32 hexadecimal digits',
    },
    {
      text: '# none yet\n',
      want: '--cookie-secrets: FOLDER/secrets holds no secret: write one of 32 hexadecimal digits',
    },
  ])('says in one line what is wrong with secrets of cookies: $text', ({ text, want }) => {
    writeFileSync(at('secrets'), text)
    const given = { flags: { cookieSecrets: at('secrets') }, env: POD }

    expect(lineOf(() => readConfig('controller', given))).toBe(want)
  })

  it('says why secrets of cookies cannot be read', () => {
    const given = { flags: { cookieSecrets: at('absent') }, env: POD }

    const line = lineOf(() => readConfig('controller', given))

    expect(line).toBe('--cookie-secrets: FOLDER/absent cannot be read (no such file): give a path that can')
  })

  it.each([
    {
      name: 'a listener without certificate',
      flags: { tlsListen: ['127.0.0.1:853'] },
      want: '--tls-cert: is missing: --tls-listen and --https-listen need a certificate',
    },
    {
      name: 'a listener of HTTPS without certificate',
      flags: { httpsListen: ['127.0.0.1:443'] },
      want: '--tls-cert: is missing: --tls-listen and --https-listen need a certificate',
    },
    {
      name: 'a certificate without key',
      flags: { tlsCert: 'one.yaml' },
      want: '--tls-key: is missing: --tls-cert needs its key',
    },
    {
      name: 'a key without certificate',
      flags: { tlsKey: 'one.yaml' },
      want: '--tls-cert: is missing: --tls-key alone is of no use',
    },
    {
      name: 'a certificate that is not there',
      flags: { tlsCert: 'absent', tlsKey: 'one.yaml' },
      want: '--tls-cert: FOLDER/absent cannot be read (no such file): give a path that can',
    },
    {
      name: 'a key that is not there',
      flags: { tlsCert: 'one.yaml', tlsKey: 'absent' },
      want: '--tls-key: FOLDER/absent cannot be read (no such file): give a path that can',
    },
  ])('says in one line what is wrong with $name', ({ flags, want }) => {
    const files = Object.fromEntries(
      Object.entries(flags).map(([name, value]) => [name, typeof value === 'string' ? at(value) : value]),
    )

    expect(lineOf(() => readConfig('dns', { flags: { world: at('one.yaml'), ...files }, env: {} }))).toBe(
      want,
    )
    expect(lineOf(() => readConfig('controller', { flags: files, env: POD }))).toBe(want)
  })

  it('refuses a device or a pipe, which may never end', () => {
    const given = { ...none, flags: { world: '/dev/null' } }

    expect(lineOf(() => readConfig('dns', given))).toBe('--world: /dev/null is no regular file: give one')
  })

  it('asks for what it cannot do without', () => {
    expect(lineOf(() => readConfig('dns', none))).toBe(
      '--zone: is missing: name a zone and its file, a zone of another primary with --secondary, or a world with --world',
    )
  })
})

describe('kubeconfig', () => {
  const kubeconfigOf = (flags: { kubeconfig?: string }, env: Record<string, string>) =>
    readConfig('controller', { flags, env }).kubeconfig

  it('is the file of the flag, which must exist', () => {
    expect(kubeconfigOf({ kubeconfig: at('one.yaml') }, { KUBECONFIG: at('two.yaml') })).toEqual([
      at('one.yaml'),
    ])
    expect(lineOf(() => kubeconfigOf({ kubeconfig: at('absent') }, {}))).toBe(
      '--kubeconfig: FOLDER/absent cannot be read (no such file): give a path that can',
    )
  })

  it('is the list of the variable, without those that do not exist', () => {
    expect(kubeconfigOf({}, { KUBECONFIG: `${at('two.yaml')}::${at('absent')}:${at('one.yaml')}` })).toEqual([
      at('two.yaml'),
      at('one.yaml'),
    ])
    expect(lineOf(() => kubeconfigOf({}, { KUBECONFIG: at('absent') }))).toBe(
      'KUBECONFIG: FOLDER/absent does not exist: name a kubeconfig that does',
    )
  })

  it('is ~/.kube/config where it exists, else the service account of the pod', () => {
    mkdirSync(at('.kube'), { recursive: true })
    expect(kubeconfigOf({}, { ...POD, HOME: folder })).toEqual([])
    expect(lineOf(() => kubeconfigOf({}, { HOME: folder }))).toBe(
      '--kubeconfig: is missing, and this is no pod: name the kubeconfig of the host cluster',
    )

    writeFileSync(at('.kube/config'), '')
    expect(kubeconfigOf({}, { HOME: folder })).toEqual([at('.kube/config')])
  })
})
