import type { ChildProcess } from 'node:child_process'

/** Whoever ends a bench (Ctrl-C, a test that had enough) ends its children, too. @returns the function that lets go of it */
export function endsWithUs(child: ChildProcess): () => void {
  const kill = (): void => void child.kill('SIGTERM')
  const exit = (): void => process.exit(1) // runs `kill`
  process.once('exit', kill)
  process.on('SIGTERM', exit).on('SIGINT', exit)
  return () => {
    process.off('exit', kill)
    process.off('SIGTERM', exit).off('SIGINT', exit)
  }
}
