/** The letters of generated names: no vowels, no digits that read like letters (apimachinery's `rand`). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** FNV-1a over UTF-16 code units, 32 bits. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** As many letters as asked for, the same for the same seed. */
export function generatedSuffix(seed: string, length = 5): string {
  let suffix = ''
  let value = hash32(seed)
  for (let i = 0; i < length; i += 1) {
    suffix += ALPHABET[value % ALPHABET.length]
    value = value >= ALPHABET.length ? Math.floor(value / ALPHABET.length) : hash32(`${seed}${i}`)
  }
  return suffix
}

/** A name such as `nginx-6d4f5f79d7-nl4ng` that `taken` refuses; the base is cut so that 63 characters are enough. */
export function generatedName(base: string, seed: string, taken: (name: string) => boolean): string {
  for (let round = 0; ; round += 1) {
    const name = `${base.slice(0, 57)}-${generatedSuffix(round === 0 ? seed : `${seed}#${round}`)}`
    if (!taken(name)) return name
  }
}

/** The hash that tells one Pod template from another: canonical over key order. */
export function templateHash(template: unknown): string {
  return generatedSuffix(canonicalJson(template), 10)
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
