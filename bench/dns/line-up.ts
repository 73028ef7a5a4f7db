import type { Bench } from './bench.ts'
import { reasonOf, type Serving, type StartSubject, type Subject } from './subject.ts'

/** Servers that run side by side, by name, in the order of their start. */
export class LineUp {
  readonly subjects = new Map<string, Subject>()
  readonly #bench: Bench

  constructor(bench: Bench) {
    this.#bench = bench
  }

  add(key: string, subject: Subject): Subject {
    this.subjects.set(key, subject)
    if (subject.version !== undefined) this.#bench.outcome.machine(key, subject.version)
    return subject
  }

  /** Start one, or tell why it is left out. */
  async tryAdd(key: string, start: StartSubject, serving: Serving): Promise<Subject | undefined> {
    try {
      return this.add(key, await start(serving))
    } catch (error) {
      this.#bench.outcome.leftOut(key, reasonOf(error))
      return undefined
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.subjects.values()].map(({ program }) => program.stop()))
  }
}

/** The work's zone, for a server that serves all of it. */
export function servingAll({ work, files }: Bench, label: string): Serving {
  return { work, files, zone: files.zone, label }
}
