import { describe, expect, it } from 'vitest'
import {
  domainConditions,
  refusalEvent,
  ZONE_CONDITIONS,
} from '../../../../src/app/reporting/domain-conditions.ts'
import { NO_KEY_STANDING, type KeyStanding } from '../../../../src/app/zone-facts/key-standing.ts'
import type { ZoneTransferFacts } from '../../../../src/app/zone-facts/zone-facts.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'

const ZONE = parseDomainName('example.com')
const XFR = parseDomainName('xfr')
const SIGNED: KeyStanding = {
  ...NO_KEY_STANDING,
  ...{ known: ['13/1', '13/2'], keySigners: ['13/1'], zoneSigners: ['13/2'] },
}
const NEXT = {
  atSeconds: Date.UTC(2027, 0, 2, 3, 4, 5) / 1_000,
  events: [
    { key: '13/3', event: 'active' },
    { key: '13/2', event: 'inactive' },
  ],
} as const
const SIGNERS = 'answers are signed by (algorithm/tag) 13/1 (keys) and 13/2 (all else)'
const GONE =
  'the files of 13/1 are gone, and what was read of them signs until this process ends: put them back, or end signing by taking DS records out of the parent and then giving the keys a Delete time'
const EXPIRED =
  'no key is active any more, and retired ones go on signing: activate another, or take DS records out of the parent and delete them'
const UNREADABLE =
  'the folder of keys cannot be used, and what was read of it before goes on: correct it (a.key: broken)'
const NO_KEYS =
  'answers are not signed, as no key of example.com is in the folder of keys: to sign them, put its keys there, as dnssec-keygen makes them'

describe('Signed', () => {
  it.each<{ name: string; in: Partial<KeyStanding>; want: readonly [string, string, string] }>([
    { name: 'tells who signs what', in: SIGNED, want: ['True', 'Signing', SIGNERS] },
    {
      name: 'tells of one key once',
      in: { ...SIGNED, zoneSigners: ['13/1'] },
      want: ['True', 'Signing', 'answers are signed by (algorithm/tag) 13/1'],
    },
    {
      name: 'tells what comes next, and when',
      in: { ...SIGNED, next: NEXT },
      want: [
        'True',
        'Signing',
        `${SIGNERS}; next, at 2027-01-02T03:04:05Z: 13/3 becomes active, 13/2 becomes inactive`,
      ],
    },
    {
      name: 'stays True without the files, and says what to do',
      in: { ...SIGNED, missing: ['13/1'] },
      want: ['True', 'KeysMissing', `${GONE}; ${SIGNERS}`],
    },
    {
      name: 'stays True when the time of the last key is over',
      in: { ...SIGNED, isOverdue: true },
      want: ['True', 'KeysExpired', `${EXPIRED}; ${SIGNERS}`],
    },
    {
      name: 'stays True while the folder is broken',
      in: { ...SIGNED, folderFault: 'a.key: broken' },
      want: ['True', 'KeysUnreadable', `${UNREADABLE}; ${SIGNERS}`],
    },
    {
      name: 'of several troubles has the gravest as its reason, and tells them all',
      in: { ...SIGNED, missing: ['13/1'], isOverdue: true, folderFault: 'a.key: broken' },
      want: ['True', 'KeysMissing', [GONE, EXPIRED, UNREADABLE, SIGNERS].join('; ')],
    },
    { name: 'is False without keys', in: {}, want: ['False', 'NoKeys', NO_KEYS] },
    {
      name: 'is False while no key is active',
      in: { known: ['13/3'], next: { ...NEXT, events: NEXT.events.slice(0, 1) } },
      want: [
        'False',
        'KeysNotActive',
        'answers are not signed, as none of the keys (algorithm/tag) 13/3 is active: to sign them, give one an Activate time that has come, as dnssec-settime does; next, at 2027-01-02T03:04:05Z: 13/3 becomes active',
      ],
    },
    {
      name: 'without keys in a folder that is broken leaves open what is in it',
      in: { folderFault: 'a.key: broken' },
      want: ['False', 'KeysUnreadable', `${UNREADABLE}; ${NO_KEYS}`],
    },
    {
      name: 'of keys that have ended, files or not, is False',
      in: { known: ['13/3'], missing: ['13/3'] },
      want: ['False', 'KeysNotActive', expect.stringContaining('none of the keys') as string],
    },
    {
      name: 'lists eight keys, and counts the others',
      in: { ...SIGNED, keySigners: Array.from({ length: 10 }, (_, i) => `13/${i}`), zoneSigners: ['15/1'] },
      want: [
        'True',
        'Signing',
        'answers are signed by (algorithm/tag) 13/0, 13/1, 13/2, 13/3, 13/4, 13/5, 13/6, 13/7 and 2 more (keys) and 15/1 (all else)',
      ],
    },
  ])('$name', ({ in: standing, want: [status, reason, message] }) => {
    expect(domainConditions(ZONE, { signing: { ...NO_KEY_STANDING, ...standing } })).toEqual([
      { type: 'Signed', status, reason, message },
    ])
  })
})

describe('TransferAllowed', () => {
  const open: ZoneTransferFacts = { rules: [{ prefix: '192.0.2.2', key: XFR }], isSignedHere: false }
  const refused = (who: string): string =>
    `the zone is signed as it is answered, and signatures are in no transfer, so it is refused to ${who}: name a server that signs what it gets with +signs in --allow-transfer, or end signing of the zone`

  it.each<{ name: string; in: ZoneTransferFacts; want: readonly [string, string, string] }>([
    {
      name: 'tells who may have a zone that is not signed',
      in: { ...open, rules: [...open.rules, { key: XFR, signs: true }, { prefix: '::/0' }] },
      want: ['True', 'Allowed', 'the zone goes to 192.0.2.2+key:xfr, key:xfr+signs, ::/0'],
    },
    {
      name: 'is False for a signed zone where nobody signs',
      in: { ...open, isSignedHere: true },
      want: ['False', 'ZoneSigned', refused('192.0.2.2+key:xfr')],
    },
    {
      name: 'is False where one of several does not sign, and tells who may go on',
      in: {
        rules: [...open.rules, { prefix: '192.0.2.3', signs: true }, { prefix: '::/0', signs: false }],
        isSignedHere: true,
      },
      want: ['False', 'ZoneSigned', `${refused('192.0.2.2+key:xfr, ::/0')}; it goes to 192.0.2.3+signs`],
    },
    {
      name: 'is True where all of them sign',
      in: { rules: [{ prefix: '192.0.2.3', signs: true }], isSignedHere: true },
      want: [
        'True',
        'Allowed',
        'the zone is signed as it is answered, and goes without our keys to 192.0.2.3+signs',
      ],
    },
    {
      name: 'takes a peer for one that signs when all with its key, from anywhere, do',
      in: { rules: [...open.rules, { key: XFR, signs: true }], isSignedHere: true },
      want: [
        'True',
        'Allowed',
        'the zone is signed as it is answered, and goes without our keys to 192.0.2.2+key:xfr, key:xfr+signs',
      ],
    },
  ])('$name', ({ in: transfer, want: [status, reason, message] }) => {
    expect(domainConditions(ZONE, { transfer })).toEqual([
      { type: 'TransferAllowed', status, reason, message },
    ])
  })
})

it('nothing is said of what the process does not do', () => {
  expect(domainConditions(ZONE, {})).toEqual([])
})

it('every condition that is said is known as one that may have to go', () => {
  const said = domainConditions(ZONE, {
    signing: SIGNED,
    transfer: { rules: [{ key: XFR }], isSignedHere: false },
  })

  expect(said.map(({ type }) => type)).toEqual([...ZONE_CONDITIONS])
})

describe('refusalEvent', () => {
  const why =
    'was refused: the zone is signed as it is answered, and signatures are in no transfer; name a server that signs what it gets with +signs in --allow-transfer, or end signing of the zone'

  it.each([
    {
      name: 'names address and key',
      in: { zone: ZONE, address: '192.0.2.2', key: XFR },
      want: `transfer of example.com to 192.0.2.2 with key xfr ${why}`,
    },
    {
      name: 'says that there was no key',
      in: { zone: ZONE, address: '2001:db8::1' },
      want: `transfer of example.com to 2001:db8::1, without a key, ${why}`,
    },
  ])('$name', ({ in: refusal, want }) => {
    expect(refusalEvent(refusal)).toEqual({ type: 'Warning', reason: 'TransferRefused', message: want })
  })
})
