import { isIP } from 'node:net'
import type { FieldProblem } from '../types.ts'

/** `field: Invalid value: value: detail`. */
export function wrong(field: string, value: unknown, detail: string): FieldProblem {
  return { field, kind: 'invalid', detail, value }
}

/** `field: Required value: detail`. */
export function missing(field: string, detail = ''): FieldProblem {
  return { field, kind: 'required', detail }
}

/** `field: Forbidden: detail`. */
export function refused(field: string, detail: string): FieldProblem {
  return { field, kind: 'forbidden', detail }
}

/** `field: Duplicate value: value`. */
export function twice(field: string, value: unknown): FieldProblem {
  return { field, kind: 'duplicate', detail: '', value }
}

/** A port number out of range. */
export function portProblems(field: string, value: unknown): readonly FieldProblem[] {
  const good = typeof value === 'number' && value >= 1 && value <= 65_535
  return good ? [] : [wrong(field, value, 'must be between 1 and 65535, inclusive')]
}

/** Text that is no IP address. */
export function ipProblems(field: string, value: unknown): readonly FieldProblem[] {
  const good = typeof value === 'string' && isIP(value) !== 0 && !value.includes('%')
  return good ? [] : [wrong(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
}

/** Names a port may have: letters, digits and dashes, at most 15, at least one letter. */
export function portNameProblems(field: string, value: string): readonly FieldProblem[] {
  if (
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value) &&
    /[a-z]/.test(value) &&
    value.length <= 15 &&
    !value.includes('--')
  ) {
    return []
  }
  if (value.length > 15) return [wrong(field, value, 'must be no more than 15 characters')]
  return [
    wrong(
      field,
      value,
      'must contain at least one letter (a-z) and only lower case letters, digits and dashes',
    ),
  ]
}

/** `must be greater than or equal to 0`, for numbers that may not be negative. */
export function notNegative(field: string, value: unknown): readonly FieldProblem[] {
  return typeof value === 'number' && value < 0
    ? [wrong(field, value, 'must be greater than or equal to 0')]
    : []
}
