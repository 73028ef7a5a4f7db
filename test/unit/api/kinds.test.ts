import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admissionProblems, KINDS, OPTIONAL_KINDS } from '../../../src/api/kinds.ts'
import type { Kind } from '../../../src/api/kind.ts'
import type { StructuralSchema } from '../../../src/api/resource-definition.ts'

const ALL: readonly Kind[] = [...KINDS, ...OPTIONAL_KINDS]

/** How problems that a schema finds read, apart from those that `validate` finds. */
const FIELD_PROBLEM = /: is missing: add it|is not one of|: write an? /

/** Values that are often right for a field of this schema, and often a little wrong. */
function nearly(schema: StructuralSchema): fc.Arbitrary<unknown> {
  const right = rightFor(schema)
  const wrong = fc.oneof(
    fc.constantFrom<unknown>('', 'a.b', '*', -1, 0, 2 ** 31, 1.5, true, [], {}, 'x'.repeat(64)),
    fc.string(),
  )
  return fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: wrong })
}

function rightFor(schema: StructuralSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom<unknown>(...schema.enum)
  if (schema.type === 'string')
    return fc.constantFrom('example.com', 'nginx', '20s', '192.0.2.1', 'https://192.0.2.1')
  if (schema.type === 'integer') return fc.nat(600)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'array' && schema.items !== undefined)
    return fc.array(nearly(schema.items), { maxLength: 3 })
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => [name, nearly(field)] as const,
  )
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] })
}

describe.each(ALL.map((entry) => ({ name: `${entry.definition.kind} of ${entry.definition.group}`, entry })))(
  '$name',
  ({ entry }) => {
    const { definition } = entry
    // formats are the API server's business here: the only one below is byte, of a field that has a rule of its own
    const conforms = new Ajv({ strict: false, validateFormats: false }).compile(definition.schema)

    it('is refused by its schema exactly when the parser finds a problem in a field', () => {
      const { status: _status, metadata: _metadata, ...own } = definition.schema.properties ?? {}
      fc.assert(
        fc.property(rightFor({ type: 'object', properties: own }), (fields) => {
          const raw = {
            ...(fields as object),
            apiVersion: 'v1',
            kind: 'X',
            metadata: { name: 'nginx', namespace: 'ns' },
          }
          const parsed = entry.parse(raw)

          const foundInAField = parsed.kind === 'rejected' && FIELD_PROBLEM.test(parsed.problems.join())

          expect({ refused: parsed.kind === 'rejected' && !conforms(raw), foundInAField }).toEqual({
            refused: !conforms(raw),
            foundInAField: foundInAField && !conforms(raw),
          })
        }),
        { numRuns: 300 },
      )
    })

    it('never throws, and says one line for each problem', () => {
      fc.assert(
        fc.property(fc.anything(), (raw) => {
          const parsed = entry.parse(raw)
          entry.readStatus(raw)

          expect(parsed.kind === 'ok' || parsed.problems.every((line) => /^[^\n]+$/.test(line))).toBe(true)
        }),
      )
    })

    it('gives a value that survives structuredClone', () => {
      const parsed = entry.parse({
        metadata: { name: 'nginx', namespace: 'ns' },
        domain: 'example.com',
        spec: {
          ...{ domainRef: 'd', scope: 'Cluster', apiEndpoint: '192.0.2.1', secretRef: { name: 's' } },
          zone: 'example.com',
        },
      })

      expect(parsed.kind).toBe('ok')
      expect(structuredClone(parsed)).toEqual(parsed)
    })
  },
)

describe('admissionProblems', () => {
  it('finds the kind by group and kind, whatever the version', () => {
    const raw = {
      apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
      kind: 'Domain',
      metadata: { name: 'svc', namespace: 'x' },
      domain: 'example.com',
    }

    expect(admissionProblems(raw)).toEqual([
      'metadata.name: "svc" has its own meaning in cluster DNS: call the federation something else',
    ])
  })

  it.each([
    undefined,
    null,
    {},
    { apiVersion: 'v1', kind: 'Service' },
    { apiVersion: 'example.com/v1', kind: 'Domain' },
  ])('has nothing to say of %j', (raw) => {
    expect(admissionProblems(raw)).toEqual([])
  })
})
