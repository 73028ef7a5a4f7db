import type { Program } from '../support/program.ts'
import { RCODE } from '../../src/dns/protocol.ts'
import { rcodeOf } from './question.ts'
import type { Work } from './work.ts'
import type { WorkFiles } from './work-files.ts'

/** A server under measurement, ready to answer. */
export interface Subject {
  readonly program: Program
  /** UDP and TCP, on 127.0.0.1. */
  readonly port: number
  /** DNS over TLS, where it offers that. */
  readonly tlsPort?: number
  readonly version?: string
}

/** What to serve, and how. */
export interface Serving {
  readonly work: Pick<Work, 'origin'>
  readonly files: Pick<WorkFiles, 'folder'>
  /** Master file. */
  readonly zone: string
  /** Of this start: names what it writes. */
  readonly label: string
  /** PEM files; without them no DNS over TLS. */
  readonly tls?: { readonly key: string; readonly certificate: string }
}

export type StartSubject = (serving: Serving) => Promise<Subject>

/** A server that cannot be measured here, for a reason that is no failure. */
export class LeftOut extends Error {}

/** In a word why something is left out. */
export function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return error instanceof LeftOut ? words : `failed: ${words}`
}

/** Wait until it answers for its zone. @throws Error when it ends before, with what it said; or after a minute */
export async function untilServing(
  program: Program,
  port: number,
  { work }: Pick<Serving, 'work'>,
): Promise<void> {
  const giveUpAtMs = performance.now() + 60_000
  while ((await rcodeOf(port, work.origin)) !== RCODE.NOERROR) {
    if (program.ended) throw new Error(`server ended early: ${program.log().trim().slice(-500)}`)
    if (performance.now() > giveUpAtMs)
      throw new Error(`server does not answer: ${program.log().slice(-500)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
