import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorCodes, errorsDocument } from '../support/error-codes.ts'

const root = new URL('../..', import.meta.url).pathname

describe('docs/errors.md', () => {
  const document = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const codes = errorCodes(root)

  it('finds the codes it judges', () => {
    const found = codes.map(({ code }) => code)

    expect(found).toContain('DNS_NAME_INVALID') // of a class
    expect(found).toContain('KUBE_THROTTLED') // of a table
    expect(found).toContain('ZONE_ORIGIN_NEEDS_RECORDS') // of a choice
    expect(codes.length).toBeGreaterThan(30)
  })

  it('has every code of src, no other, and its message (node test/support/error-codes.ts)', () => {
    expect(document).toBe(errorsDocument(codes, document))
  })

  it('says of every code what to do', () => {
    expect(document).not.toContain('(to be written)')
  })
})
