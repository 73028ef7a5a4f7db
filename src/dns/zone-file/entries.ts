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

const TAB = 0x09
const LINE_FEED = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const OPENING = 0x28
const CLOSING = 0x29
const SEMICOLON = 0x3b
const BACKSLASH = 0x5c

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
    const indented = isBlank(this.#here)
    let line = this.line
    let depth = 0
    while (!this.atEnd) {
      const here = this.#here
      if (here === LINE_FEED) {
        this.#step()
        if (depth === 0) return { line, indented, words }
      } else if (isBlank(here)) this.#at += 1
      else if (here === SEMICOLON) this.#toLineEnd()
      else if (here === OPENING || here === CLOSING) {
        depth += here === OPENING ? 1 : -1
        if (depth < 0) throw new PresentationError('closing parenthesis without an opening one')
        this.#at += 1
      } else {
        if (words.length === 0) line = this.line
        words.push(this.#word())
      }
    }
    if (depth > 0) throw new PresentationError('parenthesis is not closed', { opened: depth })
    return { line, indented, words }
  }

  skipLine(): void {
    this.#toLineEnd()
    if (!this.atEnd) this.#step()
  }

  /** Not a number behind the end. */
  get #here(): number {
    return this.#text.charCodeAt(this.#at)
  }

  #step(): void {
    if (this.#here === LINE_FEED) this.line += 1
    this.#at += 1
  }

  #toLineEnd(): void {
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#text.length : end
  }

  /** A quoted string; or characters up to a blank, in which a quoted part may stand, as in `alpn="h2"`. */
  #word(): Word {
    const start = this.#at
    if (this.#here === QUOTE) {
      this.#quotedPart()
      return { text: this.#text.slice(start + 1, this.#at - 1), quoted: true }
    }
    for (let here = this.#here; !this.atEnd && !endsWord(here); here = this.#here) {
      if (here === QUOTE) this.#quotedPart()
      else if (here === BACKSLASH) this.#escape()
      else this.#at += 1
    }
    return { text: this.#text.slice(start, this.#at), quoted: false }
  }

  #quotedPart(): void {
    this.#at += 1
    for (let here = this.#here; here !== QUOTE; here = this.#here) {
      if (this.atEnd || here === LINE_FEED) throw new PresentationError('string is not closed')
      if (here === BACKSLASH) this.#escape()
      else this.#at += 1
    }
    this.#at += 1
  }

  #escape(): void {
    this.#at += 1
    if (this.atEnd || this.#here === LINE_FEED) throw new PresentationError('backslash at the end of a line')
    this.#at += 1
  }
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === RETURN
}

/** Quotes do not: a quoted part belongs to the word that it stands in. */
function endsWord(code: number): boolean {
  return isBlank(code) || code === LINE_FEED || code === SEMICOLON || code === OPENING || code === CLOSING
}
