import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CONTROL,
  controlFrame,
  ControlReader,
} from '../../../../../src/nameserver/observe/dnstap/frame-streams.ts'
import { controlOctets, readStream } from '../../../../support/dnstap-reader.ts'

const TYPE = 'protobuf:dnstap.Dnstap'

describe('controlFrame', () => {
  it.each([
    { type: CONTROL.READY, want: `READY ${TYPE}` },
    { type: CONTROL.ACCEPT, want: `ACCEPT ${TYPE}` },
    { type: CONTROL.START, want: `START ${TYPE}` },
    { type: CONTROL.STOP, want: 'STOP' },
    { type: CONTROL.FINISH, want: 'FINISH' },
  ])('is $want', ({ type, want }) => {
    expect(readStream(controlFrame(type))).toEqual({ items: [want], rest: Buffer.alloc(0) })
  })

  it('is STOP octet by octet', () => {
    expect([...controlFrame(CONTROL.STOP)]).toEqual([0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 3])
  })
})

describe('ControlReader', () => {
  it.each<{ name: string; in: Buffer; want: readonly unknown[]; broken?: boolean }>([
    { name: 'an ACCEPT', in: controlOctets(1, TYPE), want: [{ type: 1, contentTypes: [TYPE] }] },
    { name: 'an ACCEPT of anything', in: controlOctets(1), want: [{ type: 1, contentTypes: [] }] },
    {
      name: 'two frames',
      in: Buffer.concat([controlOctets(1, 'x'), controlOctets(5)]),
      want: [
        { type: 1, contentTypes: ['x'] },
        { type: 5, contentTypes: [] },
      ],
    },
    { name: 'the beginning of a frame', in: controlOctets(1, TYPE).subarray(0, 20), want: [] },
    { name: 'a data frame', in: Buffer.of(0, 0, 0, 1, 7, 0, 0, 0), want: [], broken: true },
    {
      name: 'a frame without a type',
      in: Buffer.of(0, 0, 0, 0, 0, 0, 0, 3, 1, 1, 1),
      want: [],
      broken: true,
    },
    { name: 'a frame that is too long', in: Buffer.of(0, 0, 0, 0, 0, 0, 2, 1), want: [], broken: true },
    {
      name: 'another field',
      in: Buffer.of(0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0),
      want: [],
      broken: true,
    },
    {
      name: 'a field beyond the frame',
      in: Buffer.of(0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1),
      want: [],
      broken: true,
    },
    {
      name: 'half a field',
      in: Buffer.of(0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1),
      want: [],
      broken: true,
    },
  ])('reads $name', ({ in: octets, want, broken = false }) => {
    const reader = new ControlReader()

    expect(reader.push(octets)).toEqual(want)
    expect(reader.isBroken).toBe(broken)
  })

  it('reads frames however they come in pieces', () => {
    const octets = Buffer.concat([controlOctets(1, TYPE), controlOctets(5)])
    fc.assert(
      fc.property(fc.array(fc.nat(octets.length), { maxLength: 10 }), (cuts) => {
        const reader = new ControlReader()
        const at = [0, ...cuts.sort((a, b) => a - b), octets.length]
        const frames = at.slice(1).flatMap((end, i) => reader.push(octets.subarray(at[i], end)))

        expect(frames.map(({ type }) => type)).toEqual([1, 5])
      }),
    )
  })

  it('takes no more than a frame from whoever sends anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (octets) => {
        const reader = new ControlReader()

        expect(reader.push(octets).length).toBeLessThanOrEqual(octets.length / 12)
      }),
    )
  })
})
