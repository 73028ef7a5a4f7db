const WRITTEN = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/
const WRAP_SECONDS = 2 ** 32

/** Seconds since 1970 modulo 2^32, from YYYYMMDDHHmmSS in UTC or from a plain number of up to ten digits (RFC 4034, 3.2). */
export function readTime(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text) < WRAP_SECONDS ? Number(text) : undefined
  const parts = WRITTEN.exec(text)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  return presentTime(ms / 1_000) === text ? (ms / 1_000) % WRAP_SECONDS : undefined
}

/** As YYYYMMDDHHmmSS in UTC. @param seconds - since 1970; what is beyond 32 bits was lost on the wire (RFC 4034, 3.1.5) */
export function presentTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 19).replace(/[-T:]/g, '')
}
