import type { ChildProcess } from 'node:child_process'

const cleanUps = new Set<() => void>()

/** Do this at the latest when this process ends, by a signal or a failure, too. @returns the function that lets go of it */
export function atEnd(cleanUp: () => void): () => void {
  if (cleanUps.size === 0) {
    process.once('exit', runAll)
    process.on('SIGTERM', end).on('SIGINT', end)
  }
  cleanUps.add(cleanUp)
  return () => {
    cleanUps.delete(cleanUp)
    if (cleanUps.size > 0) return
    process.off('exit', runAll)
    process.off('SIGTERM', end).off('SIGINT', end)
  }
}

/** Whoever ends a bench (Ctrl-C, a test that had enough) ends its children, too. @returns the function that lets go of it */
export function endsWithUs(child: ChildProcess): () => void {
  return atEnd(() => void child.kill('SIGTERM'))
}

function end(): void {
  process.exit(1) // runs the rest
}

function runAll(): void {
  for (const cleanUp of cleanUps) cleanUp()
}
