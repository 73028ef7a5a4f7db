import { connect as connectHttp2 } from 'node:http2'
import { connect as connectNet } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import { KubernetesClient } from '../support/kubernetes-client.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'

let server: ApiServer
let api: KubernetesClient

beforeAll(async () => {
  server = await startApiServer({ name: 'sockets', clock: systemClock, maxBodyBytes: 100_000 })
  api = new KubernetesClient(server)
})

afterAll(async () => {
  await api.close()
  await server.close()
})

function port(): number {
  return Number(new URL(server.url).port)
}

async function secure(servername: string, protocols: readonly string[] = []): Promise<TLSSocket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: port(),
    servername,
    ca: server.caPem,
    ALPNProtocols: [...protocols],
  })
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return socket
}

describe('TLS', () => {
  it('shows a certificate for localhost and 127.0.0.1 that its own authority signed', async () => {
    const byName = await secure('localhost')
    const { subjectaltname } = byName.getPeerCertificate()
    byName.destroy()

    expect(byName.authorized).toBe(true)
    expect(subjectaltname).toContain('DNS:localhost')
    expect(subjectaltname).toContain('IP Address:127.0.0.1')
  })

  it('speaks HTTP/2 and HTTP/1.1, as the client asks', async () => {
    const sockets = [await secure('localhost', ['h2', 'http/1.1']), await secure('localhost', ['http/1.1'])]
    const protocols = sockets.map((socket) => socket.alpnProtocol)
    for (const socket of sockets) socket.destroy()

    expect(protocols).toEqual(['h2', 'http/1.1'])
  })

  it('is not fooled by plain text', async () => {
    const socket = connectNet(port(), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await new Promise((resolve) => {
      socket.once('close', resolve)
      socket.on('error', () => {})
      socket.resume()
    })

    expect((await api.get('/readyz')).text).toBe('ok')
  })
})

describe('tokens', () => {
  it('a wrong one is 401; none and another scheme are nobody, who may do nothing: 403', async () => {
    const basic = { authorization: `Basic ${Buffer.from(`admin:${server.token}`).toString('base64')}` }
    const codes = [
      (await api.call('GET', MAPS, { token: `${server.token}x` })).code,
      (await api.call('GET', MAPS, { token: '' })).code,
      (await api.call('GET', MAPS, { token: '', headers: basic })).code,
    ]

    expect(codes).toEqual([401, 403, 403])
  })

  it('are not needed for health and version', async () => {
    for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
      expect((await api.call('GET', path, { token: '' })).code).toBe(200)
    }
  })

  it('differ between servers', async () => {
    const other = await startApiServer({ name: 'other', clock: systemClock })
    await other.close()

    expect(other.token).not.toBe(server.token)
  })
})

describe('bodies', () => {
  it('that are too large are 413, and the connection goes on', async () => {
    const body = { metadata: { name: 'big' }, data: { a: 'x'.repeat(200_000) } }

    expect(await api.post(MAPS, body)).toMatchObject({ code: 413, body: { reason: 'RequestEntityTooLarge' } })
    expect((await api.get(MAPS)).code).toBe(200)
  })

  it('paths that cannot be decoded are 400', async () => {
    expect((await api.get('/api/v1/namespaces/%E0%A4%A')).code).toBe(400)
  })
})

describe('random bytes', () => {
  it('on a TLS connection end that connection and nothing else', async () => {
    for (const bytes of ['\0\0\0', 'GET\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n', '\xff'.repeat(100)]) {
      const socket = await secure('localhost', ['http/1.1'])
      socket.on('error', () => {})
      socket.end(bytes, 'latin1')
      await new Promise((resolve) => {
        socket.once('close', resolve)
        socket.resume()
      })
    }

    expect((await api.get('/readyz')).text).toBe('ok')
  })

  it('as HTTP/2 frames likewise', async () => {
    const socket = await secure('localhost', ['h2'])
    socket.on('error', () => {})
    socket.end(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(64, 0xff)]))
    await new Promise((resolve) => {
      socket.once('close', resolve)
      socket.resume()
    })

    expect((await api.get('/readyz')).text).toBe('ok')
  })

  it('a client that goes away during its request is forgotten', async () => {
    const session = connectHttp2(server.url, { ca: server.caPem })
    session.on('error', () => {})
    const stream = session.request({
      ':method': 'POST',
      ':path': MAPS,
      authorization: `Bearer ${server.token}`,
    })
    stream.on('error', () => {})
    stream.write('{"metadata":')
    await new Promise((resolve) => {
      session.once('connect', resolve)
    })
    session.destroy()

    expect((await api.get('/readyz')).text).toBe('ok')
  })
})

describe('objects in the process', () => {
  const CONFIG_MAPS = { group: '', version: 'v1', plural: 'configmaps' }
  const SERVICES = { group: '', version: 'v1', plural: 'services' }

  it('are the same as over HTTP, with the same rules', async () => {
    const { objects } = server
    const made = objects.create(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'both', namespace: 'default' },
      spec: { ports: [{ port: 80 }] },
    })
    const seen = await api.get('/api/v1/namespaces/default/services/both')
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }
    const updated = objects.updateStatus(SERVICES, { ...made, status })

    expect(seen.body).toEqual(made)
    expect(updated['status']).toEqual({ loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } })
    expect(objects.get(SERVICES, 'default', 'both')).toEqual(updated)
    expect(() =>
      objects.create(SERVICES, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'x', namespace: 'default' },
        odd: 1,
      }),
    ).toThrow('strict decoding error: unknown field "odd"')
    objects.delete(SERVICES, 'default', 'both')
    expect(objects.get(SERVICES, 'default', 'both')).toBeUndefined()
  })

  it('are watched from what is there, synchronously, until stopped', () => {
    const { objects } = server
    const map = (name: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
    })
    objects.create(CONFIG_MAPS, map('first'))
    const seen: string[] = []

    const stop = objects.watch(CONFIG_MAPS, ({ type, object, old }) =>
      seen.push(`${type} ${object.metadata.name} ${old === undefined ? 'new' : 'known'}`),
    )
    objects.create(CONFIG_MAPS, map('second'))
    objects.update(CONFIG_MAPS, { ...map('second'), data: { a: 'b' } })
    objects.update(CONFIG_MAPS, { ...map('second'), data: { a: 'b' } })
    objects.delete(CONFIG_MAPS, 'default', 'second')
    stop()
    objects.delete(CONFIG_MAPS, 'default', 'first')

    expect(seen).toEqual([
      'ADDED first new',
      'ADDED second new',
      'MODIFIED second known',
      'DELETED second known',
    ])
  })

  it('a listener that throws stops neither the write nor the others', () => {
    const { objects } = server
    const seen: string[] = []
    const stops = [
      objects.watch(CONFIG_MAPS, () => {
        throw new Error('not mine')
      }),
      objects.watch(CONFIG_MAPS, ({ type }) => seen.push(type)),
    ]

    objects.create(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'third', namespace: 'default' },
    })
    for (const stop of stops) stop()
    objects.delete(CONFIG_MAPS, 'default', 'third')

    expect(seen).toEqual(['ADDED'])
  })

  it('of an unknown resource are refused as over HTTP', () => {
    expect(() => server.objects.list({ group: 'x', version: 'v1', plural: 'y' })).toThrow(
      'the server could not find the requested resource',
    )
  })
})
