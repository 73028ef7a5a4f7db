import { request } from 'undici'
import { afterEach, expect, it } from 'vitest'
import {
  jsonReply,
  startHttpServer,
  textReply,
  type HttpServer,
} from '../../../../src/app/http/http-server.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'

const open: HttpServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function start(port = 0): Promise<HttpServer> {
  const server = await startHttpServer({
    host: '127.0.0.1',
    port,
    logger: silentLogger,
    routes: [
      (request) => (request.path === '/healthz' ? textReply(200, 'ok') : undefined),
      (request) =>
        request.path === '/echo/ä b'
          ? jsonReply(200, { body: request.body, q: request.query.get('q') })
          : undefined,
      (request) => {
        if (request.path === '/broken') throw new Error('broken on purpose')
        return undefined
      },
    ],
  })
  open.push(server)
  return server
}

it.each([
  { host: 'localhost', want: 200 },
  { host: 'localhost:8053', want: 200 },
  { host: '127.0.0.1:8053', want: 200 },
  { host: '[::1]:8053', want: 200 },
  { host: 'evil.example', want: 421 },
  { host: 'localhost.evil.example:8053', want: 421 },
])('on loopback asked as $host: $want', async ({ host, want }) => {
  const server = await start()

  const { statusCode, body } = await request(`${server.url}/healthz`, { headers: { host } })
  await body.dump()

  expect(statusCode).toBe(want)
})

it('answers by the first route that knows the path', async () => {
  const server = await start()

  const health = await fetch(`${server.url}/healthz`)
  const echo = await fetch(`${server.url}/echo/%C3%A4%20b?q=1`, { method: 'PUT', body: 'hello' })

  expect([health.status, await health.text()]).toEqual([200, 'ok\n'])
  expect(await echo.json()).toEqual({ body: 'hello', q: '1' })
})

it('says 404 with the path, 500 for a route that throws, 413 for a large body, and goes on', async () => {
  const server = await start()

  const missing = await fetch(`${server.url}/nope`)
  const broken = await fetch(`${server.url}/broken`)
  const large = await fetch(`${server.url}/healthz`, { method: 'PUT', body: 'x'.repeat(1_048_577) })

  expect([missing.status, await missing.text()]).toEqual([404, 'nothing at GET /nope\n'])
  expect(broken.status).toBe(500)
  expect(large.status).toBe(413)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})

it('names the port when it is in use', async () => {
  const server = await start()

  await expect(start(server.port)).rejects.toMatchObject({
    code: 'HTTP_LISTEN_FAILED',
    fields: { host: '127.0.0.1', port: server.port },
  })
})
