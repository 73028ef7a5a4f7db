import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/cli/run.ts'
import { askUdp } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { readStream } from '../support/dnstap-reader.ts'

const ZONE = `$TTL 60
@ SOA ns1 host 1 3600 600 86400 15
@ NS ns1
ns1 A 192.0.2.53
www A 192.0.2.1
`

/** `waypost dns` in this process. */
interface Running {
  readonly port: number
  readonly url: string
  hangUp(): void
  /** @returns the exit code */
  end(): Promise<number>
}

let folder = ''
let running: Running | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-dns-'))
  writeFileSync(join(folder, 'zone'), ZONE)
})
afterEach(async () => {
  await running?.end()
  running = undefined
  rmSync(folder, { recursive: true })
})

async function start(...more: readonly string[]): Promise<Running> {
  const stop = new AbortController()
  const acts: (() => void)[] = []
  let ended: Promise<number> = Promise.resolve(0)
  const ready = new Promise<string>((resolve, reject) => {
    ended = runCli({
      argv: [
        ...['dns', '--zone', `fed.test=${join(folder, 'zone')}`, '--listen', '127.0.0.1:0'],
        ...['--http-listen', '127.0.0.1:0', '--log-level', 'silent', ...more],
      ],
      env: {},
      io: {
        stdout: (line) => resolve(line),
        stderr: (line) => reject(new Error(line)),
        signal: stop.signal,
        onHangup: (act) => void acts.push(act),
      },
    })
  })
  const line = await ready
  const [, port, url] = /^ready {3}DNS on 127\.0\.0\.1:(\d+), HTTP on (\S+), \d+ names$/.exec(line) ?? []
  running = {
    ...{ port: Number(port), url: url ?? '' },
    hangUp() {
      if (acts.length === 0) throw new Error('the signal would end the process')
      for (const act of acts) act()
    },
    end: () => {
      stop.abort()
      return ended
    },
  }
  return running
}

const ask = (port: number, text: string): Promise<Buffer> => askUdp(port, queryBytes({ ask: text }))
const get = async (url: string): Promise<string> => {
  const response = await fetch(url)
  return `${response.status} ${await response.text()}`
}
const lines = (path: string): number =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0
/** Of the turns that a condition takes to come true. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve))
}

describe('waypost dns', () => {
  it('tells health and metrics by zone over HTTP', async () => {
    const { port, url } = await start()
    for (const question of ['www.fed.test A', 'no.fed.test A', 'www.example A']) await ask(port, question)

    expect(await get(`${url}/healthz`)).toBe('200 ok\n')
    expect(await get(`${url}/readyz`)).toBe('200 ok\n')
    expect((await get(`${url}/api/v1/names`)).slice(0, 3)).toBe('404')
    const metrics = (await get(`${url}/metrics`)).split('\n')
    const server = `server="dns://127.0.0.1:${port}"`
    expect(metrics).toEqual(
      expect.arrayContaining([
        'waypost_dns_requests_total{zone="fed.test.",proto="udp",family="1",type="A"} 2',
        'waypost_dns_responses_total{zone="fed.test.",proto="udp",rcode="NXDOMAIN"} 1',
        'waypost_dns_responses_total{zone="dropped",proto="udp",rcode="REFUSED"} 1',
        'waypost_nameserver_queries_udp_total 3',
        'waypost_dns_query_log_dropped_total 0',
        `coredns_dns_requests_total{${server},zone="fed.test.",view="",proto="udp",family="1",type="A"} 2`,
        `coredns_dns_request_duration_seconds_count{${server},zone="fed.test.",view=""} 1`,
      ]),
    )
  })

  it('begins new files on SIGHUP', async () => {
    const [log, tap] = [join(folder, 'queries.log'), join(folder, 'tap.fstrm')]
    const { port, hangUp, end } = await start('--query-log', log, '--dnstap', tap)
    await ask(port, 'www.fed.test A')
    for (const path of [log, tap]) renameSync(path, `${path}.1`)

    hangUp()
    await until(() => lines(`${log}.1`) === 1 && existsSync(log))
    await ask(port, 'www.fed.test A')

    expect(await end()).toBe(0)
    expect([lines(`${log}.1`), lines(log)]).toEqual([1, 1])
    const streams = [`${tap}.1`, tap].map((path) => readStream(readFileSync(path)).items)
    expect(streams.map((items) => [items.length, items.at(-1)])).toEqual([
      [4, 'STOP'],
      [4, 'STOP'],
    ])
  })

  it('reads zone files again on SIGHUP, and goes on with what it has where it cannot', async () => {
    const { port, hangUp } = await start()
    const path = join(folder, 'zone')
    const addresses = async () => replyOf(await ask(port, 'www.fed.test A')).answer

    writeFileSync(path, ZONE.replace('www A 192.0.2.1', 'www A 192.0.2'))
    hangUp()
    writeFileSync(path, ZONE.replace('www A 192.0.2.1', 'www A 192.0.2.22').replace('host 1', 'host 2'))
    hangUp()
    let answer = await addresses()
    while (answer?.[0] === 'www.fed.test. 60 A 192.0.2.1') answer = await addresses()

    expect(answer).toEqual(['www.fed.test. 60 A 192.0.2.22'])
  })

  it('serves the root where it has its zone', async () => {
    const path = join(folder, 'root')
    writeFileSync(path, '$TTL 60\n. SOA ns. host. 1 3600 600 86400 15\n. NS ns.\nns. A 192.0.2.53\n')

    const { port } = await start('--zone', `.=${path}`)

    expect(replyOf(await ask(port, 'ns A'))).toMatchObject({
      rcode: 'NOERROR',
      answer: ['ns. 60 A 192.0.2.53'],
    })
    expect(replyOf(await ask(port, 'nothing A'))).toMatchObject({ rcode: 'NXDOMAIN' })
  })

  it('says in one line that the query log cannot be written', async () => {
    await expect(start('--query-log', join(folder, 'absent', 'q.log'))).rejects.toThrow(
      /^waypost dns: query log cannot be written.*absent/,
    )
  })
})
