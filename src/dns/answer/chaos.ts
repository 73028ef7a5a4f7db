import { CLASS, RCODE, TYPE } from '../protocol.ts'
import type { Question } from '../wire/message.ts'
import { foldName, presentName } from '../wire/name.ts'
import type { AnswerSettings } from './context.ts'
import { bare, positive, type Reply } from './reply.ts'

/** What a server says of itself in class CH (RFC 4892): what is not configured is REFUSED, which tells nothing. */
export function answerChaos({ name, type }: Question, settings: AnswerSettings): Reply {
  const text =
    type === TYPE.TXT || type === TYPE.ANY ? textOf(presentName(foldName(name)), settings) : undefined
  if (text === undefined) return bare(RCODE.REFUSED)
  const string = Buffer.from(text).subarray(0, 255)
  const rdata = Uint8Array.of(string.length, ...string)
  return positive([{ name, type: TYPE.TXT, class: CLASS.CH, ttlSeconds: 0, rdata }])
}

function textOf(name: string, { serverId, version }: AnswerSettings): string | undefined {
  switch (name) {
    case 'id.server.':
    case 'hostname.bind.':
      return serverId
    case 'version.server.':
    case 'version.bind.':
      return version
    default:
      return undefined
  }
}
