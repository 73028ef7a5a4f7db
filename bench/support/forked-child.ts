import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { pinned } from './commands.ts'
import { endsWithUs } from './ends-with-us.ts'

/** A script of ours in a process of its own. It says `ready` first, and answers each question once, in order. */
export interface ForkedChild<Ready, Asked, Told> {
  readonly ready: Ready
  readonly pid: number
  send(message: Asked): void
  /** Resolves with the next message that fits; what comes meanwhile is dropped unless `onMessage` takes it. */
  next(wants: (message: Told) => boolean): Promise<Told>
  /** @returns the function that ends it */
  onMessage(listener: (message: Told) => void): () => void
  stop(): Promise<void>
}

/**
 * Start a script; its first message is `Ready`. Its output goes to our standard error, so that ours stays JSON.
 * @param cpu - the processor that it shall run on; without: any
 * @throws Error when it ends before it is ready, or while something is waited for
 */
export async function forkChild<Ready, Asked, Told>(
  script: URL,
  args: readonly string[],
  cpu?: string,
): Promise<ForkedChild<Ready, Asked, Told>> {
  const [program, ...before] = cpu === undefined ? [process.execPath] : pinned(cpu, [process.execPath])
  const execArgv = [...before] // what stands between the program and the script
  const child = fork(script, args, { stdio: ['ignore', 2, 2, 'ipc'], execPath: program, execArgv })
  const ended = once(child, 'exit')
  const letGo = endsWithUs(child)
  const listeners = new Set<(message: Told) => void>()
  const [ready] = (await orEnd(child, script, once(child, 'message'))) as [Ready] // our own script's first message
  child.on('message', (message) => {
    for (const listener of listeners) listener(message as Told) // our own script's messages
  })
  return {
    ready,
    pid: child.pid!, // it has spoken
    send: (message) => void child.send(message as object),
    next: (wants) =>
      orEnd(
        child,
        script,
        new Promise((resolve) => {
          const listener = (message: Told): void => {
            if (!wants(message)) return
            listeners.delete(listener)
            resolve(message)
          }
          listeners.add(listener)
        }),
      ),
    onMessage(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      letGo()
    },
  }
}

async function orEnd<T>(child: ChildProcess, script: URL, wanted: Promise<T>): Promise<T> {
  const watch = new AbortController()
  const early = once(child, 'exit', { signal: watch.signal }).then(([code]) => {
    throw new Error(`${script.pathname} ended early, with code ${String(code)}`)
  })
  try {
    return await Promise.race([wanted, early])
  } finally {
    watch.abort()
    early.catch(() => {}) // lost the race
  }
}
