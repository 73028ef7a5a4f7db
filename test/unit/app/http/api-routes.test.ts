import { describe, expect, it } from 'vitest'
import { objectKey, ownerKey, type ClusterIndex } from '../../../../src/api/keys.ts'
import { apiRoutes, type ApiSource } from '../../../../src/app/http/api-routes.ts'
import type { HttpReply } from '../../../../src/app/http/http-server.ts'
import type { Member } from '../../../../src/controllers/member-clusters.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import type { Ledger } from '../../../../src/core/discovery/types.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer } from '../../../../src/dns/records.ts'
import type { Session } from '../../../../src/kube/connection.ts'
import { at, here, ips } from '../../controllers/fakes.ts'

const member = (name: string, index: number, more: Partial<Member> = {}): Member => ({
  ...{ name, key: here(name), index: at(index), fingerprint: 'secret' },
  locality: { region: 'r1', zones: ['z1'], problems: [] },
  ...more,
})
const web = ownerKey('ServiceDNSRecord', objectKey('shop', 'web'))

function setUp(host = '127.0.0.1') {
  const ledger: Ledger = createLedger()
  const sessions = new Map<ClusterIndex, Session>()
  const source = {
    isServing: true as boolean,
    members: new Map<string, Member>(),
    fleet: {
      at(cluster: ClusterIndex) {
        const session = sessions.get(cluster)
        return session === undefined ? undefined : { session }
      },
    },
    discovery: { ledger },
  } satisfies ApiSource
  const metrics = { contentType: 'text/plain; version=0.0.4', text: () => Promise.resolve('waypost_up 1\n') }
  const route = apiRoutes({ controlPlane: source, metrics, host })
  const get = async (target: string, method = 'GET'): Promise<HttpReply | undefined> => {
    const url = new URL(target, 'http://localhost')
    return route({ method, path: url.pathname, query: url.searchParams, body: '' })
  }
  const json = async (target: string): Promise<unknown> => {
    const reply = await get(target)
    return { status: reply?.status, body: JSON.parse(reply?.body ?? 'null') as unknown }
  }
  const says = (name: string, answer: Answer): void =>
    ledger.put({ key: web, rank: '1' }, [{ name: parseDomainName(name), answer, urgent: false }])
  return { source, sessions, get, json, says }
}

const address: Answer = { kind: 'addresses', ttlSeconds: 30, a: ips('192.0.2.1'), aaaa: [] }

describe('health and metrics', () => {
  it('is alive, and ready once names are answered', async () => {
    const { source, get } = setUp()

    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' })
    expect(await get('/readyz')).toMatchObject({ status: 200 })
    source.isServing = false
    expect(await get('/readyz')).toMatchObject({ status: 503, body: 'not serving yet\n' })
    expect(await get('/healthz')).toMatchObject({ status: 200 })
  })

  it('tells metrics in the form that Prometheus asked for', async () => {
    expect(await setUp().get('/metrics')).toEqual({
      status: 200,
      contentType: 'text/plain; version=0.0.4',
      body: 'waypost_up 1\n',
    })
  })

  it('leaves other paths to others, those of every object too', async () => {
    const { get } = setUp()

    expect([await get('/nope'), await get('/constructor'), await get('/__proto__')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('reads, and does not write', async () => {
    const { get } = setUp()

    expect(await get('/healthz', 'HEAD')).toMatchObject({ status: 200 })
    expect(await get('/api/v1/names', 'DELETE')).toMatchObject({ status: 405, body: 'use GET\n' })
  })
})

describe('/api/v1/clusters', () => {
  it('tells of each member, sorted by name: where it is, whether it is watched, what is wrong; never a credential', async () => {
    const { source, sessions, json, get } = setUp()
    source.members.set(
      'west',
      member('west', 1, {
        locality: { zones: [], problems: [] },
        complaint: { reason: 'X', message: 'no token' },
      }),
    )
    source.members.set('east', member('east', 0))
    sessions.set(at(0), { up: true, sinceMs: Date.UTC(2026, 0, 1), missing: [] })

    expect(await json('/api/v1/clusters')).toEqual({
      status: 200,
      body: {
        clusters: [
          {
            name: 'east',
            region: 'r1',
            zones: ['z1'],
            watching: true,
            since: '2026-01-01T00:00:00.000Z',
            missing: [],
            problem: null,
          },
          {
            name: 'west',
            region: null,
            zones: [],
            watching: false,
            since: null,
            missing: [],
            problem: 'no token',
          },
        ],
      },
    })
    expect((await get('/api/v1/clusters'))?.body).not.toContain('secret')
  })

  it('tells what is missing of one that cannot be seen', async () => {
    const { source, sessions, json } = setUp()
    source.members.set('east', member('east', 0))
    sessions.set(at(0), { up: false, sinceMs: 0, missing: [{ kind: 'Service', state: 'stale' }] })

    expect(await json('/api/v1/clusters')).toMatchObject({
      body: { clusters: [{ watching: false, missing: [{ kind: 'Service', state: 'stale' }] }] },
    })
  })
})

describe('/api/v1/names', () => {
  it('tells one name, in any case, with or without the trailing dot', async () => {
    const { json, says } = setUp()
    says('www.example.com', address)

    const want = {
      name: 'www.example.com.',
      owner: web,
      kind: 'addresses',
      ttlSeconds: 30,
      a: ['192.0.2.1'],
      aaaa: [],
    }
    expect(await json('/api/v1/names?name=WWW.example.com.')).toEqual({ status: 200, body: want })
    expect(await json('/api/v1/names?name=www.example.com')).toEqual({ status: 200, body: want })
  })

  it('tells of raw records only that they are there', async () => {
    const { json, says } = setUp()
    says('example.com', { kind: 'records', sets: [{ type: 6, ttlSeconds: 1, rdata: [new Uint8Array([1])] }] })

    expect(await json('/api/v1/names?name=example.com')).toEqual({
      status: 200,
      body: { name: 'example.com.', owner: web, kind: 'records' },
    })
  })

  it('tells all names, or fewer when asked for fewer, and how many there are', async () => {
    const { json, says } = setUp()
    for (const label of ['a', 'b', 'c']) says(`${label}.example.com`, address)

    expect(await json('/api/v1/names')).toMatchObject({ body: { total: 3, names: [{}, {}, {}] } })
    const { body } = (await json('/api/v1/names?limit=2')) as {
      readonly body: { readonly names: readonly unknown[] }
    }
    expect(body).toMatchObject({ total: 3 })
    expect(body.names).toHaveLength(2)
  })

  it('never tells more than a thousand at once', async () => {
    const { json, says } = setUp()
    for (let i = 0; i < 1_001; i += 1) says(`n${i}.example.com`, address)

    const { body } = (await json('/api/v1/names?limit=5000')) as {
      readonly body: { readonly names: readonly unknown[] }
    }
    expect(body).toMatchObject({ total: 1_001 })
    expect(body.names).toHaveLength(1_000)
  })

  const bad: readonly {
    readonly name: string
    readonly in: string
    readonly want: { readonly status: number; readonly body: unknown }
  }[] = [
    {
      name: 'a name that nobody publishes',
      in: 'name=nope.example.com',
      want: { status: 404, body: { error: 'nothing is published under nope.example.com.' } },
    },
    {
      name: 'what is no name',
      in: 'name=not%20a%20name',
      want: { status: 400, body: { error: '"not a name" is not a DNS name' } },
    },
    { name: 'an empty name', in: 'name=', want: { status: 400, body: { error: '"" is not a DNS name' } } },
    {
      name: 'a limit of 0',
      in: 'limit=0',
      want: { status: 400, body: { error: 'limit is not a number above 0' } },
    },
    {
      name: 'half a limit',
      in: 'limit=1.5',
      want: { status: 400, body: { error: 'limit is not a number above 0' } },
    },
    {
      name: 'a limit that is no number',
      in: 'limit=all',
      want: { status: 400, body: { error: 'limit is not a number above 0' } },
    },
  ]
  for (const row of bad) {
    it(`says what is wrong with ${row.name}`, async () => {
      expect(await setUp().json(`/api/v1/names?${row.in}`)).toEqual(row.want)
    })
  }

  it('cuts what it repeats', async () => {
    const { get } = setUp()

    const reply = await get(`/api/v1/names?name=${'%20'.repeat(500)}`)

    expect([reply?.status, (reply?.body.length ?? 0) < 200]).toEqual([400, true])
  })
})

describe('who may read what is published', () => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost']) {
    it(`whoever is on this machine: ${host}`, async () => {
      expect(await setUp(host).get('/api/v1/names')).toMatchObject({ status: 200 })
    })
  }
  for (const host of ['0.0.0.0', '::', '192.0.2.1', '127.example.com']) {
    it(`nobody, where others could ask: ${host}`, async () => {
      const { get } = setUp(host)

      expect([await get('/api/v1/names'), await get('/api/v1/clusters')]).toEqual([undefined, undefined])
      expect(await get('/healthz')).toMatchObject({ status: 200 })
    })
  }
})
