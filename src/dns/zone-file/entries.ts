import { PresentationError, type Word } from '../presentation.ts'

/** What stands between two line ends, parentheses and comments taken away (RFC 1035, 5.1). */
export interface Entry {
  /** Of its first word, from 1. */
  readonly line: number
  /** It begins with a blank: the owner is that of the entry before. */
  readonly indented: boolean
  readonly words: readonly Word[]
}

/** An entry that cannot be read: where it begins, and why. */
export interface BrokenEntry {
  readonly line: number
  readonly error: PresentationError
}

const BLANK = /[ \t\r]/
const ENDS_WORD = /[ \t\r\n();"]/

/**
 * Cut the text of a master file into entries, lazily; empty lines are left out. Time grows with the text, whatever is in it.
 * @param text - one character per octet
 */
export function* entriesOf(text: string): Generator<Entry | BrokenEntry> {
  const scanner = new Scanner(text)
  while (!scanner.atEnd) {
    const line = scanner.line
    try {
      const entry = scanner.entry()
      if (entry.words.length > 0) yield entry
    } catch (error) {
      if (!(error instanceof PresentationError)) throw error
      scanner.skipLine()
      yield { line, error }
    }
  }
}

class Scanner {
  readonly #text: string
  #at = 0
  line = 1

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  entry(): Entry {
    const words: Word[] = []
    const indented = BLANK.test(this.#here)
    let line = this.line
    let depth = 0
    for (; !this.atEnd;) {
      const here = this.#here
      if (here === '\n') {
        this.#step()
        if (depth === 0) return { line, indented, words }
      } else if (BLANK.test(here)) this.#step()
      else if (here === ';') this.#comment()
      else if (here === '(' || here === ')') {
        depth += here === '(' ? 1 : -1
        if (depth < 0) throw new PresentationError('closing parenthesis without an opening one')
        this.#step()
      } else {
        if (words.length === 0) line = this.line
        words.push(this.#word())
      }
    }
    if (depth > 0) throw new PresentationError('parenthesis is not closed', { opened: depth })
    return { line, indented, words }
  }

  skipLine(): void {
    while (!this.atEnd && this.#here !== '\n') this.#step()
    if (!this.atEnd) this.#step()
  }

  get #here(): string {
    return this.#text[this.#at] ?? ''
  }

  #step(): void {
    if (this.#text[this.#at] === '\n') this.line += 1
    this.#at += 1
  }

  #comment(): void {
    while (!this.atEnd && this.#here !== '\n') this.#at += 1
  }

  /** A quoted string; or characters up to a blank, in which a quoted part may stand, as in `alpn="h2"`. */
  #word(): Word {
    const start = this.#at
    if (this.#here === '"') {
      this.#quotedPart()
      return { text: this.#text.slice(start + 1, this.#at - 1), quoted: true }
    }
    while (!this.atEnd && !(ENDS_WORD.test(this.#here) && this.#here !== '"')) {
      if (this.#here === '"') this.#quotedPart()
      else if (this.#here === '\\') this.#escape()
      else this.#at += 1
    }
    return { text: this.#text.slice(start, this.#at), quoted: false }
  }

  #quotedPart(): void {
    this.#at += 1
    while (this.#here !== '"') {
      if (this.atEnd || this.#here === '\n') throw new PresentationError('string is not closed')
      if (this.#here === '\\') this.#escape()
      else this.#at += 1
    }
    this.#at += 1
  }

  #escape(): void {
    this.#at += 1
    if (this.atEnd || this.#here === '\n') throw new PresentationError('backslash at the end of a line')
    this.#at += 1
  }
}
