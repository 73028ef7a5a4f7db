import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, stepsOf } from '../../support/readme.ts'
import { findComponent } from '../setup/components.ts'
import { sceneAddresses } from '../support/addresses.ts'
import { useFolder } from '../support/dns/signed-zones.ts'

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname
const guide = readFileSync(new URL('../../../docs/dnssec.md', import.meta.url), 'utf8')
const { waypost: ADDRESS } = sceneAddresses()
const steps = blocksOf(guide)
  .filter(({ language }) => language === 'console')
  .flatMap(stepsOf)
const ZONE = [
  '$TTL 300',
  '@ SOA ns1 hostmaster 1 3600 600 86400 15',
  '@ NS ns1',
  'ns1 A 192.0.2.53',
  'www A 192.0.2.1',
]

/** Between what one command prints and what the next one does. */
const MARK = '--- end of step'

/** One shell for all commands, as a reader has it; the server that they start in the background is waited for, and ended. */
function script(): string {
  const wait = `until dig +short +tries=1 +time=1 @${ADDRESS} -p 5300 example.com SOA | grep -q hostmaster; do sleep 0.1; done`
  const lines = steps.map(({ command }) => {
    const own = command.replaceAll('127.0.0.1', ADDRESS)
    return `${own}\n${own.endsWith('&') ? `SERVER=$!\n${wait}\n` : ''}echo "${MARK} $?"`
  })
  const waypost = `waypost() { exec "${process.execPath}" "${MAIN}" "$@" 2> waypost.log; }`
  return [waypost, "trap 'kill $SERVER' EXIT", ...lines].join('\n')
}

describe('docs/dnssec.md', () => {
  const folder = useFolder()
  let printed: readonly string[] = []

  beforeAll(async () => {
    writeFileSync(join(folder, 'example.com.zone'), `${ZONE.join('\n')}\n`)
    const tools = ['dnssec-keygen', 'delv', 'dig'] as const
    const path = [...tools.map((name) => dirname(findComponent(name))), process.env['PATH']].join(':')
    const { stdout } = await promisify(execFile)('bash', ['-c', script()], {
      ...{ cwd: folder, timeout: 60_000 },
      env: { PATH: path, HOME: folder },
    })
    printed = stdout.split(new RegExp(`(?<=${MARK} \\d+)\\n`))
  }, 90_000)

  it('has commands', () => {
    expect(steps.length).toBeGreaterThan(8)
    expect(steps.some(({ prints }) => prints.length > 0)).toBe(true)
  })

  it.each(steps.map((step, index) => ({ ...step, index })))('$ $command', ({ prints, index }) => {
    const lines = (printed[index] ?? '').trimEnd().split('\n')

    expect(lines.at(-1)).toBe(`${MARK} 0`)
    for (const line of prints) expect(lines).toContain(line)
  })
})
