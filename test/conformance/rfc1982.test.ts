import { expect, it } from 'vitest'
import { isLaterSerial } from '../../src/dns/serial.ts'

it.each([
  { name: '3.2: one more is later', serial: 1, than: 0, want: true },
  { name: '3.2: the same is not later', serial: 7, than: 7, want: false },
  { name: '3.2: one less is not', serial: 6, than: 7, want: false },
  { name: '3.2: 0 follows the largest', serial: 0, than: 0xffff_ffff, want: true },
  { name: '3.2: the largest does not follow 0', serial: 0xffff_ffff, than: 0, want: false },
  { name: '3.1: 2^31 - 1 more is the furthest', serial: 0x7fff_ffff, than: 0, want: true },
  { name: '3.2: half the circle apart, neither is later', serial: 0x8000_0000, than: 0, want: false },
  { name: '3.2: nor the other way round', serial: 0, than: 0x8000_0000, want: false },
  { name: '5.1: 100 after 44 of the other half', serial: 100, than: 0x8000_0065, want: true },
])('RFC 1982, $name', ({ serial, than, want }) => {
  expect(isLaterSerial(serial, than)).toBe(want)
})
