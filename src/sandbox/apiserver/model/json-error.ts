/** Where a scan of JSON stopped: in the words of Go's encoding/json. */
interface Stop {
  readonly words: string
}

const END: Stop = { words: 'unexpected end of JSON input' }
const ESCAPES = '"\\/bfnrt'
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' }

/** Why text is no JSON, as the real server says it; undefined when it is JSON. Nesting is not limited here. */
export function jsonError(text: string): string | undefined {
  try {
    const at = skipSpace(text, readValue(text, skipSpace(text, 0)))
    return at < text.length ? unexpected(text, at, 'after top-level value').words : undefined
  } catch (stop) {
    if (isStop(stop)) return stop.words
    throw stop
  }
}

function isStop(value: unknown): value is Stop {
  return typeof value === 'object' && value !== null && 'words' in value
}

function unexpected(text: string, at: number, where: string): Stop {
  const sign = text.slice(at, at + 1)
  return sign === '' ? END : { words: `invalid character ${quoted(sign)} ${where}` }
}

/** Go reads bytes: of a sign beyond ASCII it names the first. */
function quoted(sign: string): string {
  const first = String.fromCharCode(Buffer.from(sign)[0] ?? 0)
  if (first === "'") return String.raw`'\''`
  if (first === '"') return `'"'`
  return `'${JSON.stringify(first).slice(1, -1)}'`
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at += 1
  return at
}

/** Each reader returns the place behind what it read, and throws a Stop. */
function readValue(text: string, at: number): number {
  const sign = text.charAt(at)
  if (sign === '{') return readMembers(text, at)
  if (sign === '[') return readItems(text, at)
  if (sign === '"') return readString(text, at)
  const literal = LITERALS[sign]
  if (literal !== undefined) return readLiteral(text, at, literal)
  if (sign === '-' || isDigit(sign)) return readNumber(text, at)
  throw unexpected(text, at, 'looking for beginning of value')
}

function readMembers(text: string, start: number): number {
  let at = skipSpace(text, start + 1)
  if (text.charAt(at) === '}') return at + 1
  for (;;) {
    if (text.charAt(at) !== '"') throw unexpected(text, at, 'looking for beginning of object key string')
    at = skipSpace(text, readString(text, at))
    if (text.charAt(at) !== ':') throw unexpected(text, at, 'after object key')
    at = skipSpace(text, readValue(text, skipSpace(text, at + 1)))
    if (text.charAt(at) === '}') return at + 1
    if (text.charAt(at) !== ',') throw unexpected(text, at, 'after object key:value pair')
    at = skipSpace(text, at + 1)
  }
}

function readItems(text: string, start: number): number {
  let at = skipSpace(text, start + 1)
  if (text.charAt(at) === ']') return at + 1
  for (;;) {
    at = skipSpace(text, readValue(text, at))
    if (text.charAt(at) === ']') return at + 1
    if (text.charAt(at) !== ',') throw unexpected(text, at, 'after array element')
    at = skipSpace(text, at + 1)
  }
}

function readString(text: string, start: number): number {
  let at = start + 1
  for (; ; at += 1) {
    const sign = text.charAt(at)
    if (sign === '"') return at + 1
    if (sign === '' || sign < ' ') throw unexpected(text, at, 'in string literal')
    if (sign === '\\') at = readEscape(text, at + 1)
  }
}

function readEscape(text: string, at: number): number {
  const sign = text.charAt(at)
  if (sign !== 'u') {
    if (sign === '' || !ESCAPES.includes(sign)) throw unexpected(text, at, 'in string escape code')
    return at
  }
  for (let digit = at + 1; digit <= at + 4; digit += 1) {
    if (!/^[0-9a-fA-F]$/.test(text.charAt(digit))) {
      throw unexpected(text, digit, String.raw`in \u hexadecimal character escape`)
    }
  }
  return at + 4
}

function readLiteral(text: string, start: number, literal: string): number {
  for (const [offset, sign] of literal.split('').entries()) {
    if (text.charAt(start + offset) === sign) continue
    throw unexpected(text, start + offset, `in literal ${literal} (expecting '${sign}')`)
  }
  return start + literal.length
}

function readNumber(text: string, start: number): number {
  let at = text.charAt(start) === '-' ? start + 1 : start
  if (!isDigit(text.charAt(at))) throw unexpected(text, at, 'in numeric literal')
  at = text.charAt(at) === '0' ? at + 1 : skipDigits(text, at)
  if (text.charAt(at) === '.') {
    if (!isDigit(text.charAt(at + 1)))
      throw unexpected(text, at + 1, 'after decimal point in numeric literal')
    at = skipDigits(text, at + 1)
  }
  if (!/^[eE]$/.test(text.charAt(at))) return at
  at += /^[+-]$/.test(text.charAt(at + 1)) ? 2 : 1
  if (!isDigit(text.charAt(at))) throw unexpected(text, at, 'in exponent of numeric literal')
  return skipDigits(text, at)
}

function skipDigits(text: string, from: number): number {
  let at = from
  while (isDigit(text.charAt(at))) at += 1
  return at
}

function isDigit(sign: string): boolean {
  return sign >= '0' && sign <= '9' && sign.length === 1
}
