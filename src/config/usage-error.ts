import { AppError } from '../errors.ts'

/** A command line, a variable of the environment or a file that cannot be used: exit code 2. */
export class UsageError extends AppError {
  /** One line for a person: where, what, and what to do. */
  readonly line: string

  constructor(where: string, what: string, cause?: unknown) {
    super('usage is wrong', { code: 'USAGE_INVALID', fields: { where, what }, cause })
    this.line = `${where}: ${what}`
  }
}
