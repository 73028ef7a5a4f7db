import { expect } from 'vitest'
import { RCODE } from '../../src/dns/protocol.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import type { Header, Message } from '../../src/dns/wire/message.ts'
import { presentName } from '../../src/dns/wire/name.ts'
import { lineOf, TYPES } from './dns-lines.ts'

/** A response as tests write it down; what is left out is empty. */
export interface Reply {
  readonly rcode: string
  /** As dig prints them: `qr aa rd`. */
  readonly flags: string
  readonly question?: string
  readonly answer?: readonly string[]
  readonly authority?: readonly string[]
  readonly additional?: readonly string[]
  /** `version payload flags option-codes`, such as `v0 1232 do`; without, the response must have no OPT. */
  readonly edns?: string
}

/** Decode a response and write it down. Fails the test when the octets are no message. */
export function replyOf(octets: Uint8Array): Reply {
  const decoded = decodeMessage(octets)
  expect(decoded.kind === 'malformed' ? decoded.error : 'message').toBe('message')
  const message = decoded.message! // malformed ones were caught above
  return {
    rcode: rcodeName(message.header.rcode),
    flags: flagsOf(message.header),
    ...list(
      'question',
      message.questions.map((question) => `${presentName(question.name)} ${typeName(question.type)}`)[0],
    ),
    ...list('answer', message.answers.map(lineOf)),
    ...list('authority', message.authority.map(lineOf)),
    ...list('additional', message.additional.map(lineOf)),
    ...list('edns', ednsOf(message)),
  }
}

function list<K extends string, V extends string | readonly string[]>(
  key: K,
  value: V | undefined,
): Partial<Record<K, V>> {
  return value === undefined || value.length === 0 ? {} : ({ [key]: value } as Record<K, V>) // one key of that name
}

function rcodeName(rcode: number): string {
  return Object.entries(RCODE).find(([, value]) => value === rcode)?.[0] ?? `RCODE${rcode}`
}

function typeName(type: number): string {
  return Object.entries(TYPES).find(([, value]) => value === type)?.[0] ?? `TYPE${type}`
}

function flagsOf(header: Header): string {
  const flags: readonly (readonly [string, boolean])[] = [
    ['qr', header.response],
    ['aa', header.authoritative],
    ['tc', header.truncated],
    ['rd', header.recursionDesired],
    ['ra', header.recursionAvailable],
    ['z', header.zero],
    ['ad', header.authenticData],
    ['cd', header.checkingDisabled],
  ]
  const opcode = header.opcode === 0 ? [] : [`opcode${header.opcode}`]
  return [...flags.filter(([, set]) => set).map(([name]) => name), ...opcode].join(' ')
}

function ednsOf({ edns }: Message): string | undefined {
  if (edns === undefined) return undefined
  const flags = edns.flags === 0 ? [] : [edns.flags === 0x8000 ? 'do' : `0x${edns.flags.toString(16)}`]
  const options = edns.options.map((option) => `option${option.code}`)
  return [`v${edns.version}`, String(edns.payloadBytes), ...flags, ...options].join(' ')
}
