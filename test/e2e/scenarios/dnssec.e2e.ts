import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sceneAddresses } from '../support/addresses.ts'
import {
  KeyRing,
  resolved,
  startSigned,
  startValidator,
  tool,
  useFolder,
} from '../support/dns/signed-zones.ts'
import { until, type Program } from '../support/process.ts'

const { waypost: SERVER, resolver: RESOLVER, provider: DOUBTER } = sceneAddresses()
const HEAD = [
  '$TTL 300',
  `@ SOA ns1.signed.test. hostmaster.signed.test. 1 3600 600 86400 5`,
  '@ NS ns1.signed.test.',
]

const folder = useFolder()
const keys = new KeyRing(folder)
const ksk = keys.make('-a', '13', '-f', 'KSK', 'signed.test')
const zsk = keys.make('-a', '13', 'signed.test')
const child = keys.make('-a', '15', '-f', 'KSK', 'child.signed.test')
const zones = new Map([
  [
    'signed.test',
    [
      ...HEAD,
      `ns1 A ${SERVER}`,
      'www A 192.0.2.1',
      'www AAAA 2001:db8::1',
      'alias CNAME www',
      'dangling CNAME nothing',
      'a.b.ent TXT "deep"',
      '*.wild A 192.0.2.7',
      '*.wildalias CNAME www',
      'old DNAME ent',
      'mail MX 10 www',
      'into-child CNAME www.child',
      'into-insecure CNAME www.insecure',
      'child NS ns1',
      `child ${keys.ds(child)}`,
      'insecure NS ns1',
    ],
  ],
  ['child.signed.test', [...HEAD, 'www A 192.0.2.77', '*.wild A 192.0.2.78']],
  ['insecure.signed.test', [...HEAD, 'www A 192.0.2.99']],
])

let programs: Program[] = []
beforeAll(async () => {
  const files = new Map([...zones].map(([origin, lines]) => [origin, `${lines.join('\n')}\n`]))
  programs = [await startSigned({ folder, address: SERVER, zones: files, keys })]
  const validator = { folder, zone: 'signed.test', server: SERVER }
  programs.push(
    await startValidator({
      ...validator,
      address: RESOLVER,
      name: 'validator',
      trustAnchor: keys.dnskey(ksk),
    }),
    await startValidator({
      ...validator,
      address: DOUBTER,
      name: 'doubter',
      trustAnchor: keys.dnskey(ksk).replace('signed.test.', 'wild.signed.test.'),
    }),
  )
})
afterAll(async () => {
  for (const program of programs.reverse()) await program.end()
})

/** What delv finds, its first line: whether it is validated. */
function delv(question: string): string {
  const args = [`@${SERVER}`, '-a', keys.anchors(ksk), '+root=signed.test', ...question.split(' ')]
  const lines = tool('delv', args, folder).split('\n')
  return lines.find((line) => line.includes('validated')) ?? lines.join(' ')
}

describe('a zone that we sign, to validators', () => {
  const VALIDATED = '; fully validated'
  const DENIED = '; negative response, fully validated'

  it.each<{ name: string; ask: string; delv: string; unbound: string }>([
    {
      name: 'addresses',
      ask: 'www.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad 192.0.2.1',
    },
    {
      name: 'in another case',
      ask: 'wWw.SIGNED.test AAAA',
      delv: VALIDATED,
      unbound: 'NOERROR ad 2001:db8::1',
    },
    {
      name: 'the keys',
      ask: 'signed.test SOA',
      delv: VALIDATED,
      unbound: 'NOERROR ad ns1.signed.test. hostmaster.signed.test. 1 3600 600 86400 5',
    },
    { name: 'a type that is not there', ask: 'www.signed.test TXT', delv: DENIED, unbound: 'NOERROR ad' },
    {
      name: 'a type that the origin does not have',
      ask: 'signed.test TXT',
      delv: DENIED,
      unbound: 'NOERROR ad',
    },
    { name: 'a name that is not there', ask: 'nope.signed.test A', delv: DENIED, unbound: 'NOERROR ad' },
    {
      name: 'a name below one that is not there',
      ask: 'a.nope.signed.test A',
      delv: DENIED,
      unbound: 'NOERROR ad',
    },
    { name: 'an empty non-terminal', ask: 'b.ent.signed.test A', delv: DENIED, unbound: 'NOERROR ad' },
    {
      name: 'a name below empty non-terminals',
      ask: 'a.b.ent.signed.test TXT',
      delv: VALIDATED,
      unbound: 'NOERROR ad "deep"',
    },
    { name: 'a wildcard', ask: 'x.wild.signed.test A', delv: VALIDATED, unbound: 'NOERROR ad 192.0.2.7' },
    {
      name: 'a wildcard, two labels below',
      ask: 'x.y.wild.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad 192.0.2.7',
    },
    {
      name: 'a wildcard without the type',
      ask: 'x.wild.signed.test MX',
      delv: DENIED,
      unbound: 'NOERROR ad',
    },
    {
      name: 'the wildcard itself',
      ask: '*.wild.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad 192.0.2.7',
    },
    {
      name: 'an alias by a wildcard',
      ask: 'x.wildalias.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad www.signed.test. 192.0.2.1',
    },
    {
      name: 'an alias',
      ask: 'alias.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad www.signed.test. 192.0.2.1',
    },
    {
      name: 'an alias of what is not there',
      ask: 'dangling.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad nothing.signed.test.',
    },
    {
      name: 'an alias by a DNAME',
      ask: 'a.b.old.signed.test TXT',
      delv: VALIDATED,
      unbound: 'NOERROR ad ent.signed.test. a.b.ent.signed.test. "deep"',
    },
    { name: 'mail', ask: 'mail.signed.test MX', delv: VALIDATED, unbound: 'NOERROR ad 10 www.signed.test.' },
    {
      name: 'a secure delegation',
      ask: 'www.child.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad 192.0.2.77',
    },
    {
      name: 'an alias into it',
      ask: 'into-child.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad www.child.signed.test. 192.0.2.77',
    },
    {
      name: 'a wildcard in it',
      ask: 'x.wild.child.signed.test A',
      delv: VALIDATED,
      unbound: 'NOERROR ad 192.0.2.78',
    },
    { name: 'what is not there in it', ask: 'nope.child.signed.test A', delv: DENIED, unbound: 'NOERROR ad' },
    {
      name: 'its DS record',
      ask: 'child.signed.test DS',
      delv: VALIDATED,
      unbound: `NOERROR ad ${keys
        .ds(child)
        .replace(/^DS /, '')
        .replace(/(\S{56})(\S+)$/, '$1 $2')}`,
    },
    {
      name: 'the DS record that an insecure delegation lacks',
      ask: 'insecure.signed.test DS',
      delv: DENIED,
      unbound: 'NOERROR ad',
    },
    {
      name: 'an insecure delegation: not validated, and not refused',
      ask: 'www.insecure.signed.test A',
      delv: '; unsigned answer',
      unbound: 'NOERROR 192.0.2.99',
    },
    {
      name: 'an alias into it',
      ask: 'into-insecure.signed.test A',
      delv: '; fully validated',
      unbound: 'NOERROR www.insecure.signed.test. 192.0.2.99',
    },
  ])('$name: $ask', ({ ask, delv: byDelv, unbound }) => {
    if (!ask.includes('insecure.signed.test A')) expect(delv(ask)).toBe(byDelv)
    expect(resolved(RESOLVER, ask, folder)).toBe(unbound)
  })

  it('a validator with another key of trust takes nothing: these tests can fail', () => {
    expect(resolved(DOUBTER, 'x.wild.signed.test A', folder)).toBe('SERVFAIL')
    expect(resolved(DOUBTER, 'www.signed.test A', folder)).toBe('NOERROR 192.0.2.1')
  })
})

describe('keys that change', () => {
  const tagOf = (ask: string): number => {
    const [name = '', type = ''] = ask.split(' ')
    const text = tool('dig', [`@${SERVER}`, '+norec', '+dnssec', '+short', name, type], folder)
    return Number(/^\w+ 13 \d+ \d+ \d+ \d+ (\d+) /m.exec(text)?.[1])
  }
  const published = (): readonly string[] =>
    tool('dig', [`@${SERVER}`, '+norec', '+short', 'signed.test', 'DNSKEY'], folder)
      .trim()
      .split('\n')
  const validates = (): string => delv('www.signed.test A')

  it('a zone signing key rolls over by its times, and every answer on the way is validated', async () => {
    const next = keys.make('-a', '13', '-P', 'now', '-A', 'now+12', 'signed.test')
    keys.settime(zsk, '-I', 'now+12', '-D', 'now+20')

    await until(() => (published().length === 3 ? true : undefined))
    expect([tagOf('www.signed.test A'), validates()]).toEqual([KeyRing.tag(zsk), '; fully validated'])

    await until(() => (tagOf('www.signed.test A') === KeyRing.tag(next) ? true : undefined))
    expect([published().length, validates()]).toEqual([3, '; fully validated'])

    await until(() => (published().length === 2 ? true : undefined))
    expect([tagOf('alias.signed.test A'), validates()]).toEqual([KeyRing.tag(next), '; fully validated'])
    expect(programs[0]?.log()).toMatch(/"keys":"13\/\d+,13\/\d+".*zone is signed/)
  })

  it('CDS records ask the parent for the DS record, and its tool believes them', async () => {
    keys.settime(ksk, '-P', 'sync', 'now')
    const ask = (type: string): string =>
      tool('dig', [`@${SERVER}`, '+norec', '+dnssec', '+noall', '+answer', 'signed.test', type], folder)
    const cds = await until(() => {
      const text = ask('CDS')
      return text.includes('RRSIG') ? text : undefined
    })
    writeFileSync(join(folder, 'child-set'), cds + ask('CDNSKEY') + ask('DNSKEY'))
    writeFileSync(join(folder, 'dsset-signed.test.'), `signed.test. 300 IN ${keys.ds(ksk)}\n`)

    const wanted = tool(
      'dnssec-cds',
      ['-f', 'child-set', '-d', 'dsset-signed.test.', '-s', '-7200', 'signed.test'],
      folder,
    )

    expect(wanted.replace(/^signed\.test\. (?:\d+ )?IN /, '').trim()).toBe(keys.ds(ksk))
    expect(delv('signed.test CDS')).toBe('; fully validated')
  })
})
