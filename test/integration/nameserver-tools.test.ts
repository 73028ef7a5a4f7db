import { execFile } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/dns-server.ts'

/** Run a program; `undefined` when it is not installed. */
function output(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: 'utf8' }, (error, stdout) => {
      if (error !== null && error.code === 'ENOENT') resolve(undefined)
      else if (error !== null) reject(error)
      else resolve(stdout)
    })
  })
}

const TOOLS = [
  { program: 'dig', version: ['-v'], once: '+tries=1', debian: 'bind9-dnsutils' },
  { program: 'kdig', version: ['--version'], once: '+retry=0', debian: 'knot-dnsutils' },
] as const

for (const tool of TOOLS) {
  const installed = (await output(tool.program, tool.version)) !== undefined
  const note = installed ? '' : ` (skipped: not installed, Debian package ${tool.debian})`
  describe.skipIf(!installed)(`asked by ${tool.program}${note}`, () => {
    asked(tool)
  })
}

function asked({ program, once }: (typeof TOOLS)[number]): void {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(
      ['fed.test'],
      [
        'fed.test. 3600 SOA ns1.fed.test. hostmaster.fed.test. 7 60 15 1209600 15',
        'fed.test. 3600 NS ns1.fed.test.',
        'ns1.fed.test. 3600 A 192.0.2.53',
        'nginx.ns.myfed.svc.fed.test. 30 A 192.0.2.1',
        'nginx.ns.myfed.svc.fed.test. 30 A 192.0.2.2',
        'nginx.ns.myfed.svc.fed.test. 30 AAAA 2001:db8::1',
        'nginx.ns.myfed.svc.eu.fed.test. 30 CNAME nginx.ns.myfed.svc.fed.test.',
        ...Array.from({ length: 90 }, (_, i) => `many.fed.test. 30 A 192.0.2.${i}`),
      ],
    )
  })
  afterAll(() => server.nameserver.close())

  async function ask(...args: readonly string[]): Promise<string> {
    const text = await output(program, ['@127.0.0.1', '-p', String(server.port), once, ...args])
    return text!.replaceAll(/[ \t]+/g, ' ') // installed
  }

  it('addresses', async () => {
    expect((await ask('+short', 'nginx.ns.myfed.svc.fed.test', 'A')).trim().split('\n')).toEqual([
      '192.0.2.1',
      '192.0.2.2',
    ])
  })

  it('an alias, chased', async () => {
    expect((await ask('+short', 'nginx.ns.myfed.svc.eu.fed.test', 'AAAA')).trim().split('\n')).toEqual([
      'nginx.ns.myfed.svc.fed.test.',
      '2001:db8::1',
    ])
  })

  it('a denial, its SOA and EDNS', async () => {
    const text = await ask('+edns=0', 'nope.fed.test', 'A')

    expect(text).toContain('NXDOMAIN')
    expect(text).toContain('fed.test. 15 IN SOA ns1.fed.test. hostmaster.fed.test. 7 60 15 1209600 15')
    expect(text).toMatch(/1232/)
    expect(text.toLowerCase()).not.toMatch(/malformed|warning: (message|edns)|extra/)
  })

  it('an answer too long for UDP, over TCP by itself', async () => {
    const text = await ask('+noedns', '+short', 'many.fed.test', 'A')

    expect(
      text
        .trim()
        .split('\n')
        .filter((line) => /^\d/.test(line)),
    ).toHaveLength(90)
  })

  it('the root, refused', async () => {
    expect(await ask('.', 'NS')).toContain('REFUSED')
  })

  it('a version of EDNS that nobody has', async () => {
    expect(
      await ask('+edns=7', '+noednsnegotiation', 'fed.test', 'SOA').catch(() =>
        ask('+edns=7', 'fed.test', 'SOA'),
      ),
    ).toContain('BADVERS')
  })
}
