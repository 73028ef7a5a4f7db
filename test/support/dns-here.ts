import { runCli } from '../../src/cli/run.ts'
import { askUdp } from './dns-exchange.ts'
import { queryBytes, type QueryShape } from './dns-query.ts'
import { replyOf, type Reply } from './dns-reply.ts'
import { Pulse } from './pulse.ts'

/** `waypost dns` in this process, on a free port of loopback. */
export interface DnsHere {
  readonly port: number
  ask(shape: QueryShape | string): Promise<Reply>
  /** Ask until the answer is as wanted. @throws what the last look threw */
  untilAnswers(ask: string, answer: readonly string[]): Promise<void>
  /** Ask until a response code comes. @throws what the last look threw */
  untilRcode(ask: string, rcode: string): Promise<void>
  /** As a signal would. @returns the exit code */
  end(): Promise<number>
}

/** Start it with these arguments; resolves when it listens. @throws with what it wrote to its error stream */
export async function startDnsHere(argv: readonly string[]): Promise<DnsHere> {
  const signal = new AbortController()
  const ready = Promise.withResolvers<string>()
  const errors: string[] = []
  const running = runCli({
    argv: ['dns', '--listen', '127.0.0.1:0', '--log-level', 'silent', ...argv],
    env: { HOME: '/nonexistent' },
    io: {
      stdout: (line) => {
        if (line.startsWith('ready')) ready.resolve(line)
      },
      stderr: (line) => errors.push(line),
      signal: signal.signal,
    },
  })
  void running.then(() => ready.reject(new Error(errors.join('\n'))))
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await ready.promise)?.[1])
  const ask: DnsHere['ask'] = async (shape) =>
    replyOf(await askUdp(port, queryBytes(typeof shape === 'string' ? { ask: shape } : shape)))
  const until = async (look: () => Promise<void>): Promise<void> => {
    const pulse = new Pulse()
    const beating = setInterval(() => pulse.beat(), 10)
    try {
      await pulse.until(look)
    } finally {
      clearInterval(beating)
    }
  }
  return {
    ...{ port, ask },
    untilAnswers: (question, answer) =>
      until(async () => {
        const said = (await ask(question)).answer ?? []
        if (said.join() !== answer.join()) throw new Error(`${question}: ${said.join()}`)
      }),
    untilRcode: (question, rcode) =>
      until(async () => {
        const said = (await ask(question)).rcode
        if (said !== rcode) throw new Error(`${question}: ${said}`)
      }),
    end() {
      signal.abort()
      return running
    },
  }
}
