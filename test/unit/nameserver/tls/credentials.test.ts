import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { credentialProblem, validityOf } from '../../../../src/nameserver/tls/credentials.ts'
import {
  makeAuthority,
  type IssuedCertificate,
  type TestAuthority,
} from '../../../support/test-certificates.ts'

let authority: TestAuthority
let pair: IssuedCertificate
let other: IssuedCertificate

beforeAll(async () => {
  authority = await makeAuthority()
  pair = await authority.issue()
  other = await authority.issue()
})

describe('credentialProblem', () => {
  it.each([
    { name: 'a certificate and its key', of: () => pair, want: undefined },
    {
      name: 'a chain behind the certificate',
      of: () => ({ ...pair, certPem: `${pair.certPem}\n${authority.certPem}` }),
      want: undefined,
    },
    {
      name: 'both in one file',
      of: () => ({ certPem: pair.keyPem + pair.certPem, keyPem: pair.keyPem + pair.certPem }),
      want: undefined,
    },
    {
      name: 'no certificate',
      of: () => ({ ...pair, certPem: pair.keyPem }),
      want: 'certificate holds no certificate: give one in PEM, its chain behind it',
    },
    {
      name: 'an empty certificate',
      of: () => ({ ...pair, certPem: '' }),
      want: 'certificate holds no certificate: give one in PEM, its chain behind it',
    },
    {
      name: 'a certificate that breaks off',
      of: () => ({ ...pair, certPem: pair.certPem.slice(0, 200) }),
      want: 'certificate holds no certificate: give one in PEM, its chain behind it',
    },
    {
      name: 'no key',
      of: () => ({ ...pair, keyPem: pair.certPem }),
      want: 'key holds no private key: give one in PEM, without a passphrase',
    },
    {
      name: 'a key with a passphrase',
      of: () => ({
        ...pair,
        keyPem: createPrivateKey(pair.keyPem)
          .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' })
          .toString(),
      }),
      want: 'key holds no private key: give one in PEM, without a passphrase',
    },
    {
      name: 'the key of another',
      of: () => ({ ...pair, keyPem: other.keyPem }),
      want: 'key is not the key of the first certificate: give both of one pair',
    },
    {
      name: 'a key of another kind',
      of: () => ({
        ...pair,
        keyPem: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }),
      want: 'key is not the key of the first certificate: give both of one pair',
    },
    {
      name: 'a chain in the wrong order',
      of: () => ({ ...pair, certPem: `${authority.certPem}\n${pair.certPem}` }),
      want: 'key is not the key of the first certificate: give both of one pair',
    },
  ])('$name', ({ of, want }) => {
    const problem = credentialProblem(of())

    expect(problem === undefined ? undefined : `${problem.where} ${problem.what}`).toBe(want)
  })

  it('says when a certificate is valid', async () => {
    const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-04-01T00:00:00Z')]
    const short = await authority.issue({ notBefore, notAfter })

    expect(validityOf(short)).toEqual({ fromMs: notBefore.getTime(), untilMs: notAfter.getTime() })
  })

  it('leaves it to clients to judge one that has expired', async () => {
    const expired = await authority.issue({
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2020-04-01T00:00:00Z'),
    })

    expect(credentialProblem(expired)).toBeUndefined()
  })
})
