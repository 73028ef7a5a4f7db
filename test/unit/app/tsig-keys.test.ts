import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixedKeys, readTsigKeys, type SharedKeys } from '../../../src/app/tsig-keys.ts'
import { UsageError } from '../../../src/config/usage-error.ts'
import type { TsigKey } from '../../../src/dns/tsig/keys.ts'
import { silentLogger, type LogFields, type Logger } from '../../../src/telemetry/logger.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { testKey } from '../../support/tsig-messages.ts'

/** So that what changes is seen at two looks. */
const TWO_LOOKS_MS = 4_000
const KEPT = 'tsig keys refused, those before go on'

let folder = ''
let clock: ManualClock
let log: string[]
/** Each set of keys that was told of: `name=secret`. */
let told: string[]
let keys: SharedKeys

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-tsig-'))
  clock = new ManualClock()
  log = []
  told = []
  keys = fixedKeys()
})
afterEach(() => {
  keys.close()
  rmSync(folder, { recursive: true })
})

const at = (name: string): string => join(folder, name)
const keyText = (name: string, secret: string): string =>
  `key "${name}" { algorithm hmac-sha256; secret "${Buffer.from(secret).toString('base64')}"; };\n`
const shown = ({ name, secret }: TsigKey): string => `${name}=${Buffer.from(secret).toString()}`

function noting(level: string): Logger['info'] {
  return ({ component, file, line, problem, count, ...others }: LogFields, message) => {
    expect([component, others]).toEqual(['tsig', {}])
    const parts = [level, message, count, file, line, problem]
      .filter((part) => part !== undefined)
      .map(String)
    log.push(parts.join(' ').replaceAll(`${folder}/`, ''))
  }
}

/** Read, options naming some of the keys, and follow from then on. */
function follow(names: Readonly<Record<string, string>> = {}, files: readonly string[] = ['a']): void {
  const logger = { ...silentLogger, info: noting('info'), warn: noting('warn'), error: noting('error') }
  keys = readTsigKeys(files.map(at), { clock, logger })
  for (const [flag, name] of Object.entries(names)) keys.named(name, flag)
  keys.serve({ setTsigKeys: (all) => told.push(all.map(shown).join(' ')) })
}

const held = (): string => [...keys.byName.values()].map(shown).join(' ')

describe('keys of files', () => {
  it('are those of all, by name', () => {
    writeFileSync(at('a'), keyText('one', '1') + keyText('two', '2'))
    writeFileSync(at('b'), keyText('three', '3'))
    follow({}, ['a', 'b'])

    expect(held()).toBe('one.=1 two.=2 three.=3')
    expect(shown(keys.named('Two', '--notify')())).toBe('two.=2')
    expect(() => keys.named('four', '--notify')).toThrow(UsageError)
  })

  it('are none, and nothing is looked at, without files', () => {
    follow({}, [])

    expect([held(), clock.pending]).toEqual(['', 0])
  })
})

describe('a change that is taken', () => {
  it.each([
    {
      name: 'another secret of a key',
      now: keyText('xfr', 'new'),
      want: 'xfr.=new',
    },
    {
      name: 'a key more',
      now: keyText('xfr', 'old') + keyText('next', 'new'),
      want: 'xfr.=old next.=new',
    },
    {
      name: 'another algorithm',
      now: keyText('xfr', 'old').replace('sha256', 'sha512'),
      want: 'xfr.=old',
    },
  ])('$name', ({ now, want }) => {
    writeFileSync(at('a'), keyText('xfr', 'old'))
    follow({ '--allow-transfer': 'xfr' })

    writeFileSync(at('a'), now)
    clock.advance(20_000)

    expect(told).toEqual([want])
    expect(held()).toBe(want)
    expect(log).toEqual([`info tsig keys read ${want.split(' ').length}`])
  })

  it('a key less, that no option names', () => {
    writeFileSync(at('a'), keyText('xfr', 'old') + keyText('spare', 'old'))
    follow({ '--notify': 'xfr' })

    writeFileSync(at('a'), keyText('xfr', 'old'))
    clock.advance(TWO_LOOKS_MS)

    expect(told).toEqual(['xfr.=old'])
  })

  it('a key that moves to another file', () => {
    writeFileSync(at('a'), keyText('xfr', 'old'))
    writeFileSync(at('b'), '')
    follow({ '--notify': 'xfr' }, ['a', 'b'])

    writeFileSync(at('a'), '')
    writeFileSync(at('b'), keyText('xfr', 'new'))
    clock.advance(TWO_LOOKS_MS)

    expect(told).toEqual(['xfr.=new'])
  })

  it('the link that Kubernetes swaps', () => {
    for (const [version, secret] of [
      ['..1', 'old'],
      ['..2', 'new'],
    ] as const) {
      mkdirSync(at(version))
      writeFileSync(at(`${version}/a`), keyText('xfr', secret))
    }
    symlinkSync('..1', at('..data'))
    symlinkSync('..data/a', at('a'))
    follow()

    symlinkSync('..2', at('..next'))
    renameSync(at('..next'), at('..data'))
    clock.advance(TWO_LOOKS_MS)

    expect(told).toEqual(['xfr.=new'])
  })

  it('holds for who has asked for a key by name', () => {
    writeFileSync(at('a'), keyText('xfr', 'old'))
    follow()
    const key = keys.named('xfr', '--notify')
    expect(shown(key())).toBe('xfr.=old')

    writeFileSync(at('a'), keyText('xfr', 'new'))
    clock.advance(TWO_LOOKS_MS)

    expect(shown(key())).toBe('xfr.=new')
  })

  it('is seen at two looks first: somebody may be writing', () => {
    writeFileSync(at('a'), keyText('xfr', 'old'))
    follow()

    writeFileSync(at('a'), keyText('xfr', 'new').slice(0, 20))
    clock.advance(2_000)
    writeFileSync(at('a'), keyText('xfr', 'new'))
    clock.advance(2_000)
    expect(told).toEqual([])
    clock.advance(2_000)

    expect(told).toEqual(['xfr.=new'])
    expect(log).toEqual(['info tsig keys read 1'])
  })

  it('is none where a file is written as it was', () => {
    writeFileSync(at('a'), keyText('xfr', 'old'))
    follow()

    utimesSync(at('a'), 1, 1)
    clock.advance(TWO_LOOKS_MS)

    expect([told, log]).toEqual([[], []])
  })
})

describe('a change that is refused', () => {
  const old = keyText('xfr', 'old')

  it.each([
    {
      name: 'what cannot be understood',
      change: () => writeFileSync(at('a'), `${old}key "b" {\n  algorithm rot13;\n};\n`),
      want: `a 3 algorithm "rot13" is none of hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha224, hmac-sha1, hmac-md5`,
    },
    {
      name: 'a secret that is none, which is not told',
      change: () => writeFileSync(at('a'), old.replace(/secret "[^"]*"/, 'secret "hush!"')),
      want: 'a 1 secret is not base64',
    },
    {
      name: 'a file that is gone',
      change: () => unlinkSync(at('a')),
      want: `a cannot be read: ENOENT: no such file or directory, stat 'a'`,
    },
    {
      name: 'a folder',
      change: () => {
        unlinkSync(at('a'))
        mkdirSync(at('a'))
      },
      want: 'a cannot be read: no regular file',
    },
    {
      name: 'a file without end',
      change: () => writeFileSync(at('a'), `#${'x'.repeat(2 ** 20)}`),
      want: 'a cannot be read: file has 1048577 octets, more than 1048576',
    },
    {
      name: 'a key that another file has',
      change: () => writeFileSync(at('b'), keyText('XFR.', 'new')),
      want: 'b key xfr. is in another file too: keep one of them',
    },
    {
      name: 'a file without a key that an option names',
      change: () => writeFileSync(at('a'), keyText('other', 'new')),
      want: 'a --notify names the key "xfr.", which no file of --tsig-keys has',
    },
    {
      name: 'an empty file',
      change: () => writeFileSync(at('a'), ''),
      want: 'a --notify names the key "xfr.", which no file of --tsig-keys has',
    },
  ])('$name is told of once, and the keys before go on until all is right', ({ change, want }) => {
    writeFileSync(at('a'), old)
    writeFileSync(at('b'), keyText('more', 'old'))
    follow({ '--notify': 'xfr', '--secondary': 'XFR.' }, ['a', 'b'])

    change()
    clock.advance(60_000)

    expect(told).toEqual([])
    expect(held()).toBe('xfr.=old more.=old')
    expect(log).toEqual([`warn ${KEPT} ${want}`])

    rmSync(at('a'), { recursive: true, force: true })
    writeFileSync(at('a'), keyText('xfr', 'new'))
    writeFileSync(at('b'), keyText('more', 'new'))
    clock.advance(60_000)

    expect(told).toEqual(['xfr.=new more.=new'])
    expect(log.slice(1)).toEqual(['info tsig keys read 2'])
  })

  it('is told of again when it is another one', () => {
    writeFileSync(at('a'), old)
    follow()

    writeFileSync(at('a'), 'key')
    clock.advance(60_000)
    writeFileSync(at('a'), 'lock')
    clock.advance(60_000)

    expect(log).toEqual([
      `warn ${KEPT} a 1 the file ends where a value should stand`,
      `warn ${KEPT} a 1 another word where a key should begin: key "name" { … };`,
    ])
  })

  it('is over when the file is as before, and nobody is told of other keys', () => {
    writeFileSync(at('a'), old)
    follow()
    unlinkSync(at('a'))
    clock.advance(60_000)

    writeFileSync(at('a'), old)
    clock.advance(60_000)

    expect(told).toEqual([])
    expect(log.slice(1)).toEqual(['info tsig keys read 1'])
  })
})

it('looks no more once closed', () => {
  writeFileSync(at('a'), keyText('xfr', 'old'))
  follow()
  keys.close()

  writeFileSync(at('a'), keyText('xfr', 'new'))
  clock.advance(20_000)

  expect([told, clock.pending]).toEqual([[], 0])
})

it('fixed keys stay', () => {
  const key = testKey()

  expect(fixedKeys([key]).named('xfr.example', '--notify')()).toBe(key)
  expect(() => fixedKeys([key]).named('other', '--notify')).toThrow(UsageError)
})
