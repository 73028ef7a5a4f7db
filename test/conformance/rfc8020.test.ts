import { expect, it } from 'vitest'
import { conformance, DENIAL } from '../support/dns-conformance.ts'
import { changesOf } from '../support/dns-lines.ts'

const denied = (name: string) => ({
  rcode: 'NXDOMAIN',
  flags: 'qr aa',
  question: `${name}. A`,
  authority: [DENIAL],
})

conformance(
  'RFC 8020',
  [
    {
      name: '2: what is below a name that does not exist does not exist either',
      in: 'a.b.nope.fed.test A',
      want: denied('a.b.nope.fed.test'),
    },
    {
      name: '2: a name that has data has no names below it by that',
      in: 'below.www.fed.test A',
      want: denied('below.www.fed.test'),
    },
  ],
  (server) => {
    it('2: a name is denied only when nothing below it exists, while names come and go', async () => {
      const { writer } = server().nameserver
      const states: string[] = []
      const note = async (): Promise<void> => {
        const replies = await Promise.all(
          ['p.q.fed.test A', 'q.fed.test A'].map((ask) => server().ask('udp', ask)),
        )
        states.push(replies.map((reply) => reply.rcode).join(' '))
      }

      await note()
      writer.publish(changesOf(['x.p.q.fed.test 30 A 192.0.2.1', 'y.q.fed.test 30 A 192.0.2.2']))
      await note()
      writer.publish(changesOf(['x.p.q.fed.test']).map(({ name }) => ({ name, urgent: true })))
      await note()
      writer.publish(changesOf(['y.q.fed.test']).map(({ name }) => ({ name, urgent: true })))
      await note()

      expect(states).toEqual([
        'NXDOMAIN NXDOMAIN',
        'NOERROR NOERROR',
        'NXDOMAIN NOERROR',
        'NXDOMAIN NXDOMAIN',
      ])
    })
  },
)
