import { describe, expect, test } from 'vitest'
import { describeError } from '../../../src/errors.ts'
import { AppError } from '../../../src/errors.ts'
import { KubeError, readStatus, statusError } from '../../../src/kube/kube-error.ts'
import { transportError } from '../../../src/kube/transport-error.ts'

const place = { cluster: 'member', method: 'GET', path: '/api/v1/services' }

function withCode(code: string, cause?: Error): Error {
  return Object.assign(new Error('raised by the socket', cause === undefined ? undefined : { cause }), {
    code,
  })
}

describe('transportError', () => {
  test.each([
    {
      name: 'ECONNREFUSED',
      error: withCode('ECONNREFUSED'),
      code: 'KUBE_UNREACHABLE',
      reason: 'ECONNREFUSED',
    },
    { name: 'no such host', error: withCode('ENOTFOUND'), code: 'KUBE_UNREACHABLE', reason: 'ENOTFOUND' },
    {
      name: 'a connect that takes too long',
      error: withCode('UND_ERR_CONNECT_TIMEOUT'),
      code: 'KUBE_UNREACHABLE',
      reason: 'UND_ERR_CONNECT_TIMEOUT',
    },
    {
      name: 'all addresses failed',
      error: new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]),
      code: 'KUBE_UNREACHABLE',
      reason: 'ECONNREFUSED',
    },
    {
      name: 'an unknown CA',
      error: withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      code: 'KUBE_TLS_REFUSED',
      reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    },
    {
      name: 'another name',
      error: withCode('ERR_TLS_CERT_ALTNAME_INVALID'),
      code: 'KUBE_TLS_REFUSED',
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    },
    {
      name: 'a self-signed certificate',
      error: withCode('DEPTH_ZERO_SELF_SIGNED_CERT'),
      code: 'KUBE_TLS_REFUSED',
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    },
    {
      name: 'headers that do not come',
      error: withCode('UND_ERR_HEADERS_TIMEOUT'),
      code: 'KUBE_TIMEOUT',
      reason: 'UND_ERR_HEADERS_TIMEOUT',
    },
    { name: 'a reset', error: withCode('ECONNRESET'), code: 'KUBE_CUT', reason: 'ECONNRESET' },
    {
      name: 'an error wrapped by the HTTP client',
      error: withCode('UND_ERR', withCode('ECONNREFUSED')),
      code: 'KUBE_UNREACHABLE',
      reason: 'ECONNREFUSED',
    },
    { name: 'anything else', error: new Error('what'), code: 'KUBE_CUT', reason: 'Error' },
  ])('$name is $code', ({ error, code, reason }) => {
    const made = transportError(place, error)

    expect(made).toMatchObject({ code, reason, cluster: 'member', retry: 'backoff', cause: error })
  })

  test('a KubeError passes as it is; one of ours comes from the credentials', () => {
    const kube = new KubeError('KUBE_TIMEOUT', place)
    const ours = new AppError('no plugin', { code: 'KUBECONFIG_INVALID', retry: 'never' })

    expect(transportError(place, kube)).toBe(kube)
    expect(transportError(place, ours)).toMatchObject({
      code: 'KUBE_CREDENTIALS_FAILED',
      reason: 'KUBECONFIG_INVALID',
      retry: 'never',
    })
  })
})

describe('statusError', () => {
  test('says what the server said, once, with where', () => {
    const error = statusError(
      place,
      403,
      readStatus({ reason: 'Forbidden', message: 'services is forbidden' }),
    )

    expect(describeError(error)).toBe(
      'the API server forbids this to the credentials in use (cluster=member method=GET path=/api/v1/services httpStatus=403 reason=Forbidden detail=services is forbidden)',
    )
  })

  test('clips what is too long to be a sentence', () => {
    const error = statusError(place, 500, readStatus({ message: 'x'.repeat(10_000) }))

    expect(error.fields['detail']).toHaveLength(300)
  })

  test.each([
    { name: 'named as a cause', body: { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } } },
    { name: 'in words', body: { message: 'Timeout: Too large resource version: 9, current: 3' } },
  ])('a version too large, $name', ({ body }) => {
    expect(statusError(place, 504, readStatus(body)).code).toBe('KUBE_VERSION_TOO_LARGE')
  })

  test('a date as Retry-After is not understood, and does no harm', () => {
    const error = statusError(place, 503, readStatus({}), 'Wed, 21 Oct 2026 07:28:00 GMT')

    expect(error.retry).toBe('backoff')
  })
})

describe('readStatus', () => {
  test.each([undefined, null, 'text', [], { details: 'none', code: -1 }, { details: { causes: {} } }])(
    'what is no Status gives empty fields: %j',
    (raw) => {
      expect(readStatus(raw)).toEqual({
        reason: '',
        message: '',
        code: undefined,
        retryAfterSeconds: undefined,
        causes: [],
      })
    },
  )
})
