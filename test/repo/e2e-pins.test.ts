import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TOOLS_FOLDER } from '../e2e/setup/cache.ts'
import { COMPONENTS, pinOf } from '../e2e/setup/components.ts'
import { KUBERNETES, KUBERNETES_VARIABLE, PINS } from '../e2e/setup/pins.ts'
import type { Pin } from '../e2e/setup/pins.ts'
import { SYSTEM_PROGRAMS } from '../e2e/setup/preflight.ts'

const ALL: readonly Pin[] = [...Object.values(PINS), ...Object.values(KUBERNETES)]
const read = (pin: Pin, file: string) => readFileSync(join(TOOLS_FOLDER, pin.folder, file), 'utf8')

/** The requirements that are the module's own, not those of its dependencies. */
function directlyRequired(goMod: string): readonly string[] {
  return goMod.split('\n').flatMap((line) => {
    const [, requirement] = /^(?:require |\t)([^\s()]+ v[^\s()]+)$/.exec(line) ?? []
    return requirement === undefined ? [] : [requirement]
  })
}

describe('pins of real components', () => {
  it.each(ALL)(
    '$folder: its go.mod requires $module at the version of the table, and nothing else',
    (pin) => {
      expect(directlyRequired(read(pin, 'go.mod'))).toEqual([`${pin.module} v${pin.version}`])
    },
  )

  it.each(ALL)('$folder: a flag that tells a version tells this one', (pin) => {
    const told = pin.ldflags.flatMap((flag) => /=v(.+)$/.exec(flag)?.[1] ?? [])

    expect(told).toEqual(told.map(() => pin.version))
  })

  it.each(Object.entries(KUBERNETES))(
    'Kubernetes %s takes every staging module of its own release',
    (release, pin) => {
      const replacements = [...read(pin, 'go.mod').matchAll(/^\t(k8s\.io\/\S+) => (\S+) v0\.(\S+)$/gm)]

      expect(pin.version.startsWith(`${release}.`)).toBe(true)
      expect(replacements.length).toBeGreaterThan(30)
      for (const [, from, to, version] of replacements) {
        expect([to, `1.${version}`]).toEqual([from, pin.version])
      }
    },
  )

  it.each(ALL)('$folder: tools.go imports the programs that are built from it', (pin) => {
    const env = { [KUBERNETES_VARIABLE]: releaseOf(pin) }
    const built = Object.values(COMPONENTS).flatMap((component) =>
      component.kind === 'built' && pinOf(component, env).folder === pin.folder ? [component.package] : [],
    )

    const imported = [...read(pin, 'tools.go').matchAll(/_ "(\S+)"/g)].map(([, path]) => path)

    expect(built).not.toEqual([])
    expect(imported).toEqual(built)
  })

  it('every folder of tools is a pin', () => {
    expect(readdirSync(TOOLS_FOLDER).sort()).toEqual(ALL.map(({ folder }) => folder).sort())
  })
})

describe('packages of the distribution', () => {
  const script = readFileSync(join(TOOLS_FOLDER, '../setup/debian-packages.sh'), 'utf8')
  const listed = (name: string) => new RegExp(`^${name}=\\((.+)\\)$`, 'm').exec(script)?.[1]?.split(' ')

  it('CI looks for the programs, and installs the packages, that the table of components names', () => {
    const packaged = Object.entries(COMPONENTS).filter(([, { kind }]) => kind === 'packaged')
    const system = Object.entries(SYSTEM_PROGRAMS)

    const programs = [...packaged, ...system].map(([name]) => name)
    const packages = new Set([
      ...packaged.map(([, component]) => component.package), // of which some hold several programs
      ...system.map(([, name]) => name),
    ])

    expect(listed('programs')?.sort()).toEqual(programs.sort())
    expect(listed('packages')?.sort()).toEqual([...packages].sort())
  })
})

function releaseOf(pin: Pin): string {
  return Object.entries(KUBERNETES).find(([, other]) => other === pin)?.[0] ?? '1.36'
}
