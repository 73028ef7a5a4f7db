import { Command, Option } from 'commander'
import { defaultOf, optionsOf } from '../config/options.ts'
import type { Arity, Command as CommandName, OptionName, OptionSpec } from '../config/options.ts'
import type { Given } from '../config/read-options.ts'
import type { Subcommand } from './subcommand.ts'

/** What the command line asks for: one of the commands with its flags. */
export interface Asked {
  readonly subcommand: Subcommand
  readonly flags: Given['flags']
}

export interface ProgramOptions {
  readonly subcommands: readonly Subcommand[]
  /** Texts of `--help` and `--version`. */
  readonly writeOut: (text: string) => void
  readonly version: string
  readonly onAsked: (asked: Asked) => void
}

/**
 * The command line's grammar, made of the table of options. It ends no process and writes no error:
 * mistakes are thrown as CommanderError (exitCode above 0), help and version too (exitCode 0).
 */
export function createProgram(options: ProgramOptions): Command {
  const program = new Command('waypost')
    .description('Federates Kubernetes clusters and gives every service that spans them one DNS name.')
    .configureOutput({ writeOut: options.writeOut, writeErr: () => {}, outputError: () => {} })
    .exitOverride()
    .helpCommand('help [command]', 'print what a command does')
    .helpOption('-h, --help', 'print this')
    .version(options.version, '-V, --version', 'print the version')
  for (const subcommand of options.subcommands) {
    program.addCommand(grammarOf(subcommand, options.onAsked).copyInheritedSettings(program))
  }
  return program
}

function grammarOf(subcommand: Subcommand, onAsked: ProgramOptions['onAsked']): Command {
  const command = new Command(subcommand.name)
    .description(subcommand.summary)
    .helpOption('-h, --help', 'say this')
  for (const [, spec] of optionsOf(subcommand.name)) command.addOption(flagOf(spec, subcommand.name))
  command.addHelpText('after', `\nExamples:\n${subcommand.examples.map((line) => `  ${line}`).join('\n')}`)
  return command.action((flags: Readonly<Record<OptionName, string>>) => onAsked({ subcommand, flags }))
}

function flagOf(spec: OptionSpec<unknown, CommandName, Arity>, command: CommandName): Option {
  const forms = [spec.short, spec.flag].filter((form) => form !== undefined).join(', ')
  const option = new Option(
    spec.placeholder === undefined ? forms : `${forms} <${spec.placeholder}>`,
    about(spec, command),
  )
  // defaults and values belong to config/: here a flag is a text, or a list of texts
  return spec.arity === 'many'
    ? option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
    : option
}

function about(spec: OptionSpec<unknown, CommandName, Arity>, command: CommandName): string {
  const text = spec.placeholder === undefined ? undefined : defaultOf(spec, command)
  const notes = [
    text === undefined ? undefined : `default ${text}`,
    spec.env === undefined ? undefined : `$${spec.env}`,
  ]
  const shown = notes.filter((note) => note !== undefined)
  return shown.length === 0 ? spec.doc : `${spec.doc} (${shown.join('; ')})`
}
