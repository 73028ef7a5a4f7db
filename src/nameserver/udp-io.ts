import type { UdpIo } from './types.ts'
import { dgramBackend, type UdpBackend } from './udp-backend.ts'

/** What datagrams are read and written with, for the thread that calls. */
export interface OpenedBackend {
  readonly backend: UdpBackend
  /** Why it is not the one that was asked for. */
  readonly batchProblem?: string
}

/**
 * What was asked for, or `dgram` where that cannot be.
 * @param openBatch - what batches are made of is loaded only when they are asked for
 */
export async function openUdpBackend(io: UdpIo, openBatch = loadBatchBackend): Promise<OpenedBackend> {
  if (io === 'dgram') return { backend: dgramBackend }
  try {
    return { backend: await openBatch() }
  } catch (error) {
    return { backend: dgramBackend, batchProblem: error instanceof Error ? error.message : String(error) }
  }
}

async function loadBatchBackend(): Promise<UdpBackend> {
  const { openBatchBackend } = await import('./batch/batch-backend.ts')
  return openBatchBackend()
}
