import { describe, expect, it } from 'vitest'
import { notifyReply, readNotify } from '../../../../src/app/secondary/notify.ts'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import { responseOctets, type ResponseShape } from '../../../support/received-transfers.ts'

const NOTIFY = { response: false, opcode: 4, authoritative: true }
const octets = (shape: Partial<ResponseShape>): Uint8Array =>
  responseOctets({ question: 'example SOA', answers: [], ...shape, header: { ...NOTIFY, ...shape.header } })
const soa = 'example. 60 IN SOA ns1.example. h.example. 77 60 10 600 15'

describe('readNotify', () => {
  it.each([
    {
      name: '3.7: names the zone',
      in: octets({}),
      want: { kind: 'notify', origin: 'example.', serial: undefined },
    },
    {
      name: '3.7: and the serial as a hint',
      in: octets({ answers: [soa] }),
      want: { kind: 'notify', origin: 'example.', serial: 77 },
    },
    {
      name: '3.7: a SOA of another name is no hint',
      in: octets({ answers: [soa.replace('example.', 'other.')] }),
      want: { kind: 'notify', origin: 'example.', serial: undefined },
    },
    {
      name: 'names in any case',
      in: octets({ question: 'eXAMPLE SOA' }),
      want: { kind: 'notify', origin: 'example.', serial: undefined },
    },
    {
      name: 'no question is FORMERR',
      in: responseOctets({ answers: [], header: NOTIFY }),
      want: { kind: 'not understood', rcode: 1 },
    },
    {
      name: 'another type is NOTIMP',
      in: octets({ question: 'example A' }),
      want: { kind: 'not understood', rcode: 4 },
    },
    {
      name: 'octets that end too early are FORMERR',
      in: octets({}).slice(0, 14),
      want: { kind: 'not understood', rcode: 1 },
    },
  ])('RFC 1996, $name', ({ in: message, want }) => {
    expect(readNotify(message)).toEqual(want)
  })
})

describe('notifyReply', () => {
  it('RFC 1996, 4.7: echoes id, opcode and question, and has no answer', () => {
    const decoded = decodeMessage(notifyReply(octets({ answers: [soa] }), 0))

    expect(decoded.message).toMatchObject({
      header: { id: 7, response: true, opcode: 4, authoritative: true, rcode: 0 },
      questions: [{ type: 6, class: 1 }],
      answers: [],
      authority: [],
    })
  })

  it('is not authoritative where it says no', () => {
    expect(decodeMessage(notifyReply(octets({}), 9)).message?.header).toMatchObject({
      authoritative: false,
      rcode: 9,
    })
  })
})
