import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signRequest } from '../../../../src/dns/tsig/client.ts'
import type { TsigKey } from '../../../../src/dns/tsig/keys.ts'
import { findTsig, unsigned } from '../../../../src/dns/tsig/record.ts'
import { ReplySigner } from '../../../../src/dns/tsig/replies.ts'
import { queryBytes } from '../../../support/dns-query.ts'
import { NOW_SECONDS, testKey, tsigOf } from '../../../support/tsig-messages.ts'
import { SIGNED_TRANSFER } from '../../../support/tsig-vectors.ts'

const request = Buffer.from(SIGNED_TRANSFER.request, 'hex')
const replies = SIGNED_TRANSFER.replies.map((hex) => Buffer.from(hex, 'hex'))
const { nowSeconds } = SIGNED_TRANSFER
const plainRequest = queryBytes({ ask: 'v.test AXFR', id: 0xd93a, flags: 0x20 })

function withoutTsig(message: Uint8Array): Uint8Array {
  const found = findTsig(message)
  if (found.kind !== 'found') throw new Error('no TSIG')
  return unsigned(message, found)
}

describe('ReplySigner', () => {
  it('signs a stream of messages octet by octet as BIND does', () => {
    const signer = new ReplySigner(testKey(), tsigOf(request).mac)

    const signed = replies.map((reply) => Buffer.from(signer.sign(withoutTsig(reply), nowSeconds)))

    expect(signed).toEqual(replies)
  })

  it('says how much longer messages become', () => {
    const signer = new ReplySigner(testKey('hmac-sha512', 'a.longer.name.of.a.key'), new Uint8Array(64))

    expect(signer.sign(plainRequest, nowSeconds)).toHaveLength(plainRequest.length + signer.extraBytes)
  })
})

describe('ReplyVerifier', () => {
  it('believes what BIND sends, to the last message', () => {
    const { verifier } = signRequest(plainRequest, testKey(), nowSeconds)

    const checked = replies.map((reply) => verifier.check(reply, nowSeconds))

    expect(checked).toEqual(
      replies.map((reply) => ({ kind: 'good', message: withoutTsig(reply), proven: true })),
    )
  })

  const reply = queryBytes({ ask: 'www.example.com A', id: 1, flags: 0x8400 })
  const sent = signRequest(queryBytes({ ask: 'www.example.com A', id: 1 }), testKey(), NOW_SECONDS)
  const answer = (key: TsigKey, at: number): Uint8Array =>
    new ReplySigner(key, tsigOf(sent.request).mac).sign(reply, at)

  it.each([
    { name: 'one without a signature', in: reply, want: 'unsigned' },
    {
      name: 'one with another key',
      in: answer(testKey('hmac-sha256', 'other'), NOW_SECONDS),
      want: 'other key',
    },
    { name: 'one with another algorithm', in: answer(testKey('hmac-sha1'), NOW_SECONDS), want: 'other key' },
    {
      name: 'one with another secret',
      in: answer({ ...testKey(), secret: Uint8Array.of(1) }, NOW_SECONDS),
      want: 'wrong mac',
    },
    { name: 'one that is too old', in: answer(testKey(), NOW_SECONDS - 301), want: 'wrong time' },
    {
      name: 'the reply to another request',
      in: new ReplySigner(testKey(), new Uint8Array(32)).sign(reply, NOW_SECONDS),
      want: 'wrong mac',
    },
  ])('does not believe $name', ({ in: message, want }) => {
    const { verifier } = signRequest(queryBytes({ ask: 'www.example.com A', id: 1 }), testKey(), NOW_SECONDS)

    expect(verifier.check(message, NOW_SECONDS)).toEqual({ kind: 'bad', reason: want })
  })

  it('believes unsigned messages between signed ones when the next signature covers them', () => {
    const { verifier } = signRequest(plainRequest, testKey(), nowSeconds)
    const [first, second] = replies
    const altered = Buffer.from(withoutTsig(second!))

    expect(verifier.check(first!, nowSeconds)).toMatchObject({ kind: 'good', proven: true })
    expect(verifier.check(altered, nowSeconds)).toMatchObject({ kind: 'good', proven: false })
    expect(verifier.check(replies[2]!, nowSeconds)).toEqual({ kind: 'bad', reason: 'wrong mac' }) // it covers itself only
  })
})

describe('properties', () => {
  it('a stream verifies as a whole, and not with one message left out, doubled or moved', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.nat(),
        fc.constantFrom('whole', 'left out', 'doubled', 'moved'),
        (length, pick, what) => {
          const key = testKey()
          const { request: signed, verifier } = signRequest(plainRequest, key, NOW_SECONDS)
          const signer = new ReplySigner(key, tsigOf(signed).mac)
          const stream = Array.from({ length }, (_, i) =>
            signer.sign(queryBytes({ id: i, flags: 0x8400 }), NOW_SECONDS),
          )
          const at = pick % (length - 1)
          if (what === 'left out') stream.splice(at, 1)
          if (what === 'doubled') stream.splice(at, 0, stream[at]!)
          if (what === 'moved') stream.push(...stream.splice(at, 1))

          const good = stream.every((message) => verifier.check(message, NOW_SECONDS).kind === 'good')

          expect(good).toBe(what === 'whole')
        },
      ),
    )
  })
})
