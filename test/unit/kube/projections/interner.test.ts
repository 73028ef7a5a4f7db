import { describe, expect, test } from 'vitest'
import { internAddress, Interner, internKey } from '../../../../src/kube/projections/interner.ts'

describe('Interner', () => {
  test('gives one instance for one text', () => {
    const interner = new Interner<object>(10)

    expect(interner.get('a', () => ({}))).toBe(interner.get('a', () => ({})))
    expect(interner.get('b', () => ({}))).not.toBe(interner.get('a', () => ({})))
  })

  test('never holds more than twice its limit', () => {
    const interner = new Interner<number>(10)

    for (let i = 0; i < 1000; i += 1) interner.get(`key ${i}`, () => i)

    expect(interner.size).toBeLessThanOrEqual(20)
  })

  test('what is used stays, whatever else passes through', () => {
    const interner = new Interner<object>(10)
    const kept = interner.get('kept', () => ({}))

    for (let i = 0; i < 1000; i += 1) {
      interner.get(`key ${i}`, () => ({}))
      expect(interner.get('kept', () => ({}))).toBe(kept)
    }
  })
})

describe('internAddress and internKey', () => {
  test('spellings of one address are one address; what is none is none', () => {
    expect(internAddress('2001:DB8:0::1')).toBe('2001:db8::1')
    expect([internAddress('nonsense'), internAddress('nonsense')]).toEqual([undefined, undefined])
  })

  test('keys are what objectKey makes', () => {
    expect([internKey('shop', 'web'), internKey('', 'node-1')]).toEqual(['shop/web', '/node-1'])
  })
})
