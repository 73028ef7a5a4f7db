import { KubeError } from './kube-error.ts'
import type { RequestPlace } from './kube-error.ts'
import { transportError } from './transport-error.ts'

/** Read to the end. @throws KubeError KUBE_TOO_LARGE beyond the limit */
export async function collect(
  place: RequestPlace,
  chunks: AsyncIterable<Buffer>,
  limitBytes: number,
): Promise<Buffer> {
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of chunks) {
    sizeBytes += chunk.length
    if (sizeBytes > limitBytes) {
      throw new KubeError('KUBE_TOO_LARGE', { ...place, detail: `more than ${limitBytes} bytes` })
    }
    parts.push(chunk)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts) // one part: its index is 0
}

/** @throws KubeError KUBE_BAD_ANSWER */
export function parseJson(place: RequestPlace, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new KubeError('KUBE_BAD_ANSWER', { ...place, detail: 'not JSON', cause })
  }
}

/** The chunks of a body as they come; errors of the socket are KubeErrors. @param ended - called once, however it ends */
export async function* chunksOf(
  place: RequestPlace,
  body: AsyncIterable<Buffer>,
  ended: () => void,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of body) yield chunk
  } catch (error) {
    throw transportError(place, error)
  } finally {
    ended()
  }
}
