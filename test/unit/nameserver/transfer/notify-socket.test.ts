import { describe, expect, it } from 'vitest'
import { sourceFor } from '../../../../src/nameserver/transfer/notify-socket.ts'

describe('sourceFor', () => {
  it.each([
    { name: 'the address that we answer at', target: '192.0.2.9', own: ['192.0.2.1'], want: '192.0.2.1' },
    {
      name: 'one of the family',
      target: '2001:db8::9',
      own: ['192.0.2.1', '2001:db8::1'],
      want: '2001:db8::1',
    },
    { name: 'no wildcard', target: '192.0.2.9', own: ['0.0.0.0', '::'], want: undefined },
    { name: 'not from loopback to elsewhere', target: '192.0.2.9', own: ['127.0.0.1'], want: undefined },
    { name: 'from loopback to loopback', target: '127.0.0.9', own: ['127.0.0.1'], want: '127.0.0.1' },
    {
      name: 'nothing where we answer in the other family only',
      target: '2001:db8::9',
      own: ['192.0.2.1'],
      want: undefined,
    },
  ])('$name', ({ target, own, want }) => {
    expect(sourceFor(target, own)).toBe(want)
  })
})
