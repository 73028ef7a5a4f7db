import { MAX_TCP_BYTES } from '../../../src/dns/protocol.ts'
import { decodeMessage } from '../../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../../src/dns/wire/encode.ts'
import type { Message } from '../../../src/dns/wire/message.ts'
import { packet } from '../packets.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

/** Octets as messages: what is read can be written, and reads the same. */
export function messageTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'message',
    share: 100,
    deep: () => deep,
    run(random: Random) {
      const octets = packet(random)
      faultless(octets, () => {
        const decoded = decodeMessage(octets)
        if (decoded.kind === 'malformed') {
          if (decoded.error.offset > octets.length) throw new FuzzFault('fault beyond the end', octets)
          return
        }
        deep += 1
        const written = encodeMessage(decoded.message, MAX_TCP_BYTES)
        if (written === undefined) return
        const again = decodeMessage(written)
        if (again.kind === 'malformed' || keyOf(again.message) !== keyOf(decoded.message))
          throw new FuzzFault('written and read, it is another', octets)
        const tight = encodeMessage(decoded.message, written.length - 1)
        if (tight !== undefined) throw new FuzzFault('longer than its limit', octets)
      })
    },
  }
}

function keyOf(message: Message): string {
  return JSON.stringify(message, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  )
}
