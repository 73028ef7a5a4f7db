import { COMMANDS, defaultOf, optionsOf } from './options.ts'
import type { Arity, Command, OptionSpec } from './options.ts'

/** `docs/options.md` as it must be: a table of options for each command. */
export function optionsDocument(): string {
  const tables = COMMANDS.map((command) => `## waypost ${command}\n\n${table(command)}`)
  return `<!-- Made by "node src/config/print-options.ts"; do not edit. -->
# Options

A flag wins over its variable, that over the default. A wrong value is one line on the standard error stream and exit code 2.

${tables.join('\n\n')}
`
}

function table(command: Command): string {
  const rows = optionsOf(command).map(([, spec]) => row(spec, defaultOf(spec, command)))
  return ['| flag | variable | default | what for |', '|---|---|---|---|', ...rows].join('\n')
}

function row(spec: OptionSpec<unknown, Command, Arity>, byDefault: string | undefined): string {
  const flag = [spec.short, spec.flag].filter((form) => form !== undefined).join(', ')
  const shown = spec.placeholder === undefined ? flag : `${flag} ${spec.placeholder}`
  return `| \`${shown}\` | ${code(spec.env)} | ${spec.placeholder === undefined ? '' : code(byDefault)} | ${spec.doc} |`
}

function code(text: string | undefined): string {
  return text === undefined ? '' : `\`${text}\``
}
