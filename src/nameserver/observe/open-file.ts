import { constants, openSync } from 'node:fs'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants
/** As the flags `a` and `w` of Node; without O_NONBLOCK a pipe that nobody reads would hold the thread, and no signal would end it. */
const APPEND = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK
const READABLE_BY_ALL = 0o666

/**
 * A file to append to, made when absent; a named pipe too, as long as someone reads it.
 * @returns its descriptor @throws the error of the system: ENXIO for a pipe that nobody reads
 */
export function openToAppend(path: string): number {
  return openSync(path, APPEND, READABLE_BY_ALL)
}

/** The same, empty. */
export function openEmpty(path: string): number {
  return openSync(path, APPEND | O_TRUNC, READABLE_BY_ALL)
}
