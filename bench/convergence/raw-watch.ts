import { tokenCredentials } from '../../src/kube/access.ts'
import { LineSplitter } from '../../src/kube/line-splitter.ts'
import { Transport } from '../../src/kube/transport.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { nowMicros } from '../support/now-micros.ts'
import { CHANGE_ANNOTATION } from './bench-world.ts'
import type { ServerAccess } from './clusters-child.ts'

/** The least that anyone who follows a member must wait: its watch lines as they come out of our transport, read by nobody else. */
export interface RawWatch {
  /**
   * When the line came that carries this new address, or this number of a slice's change; in microseconds.
   * @throws Error when it has not come after GIVE_UP_MS
   */
  seenAtMicros(sign: string): Promise<number>
  close(): Promise<void>
}

const PATHS = ['/api/v1/services', '/apis/discovery.k8s.io/v1/endpointslices']
const SIGN = new RegExp(`"ip":"([^"]+)"|"${CHANGE_ANNOTATION}":"([^"]+)"`)
const MAX_LINE_BYTES = 1_048_576
const GIVE_UP_MS = 5_000
const LOOK_AGAIN_MS = 10

/** Open the watches of Services and EndpointSlices in these members; resolves when each is open. */
export async function openRawWatches(members: readonly ServerAccess[]): Promise<RawWatch> {
  const seenAtMicros = new Map<string, number>()
  const ending = new AbortController()
  const transports = members.map((access, index) => newTransport(access, `member ${index}`))
  const streams = await Promise.all(
    transports.flatMap((transport) => PATHS.map((path) => open(transport, path, ending.signal))),
  )
  const reading = streams.map(async (chunks) => {
    const splitter = new LineSplitter(MAX_LINE_BYTES)
    const line = (text: string): void => {
      const [, address, index] = SIGN.exec(text) ?? []
      const sign = address ?? index
      if (sign !== undefined && !seenAtMicros.has(sign)) seenAtMicros.set(sign, nowMicros())
    }
    for await (const chunk of chunks) splitter.push(chunk, line, () => {})
  })
  return {
    async seenAtMicros(sign) {
      for (let waitedMs = 0; waitedMs < GIVE_UP_MS; waitedMs += LOOK_AGAIN_MS) {
        const seen = seenAtMicros.get(sign)
        if (seen !== undefined) return seen
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
      }
      throw new Error(`no watch showed ${sign}`)
    },
    async close() {
      ending.abort()
      await Promise.allSettled(reading)
      await Promise.all(transports.map((transport) => transport.close()))
    },
  }
}

async function open(transport: Transport, path: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  const list = (await transport.requestJson({ path, query: { limit: 1 }, signal })) as {
    readonly metadata: { readonly resourceVersion: string }
  } // every list has it
  const { resourceVersion } = list.metadata
  const stream = await transport.stream({ path, query: { watch: true, resourceVersion }, signal })
  return stream.chunks
}

function newTransport({ url, token, caPem }: ServerAccess, cluster: string): Transport {
  const access = { server: url, caPem, skippedChecks: [], credentials: tokenCredentials(token) }
  return new Transport({ cluster, access, clock: systemClock })
}
