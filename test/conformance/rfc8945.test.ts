import { describe, expect, it } from 'vitest'
import { wireName, parseDomainName } from '../../src/dns/names.ts'
import { isMac, macOf } from '../../src/dns/tsig/digest.ts'
import type { TsigKeys } from '../../src/dns/tsig/keys.ts'
import { findTsig, TSIG_ERROR, unsigned, withTsig } from '../../src/dns/tsig/record.ts'
import { checkRequest, type SignedRequest } from '../../src/dns/tsig/requests.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { NOW_SECONDS, ring, signedBy, testKey, tsigOf } from '../support/tsig-messages.ts'

const key = testKey()
const query = queryBytes({ ask: 'WWW.example.com A', flags: 0x0100, edns: { flags: 0x8000 } })
const unknown = wireName(parseDomainName('other.example'))
const good = signedBy(key, query)

function check(message: Uint8Array, keys: TsigKeys = ring(key)): SignedRequest {
  return checkRequest(message, keys, NOW_SECONDS)
}

/** `signed`, or the response code and error of the refusal, and whether it is signed. */
function verdict(message: Uint8Array, keys?: TsigKeys): string {
  const checked = check(message, keys)
  if (checked.kind !== 'refused') return checked.kind
  const found = findTsig(checked.response)
  const { rcode } = replyOf(checked.response)
  if (found.kind !== 'found') return rcode
  const error = Object.entries(TSIG_ERROR).find(([, code]) => code === found.record.error)?.[0] ?? 'no error'
  return `${rcode} ${error} ${found.record.mac.length === 0 ? 'unsigned' : 'signed'}`
}

function turned(message: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(message)
  copy[at]! ^= 1
  return copy
}

/** The message with its TSIG record doubled, or with another record behind it. */
function with2nd(message: Uint8Array, tail: Uint8Array): Buffer {
  const all = Buffer.concat([message, tail])
  all.writeUInt16BE(all.readUInt16BE(10) + 1, 10)
  return all
}

const tsigOctets = good.subarray(query.length)
/** Where class and TTL of the record are: behind the key's name and the type. */
const classAt = query.length + wireName(key.name).length + 2

describe('RFC 8945', () => {
  it.each<{ name: string; in: Uint8Array; keys?: TsigKeys; want: string }>([
    { name: '5.2: a request signed with a key that both sides have', in: good, want: 'signed' },
    { name: '5.1: more than one TSIG record: FORMERR', in: with2nd(good, tsigOctets), want: 'FORMERR' },
    {
      name: '5.1: a TSIG record that is not the last one: FORMERR',
      in: with2nd(good, Uint8Array.of(0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 1, 0)),
      want: 'FORMERR',
    },
    {
      name: '5.1: a TSIG record outside of the additional section: FORMERR',
      in: (() => {
        const moved = Buffer.from(signedBy(key, queryBytes({ ask: 'a.example A' })))
        moved.writeUInt16BE(1, 6)
        moved.writeUInt16BE(0, 10)
        return with2nd(moved, Uint8Array.of(0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 1, 0))
      })(),
      want: 'FORMERR',
    },
    { name: '4.2: octets behind its fields: FORMERR', in: longer(good), want: 'FORMERR' },
    { name: '4.2: a class other than ANY: FORMERR', in: turned(good, classAt + 1), want: 'FORMERR' },
    { name: '4.2: a TTL other than 0: FORMERR', in: turned(good, classAt + 5), want: 'FORMERR' },
    {
      name: '5.2.1: a key that is not known: BADKEY, not signed',
      in: signedBy(key, query, { keyName: unknown }),
      want: 'NOTAUTH BADKEY unsigned',
    },
    { name: '5.2.1: no keys at all: BADKEY', in: good, keys: ring(), want: 'NOTAUTH BADKEY unsigned' },
    {
      name: '5.2.1: an algorithm that is not known: BADKEY',
      in: signedBy(key, query, { algorithm: unknown }),
      want: 'NOTAUTH BADKEY unsigned',
    },
    {
      name: '5.2.1: another algorithm than the key is for: BADKEY',
      in: signedBy(testKey('hmac-sha512'), query),
      want: 'NOTAUTH BADKEY unsigned',
    },
    {
      name: '5.2.2: a MAC by another secret: BADSIG, not signed',
      in: signedBy({ ...key, secret: Uint8Array.of(1) }, query),
      want: 'NOTAUTH BADSIG unsigned',
    },
    {
      name: '5.2.2: a message that was changed: BADSIG',
      in: turned(good, 14),
      want: 'NOTAUTH BADSIG unsigned',
    },
    {
      name: '5.2: the MAC is looked at before the time',
      in: turned(signedBy(key, query, { timeSeconds: 0 }), 14),
      want: 'NOTAUTH BADSIG unsigned',
    },
    {
      name: '5.2.2.1: a MAC longer than the hash: FORMERR',
      in: signedBy(key, query, { mac: new Uint8Array(33) }),
      want: 'FORMERR',
    },
    {
      name: '5.2.2.1: a MAC of less than half the hash: FORMERR',
      in: signedBy(key, query, { macBytes: 15 }),
      want: 'FORMERR',
    },
    {
      name: '5.2.2.1: a MAC of less than ten octets: FORMERR',
      in: signedBy(testKey('hmac-md5'), query, { macBytes: 9 }),
      keys: ring(testKey('hmac-md5')),
      want: 'FORMERR',
    },
    {
      name: '5.2.2.1: a MAC of no octets: FORMERR',
      in: signedBy(key, query, { macBytes: 0 }),
      want: 'FORMERR',
    },
    {
      name: '5.2.2.1: the key is looked at before the length of the MAC',
      in: signedBy(key, query, { keyName: unknown, macBytes: 0 }),
      want: 'NOTAUTH BADKEY unsigned',
    },
    {
      name: '5.2.3: a time 301 s behind: BADTIME, signed',
      in: signedBy(key, query, { timeSeconds: NOW_SECONDS - 301 }),
      want: 'NOTAUTH BADTIME signed',
    },
    {
      name: '5.2.3: a time 301 s ahead: BADTIME, signed',
      in: signedBy(key, query, { timeSeconds: NOW_SECONDS + 301 }),
      want: 'NOTAUTH BADTIME signed',
    },
    {
      name: '5.2.3: a time within the fudge',
      in: signedBy(key, query, { timeSeconds: NOW_SECONDS - 300 }),
      want: 'signed',
    },
    {
      name: '5.2.3: the fudge is the client’s',
      in: signedBy(key, query, { timeSeconds: NOW_SECONDS - 3, fudgeSeconds: 2 }),
      want: 'NOTAUTH BADTIME signed',
    },
    {
      name: '5.2.3: a time beyond 32 bits is read whole',
      in: signedBy(key, query, { timeSeconds: NOW_SECONDS + 2 ** 32 }),
      want: 'NOTAUTH BADTIME signed',
    },
    {
      name: '5.2.4: a MAC cut more than we take: BADTRUNC, signed',
      in: signedBy(key, query, { macBytes: 16 }),
      want: 'NOTAUTH BADTRUNC signed',
    },
    {
      name: '5.2.4: a MAC cut as the key allows',
      in: signedBy(key, query, { macBytes: 16 }),
      keys: ring({ ...key, minMacBytes: 16 }),
      want: 'signed',
    },
    {
      name: '5.2.2.1: the octets that are there of a cut MAC count',
      in: turned(signedBy({ ...key, minMacBytes: 16 }, query, { macBytes: 16 }), good.length - 30),
      keys: ring({ ...key, minMacBytes: 16 }),
      want: 'NOTAUTH BADSIG unsigned',
    },
  ])('$name', ({ in: message, keys, want }) => {
    expect(verdict(message, keys)).toBe(want)
  })

  it('4.2: the original id is what was signed; the reply goes to the id that came', () => {
    const forwarded = Buffer.from(good)
    forwarded.writeUInt16BE(0x4321, 0)

    const checked = check(forwarded)

    expect(checked.kind).toBe('signed')
    if (checked.kind === 'signed') expect(Buffer.from(checked.message).readUInt16BE(0)).toBe(0x4321)
  })

  it('4.2: names are compared without case', () => {
    const shouting = signedBy(key, query)
    shouting.set(Buffer.from('XFR'), query.length + 1)

    expect(verdict(shouting)).toBe('signed')
  })

  it('5.2.3: BADTIME says what time it is here, under the time of the request', () => {
    const late = signedBy(key, query, { timeSeconds: 1_000 })
    const checked = check(late)
    if (checked.kind !== 'refused') throw new Error(checked.kind)

    const record = tsigOf(checked.response)

    expect(record).toMatchObject({ timeSeconds: 1_000, fudgeSeconds: 300 })
    expect(Buffer.from(record.other).readUIntBE(0, 6)).toBe(NOW_SECONDS)
    const found = findTsig(checked.response)
    const bare = found.kind === 'found' ? unsigned(checked.response, found) : undefined
    const mac = macOf(key, { priorMac: tsigOf(late).mac, messages: [bare!], record, fields: 'all' })
    expect(isMac(record.mac, mac)).toBe(true)
  })

  it('5.3.2: a refusal has header, question and OPT of the request, and nothing else', () => {
    const checked = check(signedBy(key, query, { keyName: unknown }))
    if (checked.kind !== 'refused') throw new Error(checked.kind)

    const { additional, ...reply } = replyOf(checked.response)

    expect(reply).toEqual({
      rcode: 'NOTAUTH',
      flags: 'qr rd',
      question: 'WWW.example.com. A',
      edns: 'v0 1232 do',
    })
    expect(additional).toHaveLength(1)
    expect(tsigOf(checked.response)).toMatchObject({ keyName: unknown, originalId: 0x1234 })
  })

  it('5.3.1: after the first message only the times are digested, with the MAC before', () => {
    const checked = check(good)
    if (checked.kind !== 'signed') throw new Error(checked.kind)
    const message = queryBytes({ flags: 0x8400 })

    const first = tsigOf(checked.signer.sign(message, NOW_SECONDS))
    const second = tsigOf(checked.signer.sign(message, NOW_SECONDS))

    const digested = { messages: [message], record: second }
    expect(first.mac).toEqual(macOf(key, { ...digested, priorMac: tsigOf(good).mac, fields: 'all' }))
    expect(second.mac).toEqual(macOf(key, { ...digested, priorMac: first.mac, fields: 'times' }))
  })

  it('RFC 8906, the checkers’ list: a key "." that nobody has is NOTAUTH with BADKEY', () => {
    const message = withTsig(query, { ...tsigOf(good), keyName: Uint8Array.of(0), mac: new Uint8Array(32) })

    expect(verdict(message)).toBe('NOTAUTH BADKEY unsigned')
  })
})

/** With an octet more in the record’s data than its fields take. */
function longer(message: Uint8Array): Buffer {
  const all = Buffer.concat([message, Buffer.alloc(1)])
  const lengthAt = query.length + wireName(key.name).length + 8
  all.writeUInt16BE(all.readUInt16BE(lengthAt) + 1, lengthAt)
  return all
}
