const BITS = 2 ** 32
const HALF = 2 ** 31

/** Whether one serial is later than another (RFC 1982, 3.2). Of two that are half the circle apart neither is. */
export function isLaterSerial(serial: number, than: number): boolean {
  const ahead = (serial - than + BITS) % BITS
  return ahead > 0 && ahead < HALF
}
