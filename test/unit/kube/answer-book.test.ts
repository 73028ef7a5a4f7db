import { describe, expect, it } from 'vitest'
import { AnswerBook } from '../../../src/kube/answer-book.ts'

const LIST = { path: '/api/v1/services' }
const WATCH = { path: '/api/v1/services', query: { watch: true } }

describe('AnswerBook', () => {
  it('counts by verb and status', () => {
    const book = new AnswerBook()

    for (const httpStatus of [200, 200, 403]) book.note(LIST, httpStatus)
    book.note(WATCH, 200)

    expect([...book.counts()]).toEqual([
      { verb: 'list', httpStatus: 200, count: 2 },
      { verb: 'list', httpStatus: 403, count: 1 },
      { verb: 'watch', httpStatus: 200, count: 1 },
    ])
  })

  it('tells a refused right once, until it was granted', () => {
    const book = new AnswerBook()

    expect([403, 403, 200, 403].map((httpStatus) => book.note(LIST, httpStatus))).toEqual([
      'list services',
      undefined,
      undefined,
      'list services',
    ])
  })

  it('keeps rights apart, and those refused sorted', () => {
    const book = new AnswerBook()

    book.note(WATCH, 403)
    book.note(LIST, 403)
    book.note({ path: '/version' }, 200)

    expect(book.denied).toEqual(['list services', 'watch services'])
  })

  it.each([401, 404, 409, 422, 429, 500])('%i says nothing about rights', (httpStatus) => {
    const book = new AnswerBook()
    book.note(LIST, 403)

    expect(book.note(LIST, httpStatus)).toBeUndefined()
    expect(book.note(WATCH, httpStatus)).toBeUndefined()
    expect(book.denied).toEqual(['list services'])
  })

  it('forgets with other credentials', () => {
    const book = new AnswerBook()
    book.note(LIST, 403)

    book.forgetDenied()

    expect(book.denied).toEqual([])
    expect(book.note(LIST, 403)).toBe('list services')
  })
})
