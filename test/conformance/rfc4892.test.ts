import { describe, expect, it } from 'vitest'
import type { AnswerSettings } from '../../src/dns/answer/context.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { TestStore } from '../support/dns-store.ts'

function askChaos(settings: AnswerSettings, ask: string) {
  const octets = new TestStore(8 * 1024 * 1024, settings).octets(queryBytes({ ask, class: 3 }))!
  const { rcode, answer } = replyOf(octets)
  const classes = decodeMessage(octets).message!.answers.map((record) => record.class)
  return { rcode, answer, classes }
}

const TELLING = { serverId: 'dns-1', version: 'Waypost 1' }

describe('RFC 4892', () => {
  it.each([
    { ask: 'id.server TXT', text: 'dns-1' },
    { ask: 'hostname.bind TXT', text: 'dns-1' },
    { ask: 'HostName.BIND TXT', text: 'dns-1' },
    { ask: 'version.server TXT', text: 'Waypost 1' },
    { ask: 'version.bind TXT', text: 'Waypost 1' },
  ])('2: $ask is told where it is configured, else refused', ({ ask, text }) => {
    const [name] = ask.split(' ')

    expect(askChaos(TELLING, ask)).toEqual({
      rcode: 'NOERROR',
      answer: [`${name}. 0 TXT "${text}"`],
      classes: [3],
    })
    expect(askChaos({}, ask)).toEqual({ rcode: 'REFUSED', answer: undefined, classes: [] })
  })

  it.each(['authors.bind TXT', 'id.server A', 'www.fed.test A', 'server TXT'])('3: %s is refused', (ask) => {
    expect(askChaos(TELLING, ask).rcode).toBe('REFUSED')
  })
})
