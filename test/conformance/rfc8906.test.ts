import { conformance, DENIAL, type Claim } from '../support/dns-conformance.ts'

const question = 'fed.test. SOA'
const answer = ['fed.test. 3600 SOA ns1.fed.test. hostmaster.fed.test. 2026112001 60 15 1209600 15']
const ALL_FLAGS = 0x07f0

/** RFC 1035, 2136 and later: IQUERY, STATUS, NOTIFY, UPDATE, DSO and the ones that nobody has taken. */
const opcodes: readonly Claim[] = [1, 2, 3, 4, 5, 6, 7, 15].map((opcode) => ({
  name: `3.1.4: opcode ${opcode} is NOTIMP, a header only, all flags cleared, no OPT`,
  in: { ask: 'fed.test SOA', opcode, flags: ALL_FLAGS, edns: {} },
  want: { rcode: 'NOTIMP', flags: `qr opcode${opcode}` },
}))

/** 128 to 255 without those that have rules of their own. */
const metaTypes: readonly Claim[] = [129, 249, 250, 252, 253, 254].map((type) => ({
  name: `3.1.2: type ${type} is no data: ${type === 252 ? 'REFUSED' : 'NOTIMP'}`,
  in: `fed.test TYPE${type}`,
  want: {
    rcode: type === 252 ? 'REFUSED' : 'NOTIMP',
    flags: 'qr',
    question: `fed.test. ${{ 250: 'TSIG', 252: 'AXFR', 253: 'MAILB' }[type] ?? `TYPE${type}`}`,
  },
}))

conformance('RFC 8906', [
  {
    name: '3.1.1: a type that we do not know is answered with no data, not with an error',
    in: 'fed.test TYPE1000',
    want: { rcode: 'NOERROR', flags: 'qr aa', question: 'fed.test. TYPE1000', authority: [DENIAL] },
  },
  {
    name: '3.1.3: flags that mean nothing in a query do not matter',
    in: { ask: 'fed.test SOA', flags: ALL_FLAGS },
    want: { rcode: 'NOERROR', flags: 'qr aa rd', question, answer },
  },
  {
    name: '3.1.5: EDNS of another version with options and flags is BADVERS, nothing of them given back but DO',
    in: {
      ask: 'fed.test SOA',
      edns: { version: 255, flags: 0xffff, options: [{ code: 100, data: Buffer.from('x') }] },
    },
    want: { rcode: 'BADVERS', flags: 'qr', question, edns: 'v0 1232 do' },
  },
  ...opcodes,
  ...metaTypes,
  {
    name: '7: type OPT is no question (RFC 6891, 6.1.1)',
    in: 'fed.test OPT',
    want: { rcode: 'FORMERR', flags: 'qr', question: 'fed.test. OPT' },
  },
  {
    name: '7: nor is NXNAME (RFC 9824, 3.5)',
    in: 'fed.test NXNAME',
    want: { rcode: 'FORMERR', flags: 'qr', question: 'fed.test. NXNAME' },
  },
])
