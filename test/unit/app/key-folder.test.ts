import {
  chmodSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  mkdirSync,
  renameSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeyFolder, KeyFolderError } from '../../../src/app/key-folder.ts'
import { describeError } from '../../../src/errors.ts'
import { CHILD, KSK, ZSK, type TestKey } from '../../support/dnssec-keys.ts'

let path = ''
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'waypost-keys-'))
})
afterEach(() => rmSync(path, { recursive: true }))

function put({ publicText, privateText }: TestKey, stem: string, folder = path): void {
  writeFileSync(join(folder, `${stem}.key`), publicText)
  writeFileSync(join(folder, `${stem}.private`), privateText)
}

function tags(keys: readonly { readonly tag: number }[] | undefined): readonly number[] | undefined {
  return keys?.map(({ tag }) => tag)
}

/** The message of the error that reading ends with, the folder's path left out. */
function refusal(folder = new KeyFolder(path)): string {
  try {
    folder.read()
    return 'none'
  } catch (error) {
    expect(error).toBeInstanceOf(KeyFolderError)
    return describeError(error).replaceAll(path, 'KEYS')
  }
}

describe('KeyFolder', () => {
  it('reads keys in pairs, in order of their files, and nothing else', () => {
    put(ZSK, ZSK.file)
    put(KSK, KSK.file)
    writeFileSync(join(path, 'dsset-signed.test.'), 'signed.test. IN DS …')
    writeFileSync(join(path, `${KSK.file}.state`), 'state of dnssec-policy')
    writeFileSync(join(path, '.hidden.key'), 'not ours')

    expect(tags(new KeyFolder(path).read())).toEqual([ZSK.tag, KSK.tag])
  })

  it('an empty folder holds no keys', () => {
    expect(new KeyFolder(path).read()).toEqual([])
  })

  it('a Secret as Kubernetes mounts it: names without +, links into a hidden folder', () => {
    const data = join(path, '..2026_11_21')
    mkdirSync(data)
    put(KSK, 'ksk', data)
    symlinkSync('..2026_11_21', join(path, '..data'))
    for (const file of ['ksk.key', 'ksk.private']) symlinkSync(join('..data', file), join(path, file))

    expect(tags(new KeyFolder(path).read())).toEqual([KSK.tag])
  })

  it.each<{ name: string; make: () => void; want: RegExp | string }>([
    {
      name: 'no private half',
      make: () => writeFileSync(join(path, 'a.key'), KSK.publicText),
      want: /^DNSSEC keys cannot be read \(file=KEYS\/a\.private\): ENOENT/,
    },
    {
      name: 'no public half',
      make: () => writeFileSync(join(path, 'a.private'), KSK.privateText),
      want: /^DNSSEC keys cannot be read \(file=KEYS\/a\.key\): ENOENT/,
    },
    {
      name: 'a broken half',
      make: () => put({ ...KSK, privateText: '' }, 'a'),
      want: 'DNSSEC keys cannot be read (file=KEYS/a.key): DNSSEC key cannot be used (reason=the .private file does not begin with Private-key-format: v1.x)',
    },
    {
      name: 'halves of two keys',
      make: () => put({ ...KSK, privateText: ZSK.privateText }, 'a'),
      want: 'DNSSEC keys cannot be read (file=KEYS/a.key): DNSSEC key cannot be used (reason=the .private file does not belong to the .key file)',
    },
    {
      name: 'a name that tells of another key',
      make: () => put(KSK, ZSK.file),
      want: `DNSSEC keys cannot be read (file=KEYS/${ZSK.file}.key): its name tells of another key: this one is of algorithm 13, tag ${KSK.tag}`,
    },
    {
      name: 'a key twice',
      make: () => {
        put(KSK, 'a')
        put(KSK, 'b')
      },
      want: `DNSSEC keys cannot be read (file=KEYS): key ${KSK.tag} of signed.test. is there twice`,
    },
    {
      name: 'a folder in the place of a file',
      make: () => {
        put(KSK, 'a')
        mkdirSync(join(path, 'b.key'))
      },
      want: 'DNSSEC keys cannot be read (file=KEYS/b.key): no regular file',
    },
    {
      name: 'a file without end',
      make: () => put({ ...KSK, publicText: ' '.repeat(65_537) }, 'a'),
      want: 'DNSSEC keys cannot be read (file=KEYS/a.key): file has 65537 octets, more than 65536',
    },
  ])('refused: $name', ({ make, want }) => {
    make()

    const message = refusal()

    if (want instanceof RegExp) expect(message).toMatch(want)
    else expect(message).toBe(want)
  })

  it('refused: no folder', () => {
    expect(refusal(new KeyFolder(join(path, 'none')))).toMatch(
      /^DNSSEC keys cannot be read \(file=KEYS\/none\): ENOENT/,
    )
  })

  it('looks again: only at what is new, and has stayed so from one look to the next', () => {
    put(KSK, 'a')
    const folder = new KeyFolder(path)
    folder.read()

    const looks = [
      folder.readIfChanged(),
      (put(CHILD, 'b'), folder.readIfChanged()),
      (writeFileSync(join(path, 'b.private'), `${CHILD.privateText}\n`), folder.readIfChanged()),
      folder.readIfChanged(),
      folder.readIfChanged(),
    ]

    expect(looks.map(tags)).toEqual([undefined, undefined, undefined, [KSK.tag, CHILD.tag], undefined])
  })

  it('what is broken is told of once', () => {
    put(KSK, 'a')
    const folder = new KeyFolder(path)
    folder.read()
    put({ ...KSK, privateText: 'broken' }, 'a')
    utimesSync(join(path, 'a.private'), 1, 1)
    folder.readIfChanged()

    expect(() => folder.readIfChanged()).toThrow(KeyFolderError)
    expect(folder.readIfChanged()).toBeUndefined()
  })

  it('a file whose rights are others is read again: it may not have been readable before', () => {
    put(KSK, 'a')
    const folder = new KeyFolder(path)
    folder.read()
    chmodSync(join(path, 'a.private'), 0o600)
    folder.readIfChanged()

    expect(tags(folder.readIfChanged())).toEqual([KSK.tag])
  })

  it('a folder that goes and comes back', () => {
    put(KSK, 'a')
    const folder = new KeyFolder(path)
    folder.read()
    const away = `${path}-away`
    renameSync(path, away)
    folder.readIfChanged()
    expect(() => folder.readIfChanged()).toThrow(KeyFolderError)
    renameSync(away, path)
    folder.readIfChanged()

    expect(tags(folder.readIfChanged())).toEqual([KSK.tag])
  })
})
