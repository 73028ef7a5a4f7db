import { defaultOf, optionsOf } from './options.ts'
import type { Arity, Command, OptionName, OptionSpec, OptionValues } from './options.ts'
import { UsageError } from './usage-error.ts'

/** What a command was started with. */
export interface Given {
  /** By option name; a switch is true, a repeated option a list. Absent: not given. */
  readonly flags: { readonly [N in OptionName]?: string | boolean | readonly string[] | undefined }
  readonly env: Readonly<Record<string, string | undefined>>
}

type AnyOption = OptionSpec<unknown, Command, Arity>

/** A text and who said it. */
interface Said {
  readonly where: string
  readonly texts: readonly string[]
}

/**
 * The options of a command from flags, else the environment, else defaults.
 * An empty variable counts as not set, as kubectl takes it.
 * @throws UsageError for the first value that cannot be used
 */
export function readOptions<C extends Command>(command: C, given: Given): OptionValues<C> {
  const values = optionsOf(command).map(
    ([name, spec]) => [name, readOption(name, spec, command, given)] as const,
  )
  return Object.fromEntries(values) as OptionValues<C> // one entry for each option of the command, read by its own reader
}

function readOption(name: OptionName, spec: AnyOption, command: Command, given: Given): unknown {
  const said =
    saidByFlag(spec, given.flags[name]) ?? saidByEnv(spec, given.env) ?? saidByDefault(spec, command)
  const values = said.texts.map((text) => {
    const result = spec.read(text)
    if (result.kind === 'wrong') throw new UsageError(said.where, result.what)
    return result.value
  })
  return spec.arity === 'many' ? Object.freeze(values) : values[0]
}

function saidByFlag(spec: AnyOption, flag: Given['flags'][OptionName]): Said | undefined {
  if (flag === undefined) return undefined
  return { where: spec.flag, texts: typeof flag === 'object' ? flag : [String(flag)] }
}

function saidByEnv(spec: AnyOption, env: Given['env']): Said | undefined {
  const text = spec.env === undefined ? undefined : env[spec.env]
  if (spec.env === undefined || text === undefined || text === '') return undefined
  return {
    where: spec.env,
    texts: spec.arity === 'many' ? text.split(',').map((part) => part.trim()) : [text],
  }
}

function saidByDefault(spec: AnyOption, command: Command): Said {
  const text = defaultOf(spec, command)
  return { where: `default of ${spec.flag}`, texts: text === undefined ? [] : [text] }
}
