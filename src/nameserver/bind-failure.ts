import type { BindFailure } from './types.ts'

/** Within a worker: a socket could not be bound. */
export class BindError extends Error {
  readonly failure: BindFailure

  constructor(failure: BindFailure) {
    super('cannot bind')
    this.failure = failure
  }
}
