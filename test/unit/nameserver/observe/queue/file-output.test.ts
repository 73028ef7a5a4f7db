import { mkdtempSync, readFileSync, renameSync, rmSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileOutput } from '../../../../../src/nameserver/observe/queue/file-output.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-log-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (path: string, troubles: (string | undefined)[] = []): FileOutput =>
  new FileOutput(path, (reason) => void troubles.push(reason))
const text = (path: string): string => readFileSync(path, 'utf8')

describe('FileOutput', () => {
  it('appends to what is there', async () => {
    const path = join(folder, 'a.log')

    for (const line of ['one\n', 'two\n']) {
      const output = open(path)
      expect(await output.write(Buffer.from(line))).toBe(true)
      await output.close()
    }

    expect(text(path)).toBe('one\ntwo\n')
  })

  it('keeps the chunks of several whole', async () => {
    const path = join(folder, 'a.log')
    const outputs = [open(path), open(path), open(path)]

    await Promise.all(
      outputs.flatMap((output, i) =>
        Array.from({ length: 20 }, () => output.write(Buffer.from(`${String(i).repeat(20_000)}\n`))),
      ),
    )

    expect(
      text(path)
        .split('\n')
        .filter((line) => !/^(\d)\1{19999}$/.test(line)),
    ).toEqual([''])
    await Promise.all(outputs.map((output) => output.close()))
  })

  it('opens a new file when the old one has been moved away', async () => {
    const path = join(folder, 'a.log')
    const output = open(path)
    await output.write(Buffer.from('old\n'))

    renameSync(path, `${path}.1`)
    await output.write(Buffer.from('still old\n'))
    await output.reopen()
    await output.write(Buffer.from('new\n'))

    expect([text(`${path}.1`), text(path)]).toEqual(['old\nstill old\n', 'new\n'])
    await output.close()
  })

  it('goes on with what is open, and says so, when the new one cannot be opened', async () => {
    const path = join(folder, 'a.log')
    const troubles: (string | undefined)[] = []
    const output = open(path, troubles)
    renameSync(path, `${path}.1`)
    mkdirSync(path)

    await output.reopen()
    await output.write(Buffer.from('more\n'))

    expect(troubles).toEqual(['EISDIR', undefined])
    expect(text(`${path}.1`)).toBe('more\n')
    await output.close()
  })

  it('says that a file cannot be opened, and writes once it can', async () => {
    const troubles: (string | undefined)[] = []
    const path = join(folder, 'absent', 'a.log')
    const output = open(path, troubles)

    const lost = await output.write(Buffer.from('lost\n'))
    mkdirSync(join(folder, 'absent'))
    const written = await output.write(Buffer.from('one\n'))

    expect([lost, written, text(path)]).toEqual([false, true, 'one\n'])
    expect(troubles).toEqual(['ENOENT', undefined])
    await output.close()
  })

  it('says once that nothing can be written', async () => {
    const troubles: (string | undefined)[] = []
    const output = open('/dev/full', troubles)

    const written = [await output.write(Buffer.from('a')), await output.write(Buffer.from('b'))]

    expect(written).toEqual([false, false])
    expect(troubles).toEqual(['ENOSPC'])
    await output.close()
  })
})
