import type { UdpIo } from './types.ts'
import { dgramBackend, type UdpBackend } from './udp-backend.ts'

/** What datagrams are read and written with, for the thread that calls. */
export interface OpenedBackend {
  readonly backend: UdpBackend
  /** Why it is not the one that was asked for. */
  readonly batchProblem?: string
}

/** What was asked for, or `dgram` where that cannot be. What `batch` is made of is loaded only then. */
export async function openUdpBackend(io: UdpIo): Promise<OpenedBackend> {
  if (io === 'dgram') return { backend: dgramBackend }
  const { openBatchBackend } = await import('./batch/batch-backend.ts')
  try {
    return { backend: await openBatchBackend() }
  } catch (error) {
    return { backend: dgramBackend, batchProblem: error instanceof Error ? error.message : String(error) }
  }
}
