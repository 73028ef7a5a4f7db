import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookForToolchain } from '../../e2e/setup/go-toolchain.ts'
import { KUBERNETES, PINS } from '../../e2e/setup/pins.ts'
import { putStandInGo } from '../../support/stand-in-go.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-go-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ALL = [KUBERNETES['1.36'], PINS['external-dns'], PINS.etcd]

/** With a go of this version alone on PATH. */
function lookWith(version: string, pins = ALL) {
  const bin = join(folder, encodeURIComponent(version))
  putStandInGo({ folder: bin, version })
  return lookForToolchain(pins, { PATH: bin })
}

describe('a Go tool-chain', () => {
  const rows = [
    { name: 'of exactly the newest go line will do', version: 'go1.26.6', want: '1.26.6' },
    { name: 'that is newer will do', version: 'go1.30', want: '1.30' },
    { name: 'with words after its version will do', version: 'go1.26.8 X:nodwarf5', want: '1.26.8' },
  ]
  it.each(rows)('$name', ({ version, want }) => {
    expect(lookWith(version)).toMatchObject({ kind: 'fit', version: want })
  })

  const unfit = [
    { name: 'of an older minor is too old', version: 'go1.9.7' },
    { name: 'of an older patch is too old', version: 'go1.26.5' },
    { name: 'without patch is the first of its minor', version: 'go1.26' },
  ]
  it.each(unfit)('$name', ({ version }) => {
    const why = expect.stringMatching(
      / is Go [\d.]+, too old: install Go 1\.26\.6 or newer from https:\/\/go\.dev\/dl\//,
    )

    expect(lookWith(version)).toEqual({ kind: 'unfit', why })
  })

  it('is asked for no more than the components at hand need', () => {
    expect(lookWith('go1.26.5', [KUBERNETES['1.36']])).toMatchObject({ kind: 'fit' })
  })

  it('that does not say its version is none', () => {
    expect(lookWith('devel')).toEqual({
      kind: 'unfit',
      why: expect.stringContaining('does not say its version'),
    })
  })
})
