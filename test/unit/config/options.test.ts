import { describe, expect, it } from 'vitest'
import { COMMANDS, OPTIONS, defaultOf, optionsOf } from '../../../src/config/options.ts'
import { LOG_LEVELS } from '../../../src/config/options.ts'
import { LOG_LEVELS as LOGGER_LEVELS } from '../../../src/telemetry/pino-logger.ts'

describe('the table of options', () => {
  it.each(COMMANDS)('has no flag and no variable twice in %s', (command) => {
    const flags = optionsOf(command)
      .flatMap(([, spec]) => [spec.flag, spec.short, spec.env])
      .filter((form) => form !== undefined)

    expect(new Set(flags).size).toBe(flags.length)
  })

  it.each(COMMANDS)(
    'has defaults that can be read, and where a value is needed has one, in %s',
    (command) => {
      for (const [name, spec] of optionsOf(command)) {
        const text = defaultOf(spec, command)

        expect({ name, isThere: text !== undefined || spec.arity !== 'one' }).toEqual({ name, isThere: true })
        expect({ name, kind: text === undefined ? 'ok' : spec.read(text).kind }).toEqual({ name, kind: 'ok' })
      }
    },
  )

  it('names flags after the option, and variables after the flag', () => {
    for (const [name, spec] of Object.entries(OPTIONS)) {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      const env = [undefined, 'KUBECONFIG', `WAYPOST_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`]

      expect(spec.flag).toBe(flag)
      expect(env).toContain(spec.env)
    }
  })

  it('knows the levels of the logger', () => {
    expect(LOG_LEVELS).toEqual(LOGGER_LEVELS)
  })
})
