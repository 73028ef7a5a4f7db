import { nameOfWire, type DomainName } from '../names.ts'
import { PresentationError, readName, shown } from '../presentation.ts'
import { fromBase64 } from '../rdata/octets.ts'
import { ALGORITHM, TSIG_ALGORITHMS, type TsigAlgorithm } from './algorithms.ts'
import { leastMacBytes, type TsigKey } from './keys.ts'

/** The keys of a file, or the first thing in it that is not understood. */
export type KeyFile =
  | { readonly kind: 'keys'; readonly keys: readonly TsigKey[] }
  | { readonly kind: 'broken'; readonly line: number; readonly message: string }

/**
 * Read TSIG keys as BIND's tools write them (tsig-keygen, rndc-confgen):
 * `key "name" { algorithm hmac-sha256; secret "base64"; };`, any number of them, with comments of all three kinds.
 * Nothing else may stand there, and no name twice. `hmac-sha256-128` takes MACs cut to 128 bits or longer.
 */
export function readKeyFile(text: string): KeyFile {
  try {
    const reader = new KeyFileReader(text)
    return { kind: 'keys', keys: reader.keys() }
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error
    return { kind: 'broken', line: error.line, message: error.message }
  }
}

/** A key's name, as it is written in files and options, without a final dot or with it. @returns undefined for no name */
export function readKeyName(text: string): DomainName | undefined {
  try {
    return nameOfWire(readName(text, Uint8Array.of(0)))
  } catch (error) {
    if (error instanceof PresentationError) return undefined
    throw error
  }
}

class Unexpected extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

interface Token {
  readonly kind: 'word' | 'string' | 'sign' | 'end'
  readonly text: string
  readonly line: number
}

/** What comes next: blanks and comments to pass over, a string, a sign, a word. */
const NEXT =
  /(?<blank>\s+|\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)|"(?<string>[^"\n]*)"|(?<sign>[{};])|(?<word>[^\s{};"#]+)/y

const TOLD: ReadonlySet<string> = new Set(['key', 'algorithm', 'secret'])

class KeyFileReader {
  readonly #text: string
  #at = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  keys(): readonly TsigKey[] {
    const keys = new Map<DomainName, TsigKey>()
    for (let token = this.#next(); token.kind !== 'end'; token = this.#next()) {
      if (token.text !== 'key' || token.kind !== 'word')
        throw new Unexpected(`${named(token)} where a key should begin: key "name" { … };`, token.line)
      const key = this.#key()
      if (keys.has(key.name)) throw new Unexpected(`key ${shown(key.name)} stands there twice`, token.line)
      keys.set(key.name, key)
    }
    return [...keys.values()]
  }

  #key(): TsigKey {
    const name = this.#name()
    this.#sign('{')
    let algorithm: ReturnType<typeof algorithmOf> | undefined
    let secret: Uint8Array | undefined
    let token = this.#next()
    for (; token.text !== '}' || token.kind !== 'sign'; token = this.#next()) {
      if (token.kind === 'word' && token.text === 'algorithm' && algorithm === undefined)
        algorithm = algorithmOf(this.#value())
      else if (token.kind === 'word' && token.text === 'secret' && secret === undefined)
        secret = secretOf(this.#value())
      else
        throw new Unexpected(`${named(token)} where algorithm or secret should stand, once each`, token.line)
      this.#sign(';')
    }
    if (algorithm === undefined) throw new Unexpected(`key ${shown(name)} has no algorithm`, token.line)
    if (secret === undefined) throw new Unexpected(`key ${shown(name)} has no secret`, token.line)
    this.#sign(';')
    return { name, ...algorithm, secret }
  }

  #name(): DomainName {
    const token = this.#value()
    const name = readKeyName(token.text)
    if (name === undefined)
      throw new Unexpected(`"${shown(token.text)}" is not a domain name, as a key is called`, token.line)
    return name
  }

  #value(): Token {
    const token = this.#next()
    if (token.kind === 'word' || token.kind === 'string') return token
    throw new Unexpected(`${named(token)} where a value should stand`, token.line)
  }

  #sign(sign: string): void {
    const token = this.#next()
    if (token.kind !== 'sign' || token.text !== sign)
      throw new Unexpected(`${named(token)} where ${sign} should stand`, token.line)
  }

  #next(): Token {
    for (;;) {
      const line = this.#line
      if (this.#at === this.#text.length) return { kind: 'end', text: '', line }
      NEXT.lastIndex = this.#at
      const groups = NEXT.exec(this.#text)?.groups
      if (groups === undefined) throw new Unexpected('a quote or a comment that does not end', line)
      for (let at = this.#at; at < NEXT.lastIndex; at += 1) if (this.#text[at] === '\n') this.#line += 1
      this.#at = NEXT.lastIndex
      const { string, sign, word } = groups
      if (string !== undefined) return { kind: 'string', text: string, line }
      if (sign !== undefined) return { kind: 'sign', text: sign, line }
      if (word !== undefined) return { kind: 'word', text: word, line }
    }
  }
}

function algorithmOf({ text, line }: Token): Pick<TsigKey, 'algorithm' | 'minMacBytes'> {
  const [, name = '', bits] =
    /^(hmac-[a-z0-9]+?)(?:\.sig-alg\.reg\.int\.?)?(?:-([0-9]{2,3}))?\.?$/.exec(text.toLowerCase()) ?? []
  const algorithm = TSIG_ALGORITHMS.find((known) => known === name)
  if (algorithm === undefined)
    throw new Unexpected(`algorithm "${shown(text)}" is none of ${TSIG_ALGORITHMS.join(', ')}`, line)
  if (bits === undefined) return { algorithm }
  return { algorithm, minMacBytes: minMacBytesOf(algorithm, Number(bits), line) }
}

function minMacBytesOf(algorithm: TsigAlgorithm, bits: number, line: number): number {
  const least = leastMacBytes(algorithm) * 8
  const most = ALGORITHM[algorithm].macBytes * 8
  if (bits % 8 !== 0 || bits < least || bits > most)
    throw new Unexpected(
      `${bits} bits are not a multiple of 8 from ${least} to ${most}, as ${algorithm} allows`,
      line,
    )
  return bits / 8
}

/** What is wrong is said without the secret. */
function secretOf({ text, line }: Token): Uint8Array {
  const secret = fromBase64(text)
  if (secret === undefined || secret.length === 0) throw new Unexpected('secret is not base64', line)
  return secret
}

/** Other words are not told: one in a wrong place may be a secret, as in hmac-sha256:name:secret. */
function named({ kind, text }: Token): string {
  if (kind === 'end') return 'the file ends'
  return kind === 'sign' || TOLD.has(text) ? `"${text}"` : 'another word'
}
