export type Transport = 'udp' | 'tcp' | 'dot'

export interface LoadOptions {
  /** On 127.0.0.1. */
  readonly port: number
  readonly seconds: number
  readonly over: Transport
  /** Threads of it, on these processors, as taskset writes them; without: one, on the processor of the load. */
  readonly by?: { readonly threads: number; readonly on: string }
}

export interface LoadReport {
  /** Answered. */
  readonly queries: number
  readonly seconds: number
  readonly lost: number
  readonly meanAnswerBytes: number
  /** Of the answers, those that say NXDOMAIN. */
  readonly noSuchNameShare: number
}

/** Asks a server on loopback what the work says. */
export interface Generator {
  readonly name: string
  /** What it can ask over. */
  readonly transports: readonly Transport[]
  /** Ask as fast as the server answers. */
  load(options: LoadOptions): Promise<LoadReport>
  /** Ask at a steady rate over UDP. @returns microseconds from each query to its answer, ascending; LOST_MICROS for one that was lost */
  latencies(options: LatencyOptions): Promise<Float64Array>
}

export interface LatencyOptions {
  readonly port: number
  readonly seconds: number
  readonly perSecond: number
}

/** After so long without an answer a query is lost. */
export const LOST_MICROS = 1e6
/** Queries without an answer yet, at the most, when asking as fast as answers come. */
export const OUTSTANDING = 200
