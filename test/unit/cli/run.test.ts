import { describe, expect, it } from 'vitest'
import { runCli, SUBCOMMANDS } from '../../../src/cli/run.ts'
import type { Subcommand } from '../../../src/cli/subcommand.ts'
import { UsageError } from '../../../src/config/usage-error.ts'
import { AppError } from '../../../src/errors.ts'

interface Ran {
  readonly code: number
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

async function ran(argv: readonly string[], subcommands?: readonly Subcommand[]): Promise<Ran> {
  const stdout: string[] = []
  const stderr: string[] = []
  const io = {
    stdout: (line: string) => void stdout.push(line),
    stderr: (line: string) => void stderr.push(line),
    signal: AbortSignal.abort(),
  }
  const code = await runCli({ argv, env: {}, io, ...(subcommands === undefined ? {} : { subcommands }) })
  return { code, stdout, stderr }
}

/** A command that does what the test says. */
const acting = (run: Subcommand['run']): readonly Subcommand[] => [
  { name: 'sandbox', summary: 's', examples: [], run },
]

describe('wrong usage', () => {
  const rows = [
    {
      name: 'nothing',
      in: [],
      want: 'waypost: no command is given: use one of sandbox, controller, dns, version, or --help',
    },
    {
      name: 'an unknown command',
      in: ['fly'],
      want: "waypost: unknown command 'fly': use one of sandbox, controller, dns, version",
    },
    {
      name: 'a misspelt command',
      in: ['sandbx'],
      want: "waypost: unknown command 'sandbx' (Did you mean sandbox?): use one of sandbox, controller, dns, version",
    },
    {
      name: 'an unknown flag',
      in: ['sandbox', '--fly'],
      want: "waypost sandbox: unknown option '--fly': see waypost sandbox --help",
    },
    {
      name: 'an unknown flag before the command',
      in: ['--fly'],
      want: "waypost: unknown option '--fly': see waypost --help",
    },
    {
      name: 'a flag without its value',
      in: ['sandbox', '--dns-port'],
      want: "waypost sandbox: option '--dns-port <PORT>' argument missing: see waypost sandbox --help",
    },
    {
      name: 'a word too many',
      in: ['version', 'x'],
      want: "waypost version: too many arguments for 'version'. Expected 0 arguments but got 1: x: see waypost version --help",
    },
    {
      name: 'a bad value',
      in: ['sandbox', '--dns-port', '99999'],
      want: 'waypost sandbox: --dns-port: "99999" is not a port: give a number from 0 to 65535',
    },
    {
      name: 'a value of two lines',
      in: ['sandbox', '--dns-port', '1\n2'],
      want: 'waypost sandbox: --dns-port: "1\\n2" is not a port: give a number from 0 to 65535',
    },
    {
      name: 'a missing value',
      in: ['dns'],
      want: 'waypost dns: --zone: is missing: name a zone and its file, a zone of another primary with --secondary, or a world with --world',
    },
    {
      name: 'an unknown format',
      in: ['version', '-o', 'xml'],
      want: 'waypost version: --output: "xml" is not one of table, json, yaml: use one of them',
    },
  ]
  it.each(rows)('$name is one line and exit code 2', async (row) => {
    expect(await ran(row.in)).toEqual({ code: 2, stdout: [], stderr: [row.want] })
  })
})

describe('help and version', () => {
  it.each([[['--help']], [['help']], [['sandbox', '-h']], [['help', 'dns']]])(
    '%s goes to the output',
    async (argv) => {
      const { code, stdout, stderr } = await ran(argv)

      expect({ code, stderr }).toEqual({ code: 0, stderr: [] })
      expect(stdout.join('\n')).toContain('Usage: waypost')
    },
  )

  it('names every command and every flag with its default and variable', async () => {
    const { stdout } = await ran(['sandbox', '--help'])
    const text = stdout.join('\n').replaceAll(/\s+/g, ' ')

    expect(text).toContain('--dns-port <PORT>')
    expect(text).toContain('(default 5300; $WAYPOST_DNS_PORT)')
    expect(text).toContain('Examples: waypost sandbox')
    const all = (await ran(['--help'])).stdout.join('\n')
    for (const { name } of SUBCOMMANDS) expect(all).toContain(`  ${name} `)
  })

  it('prints the version alone', async () => {
    expect(await ran(['--version'])).toEqual({
      code: 0,
      stdout: [expect.stringMatching(/^\d+\.\d+\.\d+$/)],
      stderr: [],
    })
  })
})

describe('version', () => {
  const node = process.versions.node

  it('is a table by default', async () => {
    const { code, stdout } = await ran(['version'])

    expect(code).toBe(0)
    expect(stdout).toEqual([expect.stringMatching(/^waypost {3}\d+\.\d+\.\d+$/), `node      ${node}`])
  })

  it('is JSON or YAML on request', async () => {
    const json = JSON.parse((await ran(['version', '-o', 'json'])).stdout.join('\n')) as unknown

    expect(json).toEqual({ version: expect.any(String) as string, node })
    expect((await ran(['version', '--output', 'yaml'])).stdout).toContain(`node: ${node}`)
  })
})

describe('a command', () => {
  it('gets flags as texts and lists, the environment, and the signal', async () => {
    let seen: unknown
    const argv = ['sandbox', '--dns-port', '7', '--manifests', 'a', '--manifests', 'b', '--empty']

    await ran(
      argv,
      acting(async (given, io) => {
        seen = { ...given, aborted: io.signal.aborted }
        return 0
      }),
    )

    expect(seen).toEqual({
      flags: { dnsPort: '7', manifests: ['a', 'b'], empty: true },
      env: {},
      aborted: true,
    })
  })

  it.each([
    { name: 'its own exit code', run: async () => 1, want: { code: 1, stderr: [] } },
    {
      name: '2 for a usage error',
      run: async () => {
        throw new UsageError('--x', 'is wrong: change it')
      },
      want: { code: 2, stderr: ['waypost sandbox: --x: is wrong: change it'] },
    },
    {
      name: '1 for an error of the work, in one line',
      run: async () => {
        throw new AppError('port is in use', {
          code: 'X',
          fields: { port: 53 },
          cause: new Error('bind:\n  EADDRINUSE'),
        })
      },
      want: { code: 1, stderr: ['waypost sandbox: port is in use (port=53): bind: EADDRINUSE'] },
    },
    {
      name: '1 for a mistake in the program, with its place',
      run: async () => {
        throw new TypeError('x is not a function')
      },
      want: {
        code: 1,
        stderr: [
          expect.stringMatching(
            /^waypost sandbox: a mistake in the program, please report it: x is not a function at .*run\.test\.ts/,
          ) as string,
        ],
      },
    },
    {
      name: '1 for what is no error at all',
      run: async () => {
        throw 'words' // oxlint-disable-line no-throw-literal -- a library may do so
      },
      want: { code: 1, stderr: ['waypost sandbox: a mistake in the program, please report it: words'] },
    },
  ])('gives $name', async (row) => {
    const { code, stderr } = await ran(['sandbox'], acting(row.run))

    expect({ code, stderr }).toEqual(row.want)
  })
})
