import { CommanderError } from 'commander'
import { UsageError } from '../config/usage-error.ts'
import { readVersion } from '../config/version.ts'
import { AppError, describeError } from '../errors.ts'
import { controller } from './controller.ts'
import { dns } from './dns.ts'
import { EXIT } from './io.ts'
import type { CliIo } from './io.ts'
import { createProgram } from './program.ts'
import type { Asked } from './program.ts'
import { sandbox } from './sandbox.ts'
import type { Subcommand } from './subcommand.ts'
import { version } from './version.ts'

/** All commands, in the order of the help. */
export const SUBCOMMANDS: readonly Subcommand[] = [sandbox, controller, dns, version]

export interface RunCliOptions {
  /** Without the program's own name. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly io: CliIo
  readonly subcommands?: readonly Subcommand[]
}

/**
 * Run one command line.
 * @returns the exit code: 0 done, 1 the work failed, 2 wrong usage; errors were said in one line
 */
export async function runCli(options: RunCliOptions): Promise<number> {
  const { argv, env, io, subcommands = SUBCOMMANDS } = options
  const parsed = parse(argv, io, subcommands)
  if (typeof parsed === 'number') return parsed
  const { subcommand, flags } = parsed
  try {
    return await subcommand.run({ flags, env }, io)
  } catch (error) {
    const { line, code } = failure(error)
    io.stderr(`waypost ${subcommand.name}: ${line}`)
    return code
  }
}

/** What is asked for, or the exit code where the command line itself ended it (help, version, a mistake). */
function parse(argv: readonly string[], io: CliIo, subcommands: readonly Subcommand[]): Asked | number {
  let asked: Asked | undefined
  const writeOut = (text: string): void => io.stdout(text.replace(/\n$/, ''))
  const program = createProgram({
    subcommands,
    writeOut,
    version: readVersion(),
    onAsked: (found) => (asked = found),
  })
  const names = subcommands.map(({ name }) => name)
  if (argv.length === 0) {
    io.stderr(`waypost: no command is given: use one of ${names.join(', ')}, or --help`)
    return EXIT.usage
  }
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.done
    io.stderr(mistake(error, argv[0] ?? '', names))
    return EXIT.usage
  }
  return asked ?? EXIT.done
}

function mistake(error: CommanderError, first: string, names: readonly string[]): string {
  const what = error.message
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/[.\s]+$/, '')
  const isKnown = names.some((name) => name === first)
  if (!isKnown && error.code === 'commander.unknownCommand')
    return `waypost: ${what}: use one of ${names.join(', ')}`
  return isKnown
    ? `waypost ${first}: ${what}: see waypost ${first} --help`
    : `waypost: ${what}: see waypost --help`
}

function failure(error: unknown): { readonly line: string; readonly code: number } {
  if (error instanceof UsageError) return { line: oneLine(error.line), code: EXIT.usage }
  if (error instanceof AppError) return { line: oneLine(describeError(error)), code: EXIT.failed }
  return { line: `a mistake in the program, please report it: ${placeOf(error)}`, code: EXIT.failed }
}

/** An unexpected error with the first place in its stack, in one line. */
function placeOf(error: unknown): string {
  const place = error instanceof Error ? (/\n\s+(at .+)/.exec(error.stack ?? '')?.[1] ?? '') : ''
  return oneLine(`${describeError(error)} ${place}`).trim()
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ')
}
