import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { askHttp2, getPath, openHttp2 } from '../support/https-client.ts'
import { makeAuthority, type TestAuthority } from '../support/test-certificates.ts'
import { openTls } from '../support/tls-client.ts'
import { runHere, startWaypost } from '../support/waypost-process.ts'

let authority: TestAuthority
let folder = ''
const at = (name: string): string => join(folder, name)
const query = queryBytes({ ask: 'www.fed.test A' })

beforeAll(async () => {
  authority = await makeAuthority()
  const [one, other] = [await authority.issue(), await authority.issue()]
  folder = mkdtempSync(join(tmpdir(), 'waypost-encryption-'))
  writeFileSync(
    at('zone'),
    '@ 60 SOA ns host 1 2 3 4 15\n@ 60 NS ns\nns 60 A 127.0.0.1\nwww 30 A 192.0.2.1\n',
  )
  writeFileSync(at('cert.pem'), one.certPem)
  writeFileSync(at('key.pem'), one.keyPem)
  writeFileSync(at('other.pem'), other.keyPem)
})
afterAll(() => rmSync(folder, { recursive: true }))

const dns = (...more: readonly string[]): readonly string[] => [
  ...['dns', '--zone', `fed.test=${at('zone')}`, '--listen', '127.0.0.1:0', '--log-level', 'error', ...more],
]
const pair = (cert: string, key: string): readonly string[] => ['--tls-cert', at(cert), '--tls-key', at(key)]

describe('waypost dns with a certificate', () => {
  it('says where it can be asked, answers there, and goes on answering until its time is over', async () => {
    const waypost = startWaypost(
      dns(
        ...pair('cert.pem', 'key.pem'),
        ...['--tls-listen', '127.0.0.1:0', '--https-listen', '127.0.0.1:0', '--drain-seconds', '1'],
      ),
    )
    try {
      const ready = await waypost.line('ready')
      const [, tls, https] =
        /^ready {3}DNS on 127\.0\.0\.1:\d+, TLS on 127\.0\.0\.1:(\d+), HTTPS on https:\/\/127\.0\.0\.1:(\d+)\/dns-query, 2 names$/.exec(
          ready,
        ) ?? []
      const client = await openTls(Number(tls), { ca: authority.certPem })
      const session = await openHttp2(Number(https), { ca: authority.certPem })
      client.send(query)
      const [overTls] = await client.received(1)
      const overHttps = await askHttp2(session, { path: getPath(query) })
      expect(replyOf(overTls!).answer).toEqual(['www.fed.test. 30 A 192.0.2.1'])
      expect(overHttps.body).toEqual(overTls)

      const ended = waypost.end('SIGTERM')
      client.send(query)
      expect(await client.received(2)).toHaveLength(2)
      const { code, tookMs } = await ended

      expect(code).toBe(0)
      expect(tookMs).toBeGreaterThan(1_000)
      expect(waypost.stderr).toEqual([])
    } finally {
      await waypost.kill()
    }
  })

  it.each([
    {
      name: 'a certificate without key',
      argv: () => ['--tls-cert', at('cert.pem')],
      want: '--tls-key: is missing: --tls-cert needs its key',
    },
    {
      name: 'a listener without certificate',
      argv: () => ['--tls-listen', '127.0.0.1:0'],
      want: '--tls-cert: is missing: --tls-listen and --https-listen need a certificate',
    },
    {
      name: 'a key of another certificate',
      argv: () => [...pair('cert.pem', 'other.pem'), '--tls-listen', '127.0.0.1:0'],
      want: '--tls-key: FOLDER/other.pem is not the key of the first certificate: give both of one pair',
    },
    {
      name: 'a certificate that is none',
      argv: () => [...pair('zone', 'key.pem'), '--https-listen', '127.0.0.1:0'],
      want: '--tls-cert: FOLDER/zone holds no certificate: give one in PEM, its chain behind it',
    },
  ])('does not start with $name: one line, exit code 2', async ({ argv, want }) => {
    const { code, stdout, stderr } = await runHere(dns(...argv()))

    expect({ code, stdout, stderr: stderr.map((line) => line.replaceAll(folder, 'FOLDER')) }).toEqual({
      code: 2,
      stdout: [],
      stderr: [`waypost dns: ${want}`],
    })
  })

  it('does not start where a port is taken, and leaves none bound', async () => {
    const first = startWaypost(dns(...pair('cert.pem', 'key.pem'), '--tls-listen', '127.0.0.1:0'))
    try {
      const [, tls] = /TLS on (127\.0\.0\.1:\d+)/.exec(await first.line('ready')) ?? []

      const { code, stderr } = await runHere(dns(...pair('cert.pem', 'key.pem'), '--tls-listen', tls!))

      expect(code).toBe(1)
      expect(stderr).toEqual([
        expect.stringMatching(/^waypost dns: DNS port is in use .*transport=tls errno=EADDRINUSE/),
      ])
    } finally {
      await first.kill()
    }
  })
})
