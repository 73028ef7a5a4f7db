import { describe, expect, it } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import type { Logger } from '../../../src/telemetry/logger.ts'
import { createLogger } from '../../../src/telemetry/pino-logger.ts'
import type { LogLevel } from '../../../src/telemetry/pino-logger.ts'

function recorded(
  act: (logger: Logger) => void,
  level: LogLevel = 'debug',
): { readonly text: string; readonly lines: readonly Record<string, unknown>[] } {
  let text = ''
  act(createLogger({ level, destination: { write: (line) => (text += line) } }))
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { text, lines }
}

describe('createLogger', () => {
  it('writes level, time, fields and message, nothing else', () => {
    const { lines } = recorded((logger) => logger.info({ component: 'kube', cluster: 'c1' }, 'member synced'))

    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        component: 'kube',
        cluster: 'c1',
        msg: 'member synced',
      },
    ])
  })

  it('adds the fields of its parents', () => {
    const { lines } = recorded((logger) =>
      logger.child({ component: 'kube' }).child({ cluster: 'c1' }).warn({ count: 2 }, 'slow'),
    )

    expect(lines[0]).toMatchObject({ level: 'warn', component: 'kube', cluster: 'c1', count: 2 })
  })

  it.each([
    { level: 'debug', want: ['debug', 'info', 'warn', 'error'] },
    { level: 'info', want: ['info', 'warn', 'error'] },
    { level: 'error', want: ['error'] },
    { level: 'silent', want: [] },
  ] as const)('leaves out what is below $level', ({ level, want }) => {
    const { lines } = recorded((logger) => {
      for (const each of ['debug', 'info', 'warn', 'error'] as const) logger[each]({}, 'x')
    }, level)

    expect(lines.map((line) => line['level'])).toEqual(want)
  })

  it('says an AppError in one line, with its code and without a stack', () => {
    const error = new AppError('port is in use', {
      code: 'LISTEN_FAILED',
      fields: { port: 53 },
      cause: new Error('EADDRINUSE'),
    })

    const { lines } = recorded((logger) => logger.error({ err: error }, 'not listening'))

    expect(lines[0]).toMatchObject({ err: 'port is in use (port=53): EADDRINUSE', code: 'LISTEN_FAILED' })
    expect(lines[0]).not.toHaveProperty('stack')
  })

  it('says where a programming mistake was made', () => {
    const { lines } = recorded((logger) => logger.error({ err: new TypeError('x is undefined') }, 'failed'))

    expect(lines[0]).toMatchObject({
      err: 'x is undefined',
      stack: expect.stringContaining('pino-logger.test.ts') as string,
    })
  })

  it('passes an error that is already one line', () => {
    const { lines } = recorded((logger) => logger.error({ err: 'one line' }, 'failed'))

    expect(lines[0]).toMatchObject({ err: 'one line' })
  })

  const SECRET = 'c2VjcmV0LXdvcmQ'
  it.each([
    { name: 'a field named token', in: { token: SECRET } },
    { name: 'a token one level down', in: { member: { token: SECRET } } },
    { name: 'an authorization header', in: { headers: { authorization: `Bearer ${SECRET}` } } },
    { name: 'a bearer header inside a text', in: { err: `refused: Bearer ${SECRET}==` } },
    { name: 'a web token inside a text', in: { err: `refused eyJhbGciOiJSUzI1NiJ9.${SECRET}.${SECRET}` } },
    { name: 'a password in a URL', in: { url: `https://user:${SECRET}@example.com/` } },
    {
      name: 'a private key',
      in: { err: `-----BEGIN EC PRIVATE KEY-----\n${SECRET}\n-----END EC PRIVATE KEY-----` },
    },
    { name: 'the message of an error', in: { err: new Error(`Bearer ${SECRET}`) } },
    { name: 'a field of a parent', in: {}, parent: { token: SECRET } },
  ])('hides $name', (row) => {
    const { text, lines } = recorded((logger) => logger.child(row.parent ?? {}).error(row.in, 'x'))

    expect(lines).toHaveLength(1)
    expect(text).not.toContain(SECRET)
    expect(text).toContain('[hidden]')
  })

  it('leaves ordinary addresses alone', () => {
    const { lines } = recorded((logger) => logger.info({ url: 'https://192.0.2.1:6443/api?x=a@b' }, 'x'))

    expect(lines[0]).toMatchObject({ url: 'https://192.0.2.1:6443/api?x=a@b' })
  })
})
