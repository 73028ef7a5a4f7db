import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { documentedBehaviours, suiteBehaviours } from '../support/kubernetes-api-document.ts'

const text = readFileSync(new URL('../../docs/kubernetes-api.md', import.meta.url), 'utf8')

describe('docs/kubernetes-api.md', () => {
  it('lists exactly the behaviours of the contract, in their order', () => {
    expect(documentedBehaviours(text)).toEqual(suiteBehaviours())
  })

  it('has a verdict of the double and of a real server for each', () => {
    const rows =
      text
        .split('\n## Verdicts\n')[1]
        ?.split('\n')
        .filter((line) => /^\| (?!behaviour)/.test(line)) ?? []
    const lacking = rows.filter((row) => !/ \| holds \| holds(?: \| [^|]+)* \|$/.test(row))

    expect(rows.length).toBe(suiteBehaviours().length)
    expect(lacking).toEqual([])
  })

  it('has each behaviour once', () => {
    const names = suiteBehaviours().map(({ part, name }) => `${part}: ${name}`)

    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})
