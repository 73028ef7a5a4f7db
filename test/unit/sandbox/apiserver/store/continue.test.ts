import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StatusError } from '../../../../../src/sandbox/apiserver/model/status.ts'
import { decodeContinue, encodeContinue } from '../../../../../src/sandbox/apiserver/store/continue.ts'

function refusal(token: string): string | undefined {
  try {
    decodeContinue(token)
    return undefined
  } catch (error) {
    return error instanceof StatusError ? error.status.message : 'not a StatusError'
  }
}

describe('continue tokens', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.string({ minLength: 1 }), (revision, startKey) => {
        expect(decodeContinue(encodeContinue({ revision, startKey }))).toEqual({ revision, startKey })
      }),
    )
  })

  it('of any text decode or are refused with a Status', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(refusal(text) ?? 'invalid continue token').toMatch(/^invalid continue token/)
      }),
    )
  })

  const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

  it.each([
    {
      name: 'of another encoding',
      in: { v: 'v9', rv: 1, start: 'a' },
      want: 'server does not recognize this encoded version',
    },
    {
      name: 'without a version',
      in: { v: 'meta.k8s.io/v1', start: 'a' },
      want: 'incorrect encoded start resourceVersion',
    },
    { name: 'without a start', in: { v: 'meta.k8s.io/v1', rv: 1 }, want: 'encoded start key empty' },
    { name: 'that hold no object', in: 7, want: 'unexpected value' },
  ])('$name are refused', ({ in: value, want }) => {
    expect(refusal(token(value))).toContain(want)
  })
})
