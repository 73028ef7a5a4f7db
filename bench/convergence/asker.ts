import { createSocket } from 'node:dgram'
import { parseDomainName, wireName } from '../../src/dns/names.ts'
import { nowMicros } from '../support/now-micros.ts'

/** Asks a DNS server over UDP until it says what is waited for. */
export interface Asker {
  /**
   * Ask for the A records of a name again and again, at least PAUSE_MS apart.
   * @returns when the first answer that fits came, in microseconds of the machine's clock; undefined after GIVE_UP_MS
   */
  until(name: string, fits: (addresses: readonly string[]) => boolean): Promise<number | undefined>
  close(): void
}

/** Asking harder would take the processor from those who are measured. */
export const PAUSE_MS = 1
const GIVE_UP_MS = 5_000
/** UDP may lose a question: it is put again when nothing was heard for so long. */
const UNHEARD_MS = 100

/** An asker on a socket of its own. */
export async function createAsker(port: number): Promise<Asker> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve))
  const heard = new Map<number, (answer: Buffer) => void>()
  let nextId = 0
  socket.on('message', (answer) => heard.get(answer.readUInt16BE(0))?.(answer))

  const ask = (query: Buffer): Promise<Buffer | undefined> => {
    nextId = (nextId + 1) & 0xffff
    const id = nextId
    query.writeUInt16BE(id, 0)
    return new Promise((resolve) => {
      const end = (answer: Buffer | undefined): void => {
        clearTimeout(timer)
        heard.delete(id)
        resolve(answer)
      }
      const timer = setTimeout(() => end(undefined), UNHEARD_MS)
      heard.set(id, end)
      socket.send(query)
    })
  }
  return {
    async until(name, fits) {
      const query = queryFor(name)
      const giveUpAtMs = performance.now() + GIVE_UP_MS
      while (performance.now() < giveUpAtMs) {
        const answer = await ask(query)
        if (answer !== undefined && fits(addressesIn(answer, query.length))) return nowMicros()
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
      return undefined
    },
    close: () => void socket.close(),
  }
}

/** A question for A records, its id still to be set (RFC 1035, 4.1). */
function queryFor(name: string): Buffer {
  const wire = wireName(parseDomainName(name))
  const query = Buffer.alloc(12 + wire.length + 4)
  query.writeUInt16BE(1, 4)
  query.set(wire, 12)
  query.writeUInt16BE(1, 12 + wire.length)
  query.writeUInt16BE(1, 14 + wire.length)
  return query
}

const TYPE_A = 1

/** The A records of an answer section whose owner names are all pointers, as our server writes them. */
function addressesIn(answer: Buffer, questionEnd: number): readonly string[] {
  const addresses: string[] = []
  let at = questionEnd
  for (let left = answer.readUInt16BE(6); left > 0; left -= 1) {
    const length = answer.readUInt16BE(at + 10)
    if (answer.readUInt16BE(at + 2) === TYPE_A)
      addresses.push([...answer.subarray(at + 12, at + 16)].join('.'))
    at += 12 + length
  }
  return addresses
}
