/** What one pass over JSON text finds before it is parsed. */
export interface JsonScan {
  readonly depth: number
  /** Paths of object fields that occur twice in one object: `spec.ports[0].name`. At most `MAX_DUPLICATES`. */
  readonly duplicates: readonly string[]
}

const MAX_DUPLICATES = 64

interface Level {
  /** Names seen in this object; undefined for a list. */
  readonly names: Set<string> | undefined
  index: number
  name: string
  expectsName: boolean
}

/**
 * Look over JSON text without building it: how deep it nests, and which fields are given twice. Text that is no JSON is no error
 * here; the parser says so.
 */
export function scanJson(text: string): JsonScan {
  const levels: Level[] = []
  const duplicates: string[] = []
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const level = levels.at(-1)
    switch (code) {
      case 0x7b: // {
      case 0x5b: // [
        levels.push({ names: code === 0x7b ? new Set() : undefined, index: 0, name: '', expectsName: true })
        depth = Math.max(depth, levels.length)
        break
      case 0x7d: // }
      case 0x5d: // ]
        levels.pop()
        break
      case 0x2c: // ,
        if (level !== undefined) {
          level.index += 1
          level.expectsName = true
        }
        break
      case 0x22: {
        const end = stringEnd(text, at)
        if (level?.names !== undefined && level.expectsName) {
          level.name = nameOf(text.slice(at, end + 1))
          level.expectsName = false
          if (level.names.has(level.name) && duplicates.length < MAX_DUPLICATES) {
            const path = pathOf(levels)
            if (!duplicates.includes(path)) duplicates.push(path)
          }
          level.names.add(level.name)
        }
        at = end
        break
      }
      default:
    }
  }
  return { depth, duplicates }
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at += 1
    else if (code === 0x22) return at
  }
  return text.length
}

function nameOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted
  }
}

function pathOf(levels: readonly Level[]): string {
  let path = ''
  for (const level of levels) {
    if (level.names === undefined) path += `[${level.index}]`
    else path += path === '' ? level.name : `.${level.name}`
  }
  return path
}
