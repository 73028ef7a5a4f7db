import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readKeyFile, readKeyName } from '../../../../src/dns/tsig/key-file.ts'

const SECRET = 'c2VjcmV0IG9mIHR3byBzZXJ2ZXJz'
const secret = Uint8Array.from(Buffer.from(SECRET, 'base64'))

describe('readKeyFile', () => {
  it.each([
    {
      name: 'what tsig-keygen writes',
      in: `key "xfr.example" {\n\talgorithm hmac-sha256;\n\tsecret "${SECRET}";\n};\n`,
      want: [{ name: 'xfr.example.', algorithm: 'hmac-sha256', secret }],
    },
    {
      name: 'several keys, comments of all kinds, no quotes, any case',
      in: `# one\nkey Xfr { secret ${SECRET}; algorithm HMAC-SHA512; }; // two\n/* key "three"\n */ key "a_b/c" {algorithm hmac-md5.sig-alg.reg.int;secret "//8=";};`,
      want: [
        { name: 'xfr.', algorithm: 'hmac-sha512', secret },
        { name: 'a_b/c.', algorithm: 'hmac-md5', secret: Uint8Array.of(255, 255) },
      ],
    },
    {
      name: 'MACs that may be cut',
      in: `key a { algorithm hmac-sha256-128; secret "${SECRET}"; };`,
      want: [{ name: 'a.', algorithm: 'hmac-sha256', minMacBytes: 16, secret }],
    },
    { name: 'a file without keys', in: '// none yet\n', want: [] },
  ])('reads $name', ({ in: text, want }) => {
    expect(readKeyFile(text)).toEqual({ kind: 'keys', keys: want })
  })

  it.each([
    {
      name: 'another statement',
      in: '\noptions { };',
      want: [2, 'another word where a key should begin: key "name" { … };'],
    },
    {
      name: 'a key as dig takes it, without telling its secret',
      in: `hmac-sha256:xfr:${SECRET}`,
      want: [1, 'another word where a key should begin: key "name" { … };'],
    },
    {
      name: 'a secret in two words, without telling either',
      in: 'key a { algorithm hmac-sha1; secret c2Vj cmV0; };',
      want: [1, 'another word where ; should stand'],
    },
    {
      name: 'a secret behind a wrong word',
      in: 'key a { secert "c2VjcmV0"; };',
      want: [1, 'another word where algorithm or secret should stand, once each'],
    },
    { name: 'a key without a name', in: 'key { };', want: [1, '"{" where a value should stand'] },
    {
      name: 'a name that is none',
      in: 'key "a..b" { };',
      want: [1, '"a..b" is not a domain name, as a key is called'],
    },
    {
      name: 'an algorithm that is not known',
      in: 'key a {\n  algorithm hmac-sha3;\n};',
      want: [
        2,
        'algorithm "hmac-sha3" is none of hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha224, hmac-sha1, hmac-md5',
      ],
    },
    {
      name: 'a MAC cut too short',
      in: 'key a { algorithm hmac-sha256-64; };',
      want: [1, '64 bits are not a multiple of 8 from 128 to 256, as hmac-sha256 allows'],
    },
    {
      name: 'a secret that is not base64, without telling it',
      in: 'key a { secret "hush!"; };',
      want: [1, 'secret is not base64'],
    },
    { name: 'no secret', in: 'key a {\n algorithm hmac-sha1;\n};', want: [3, 'key a. has no secret'] },
    { name: 'no algorithm', in: `key a { secret "${SECRET}"; };`, want: [1, 'key a. has no algorithm'] },
    {
      name: 'a field given twice',
      in: 'key a { algorithm hmac-sha1;\nalgorithm hmac-sha1; };',
      want: [2, '"algorithm" where algorithm or secret should stand, once each'],
    },
    {
      name: 'a missing semicolon',
      in: 'key a { algorithm hmac-sha1 };',
      want: [1, '"}" where ; should stand'],
    },
    {
      name: 'a file that ends early',
      in: 'key a {\n',
      want: [2, 'the file ends where algorithm or secret should stand, once each'],
    },
    {
      name: 'a quote that does not end',
      in: '\n\nkey "a',
      want: [3, 'a quote or a comment that does not end'],
    },
    {
      name: 'a name given twice',
      in: `key a { algorithm hmac-sha1; secret "${SECRET}"; };\nkey A. { algorithm hmac-sha1; secret "${SECRET}"; };`,
      want: [2, 'key a. stands there twice'],
    },
  ])('refuses $name, with its line', ({ in: text, want: [line, message] }) => {
    expect(readKeyFile(text)).toEqual({ kind: 'broken', line, message })
  })

  it('reads any text to an end', () => {
    const pieces = fc.constantFrom(
      'key ',
      '"a"',
      '{',
      '}',
      ';',
      'algorithm ',
      'hmac-sha1',
      'secret ',
      '/*',
      '*/',
      '//',
      '\n',
      '"',
      '#',
      'x',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (words) => {
        expect(['keys', 'broken']).toContain(readKeyFile(words.join('')).kind)
      }),
    )
  })
})

describe('readKeyName', () => {
  it.each([
    { in: 'Xfr.Example', want: 'xfr.example.' },
    { in: 'xfr.', want: 'xfr.' },
    { in: '.', want: '.' },
    { in: 'a_b/c', want: 'a_b/c.' },
    { in: '', want: undefined },
    { in: 'a..b', want: undefined },
    { in: 'x'.repeat(64), want: undefined },
  ])('$in', ({ in: text, want }) => {
    expect(readKeyName(text)).toBe(want)
  })
})
