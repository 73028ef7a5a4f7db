import type { Transport } from '../../../src/dns/answer/context.ts'
import { ServerCookies } from '../../../src/dns/answer/cookies.ts'
import { MAX_TCP_BYTES, MAX_UDP_BYTES, OPCODE, PLAIN_UDP_BYTES } from '../../../src/dns/protocol.ts'
import { decodeMessage } from '../../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../../src/dns/wire/encode.ts'
import type { Message } from '../../../src/dns/wire/message.ts'
import { TestStore } from '../../support/dns-store.ts'
import { packet } from '../packets.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'
import { ORIGINS, ZONE_LINES } from '../zones.ts'

const TRANSPORTS: readonly Transport[] = ['udp', 'udp', 'udp', 'tcp', 'tls', 'https']

/** Messages of all kinds, asked of the reader that every transport asks. */
export function serverTarget(): FuzzTarget {
  const cookies = new ServerCookies([new Uint8Array(16), new Uint8Array(16).fill(1)])
  const settings = { serverId: 'fuzz', version: '1', cookies, tcpIdleMs: 10_000 }
  const store = new TestStore(8 * 1024 * 1024, settings).serve(ORIGINS, ZONE_LINES)
  store.state('loading.test', 'loading')
  let deep = 0
  return {
    name: 'server',
    share: 700,
    deep: () => deep,
    run(random: Random) {
      const octets = packet(random)
      const transport = random.pick(TRANSPORTS)
      const response = faultless(octets, () => store.octets(octets, transport, random.below(2 ** 32)))
      const mayAnswer = octets.length >= 12 && (octets[2]! & 0x80) === 0
      if (!mayAnswer && response !== undefined) throw new FuzzFault('answer to what is no query', octets)
      if (!mayAnswer) return
      if (response === undefined) throw new FuzzFault(`no answer over ${transport}`, octets)
      deep += 1
      faultless(octets, () => judge(octets, response, transport))
    },
  }
}

/** What must hold of every response. */
function judge(query: Buffer, response: Buffer, transport: Transport): void {
  const fault = (what: string): FuzzFault =>
    new FuzzFault(`${what} over ${transport}: response ${response.toString('hex')} to`, query)
  const decoded = decodeMessage(response)
  if (decoded.kind === 'malformed') throw fault(`malformed (${decoded.error.reason})`)
  const asked = decodeMessage(query)
  const received = asked.message! // has a header
  const { message } = decoded
  if (response.length > limitOf(received, transport)) throw fault(`${response.length} octets`)
  if (message.header.id !== received.header.id || !message.header.response) throw fault('not the response')
  if (message.header.opcode !== received.header.opcode) throw fault('another opcode')
  if (message.header.truncated && transport !== 'udp') throw fault('truncated')
  if (message.header.recursionAvailable || message.header.zero) throw fault('flags')
  if (received.header.opcode !== OPCODE.QUERY) return
  if (asked.kind === 'message' && (message.edns !== undefined) !== (received.edns !== undefined))
    throw fault('OPT')
  if (asked.kind === 'message' && received.questions.length === 1) judgeQuestion(received, message, fault)
  const again = encodeMessage(message, MAX_TCP_BYTES)
  if (again === undefined || decodeMessage(again).kind !== 'message') throw fault('not encoded again')
}

function judgeQuestion(received: Message, { questions }: Message, fault: (what: string) => FuzzFault): void {
  const [sent] = received.questions
  const [back] = questions
  const isSame =
    back !== undefined &&
    sent !== undefined &&
    Buffer.compare(back.name, sent.name) === 0 &&
    back.type === sent.type &&
    back.class === sent.class
  if (!isSame) throw fault('another question')
}

function limitOf({ edns, header }: Message, transport: Transport): number {
  if (transport !== 'udp') return MAX_TCP_BYTES
  if (edns === undefined || header.opcode !== OPCODE.QUERY) return PLAIN_UDP_BYTES
  return Math.min(MAX_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, edns.payloadBytes))
}
