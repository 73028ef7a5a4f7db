import { startProgram } from '../support/program.ts'
import type { Subject } from './subject.ts'

const SCRIPT = new URL('../echo.ts', import.meta.url).pathname

/** A bare echo with answers of this size; `tuned`: which sends as our server does. */
export async function startEcho(answerBytes: number, how: 'plain' | 'tuned'): Promise<Subject> {
  const program = startProgram('echo', [
    ...([process.execPath, SCRIPT, '--bytes', String(Math.round(answerBytes))] as const),
    ...(how === 'tuned' ? ['--tuned'] : []),
  ])
  const [, port] = await program.says(/"port":(\d+)/)
  return { program, port: Number(port) }
}
