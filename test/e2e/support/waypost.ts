import { freePort } from './ports.ts'
import { statusOf } from './etcd.ts'
import { startProgram, until, type Program } from './process.ts'

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname

export interface WaypostOptions {
  /** Log and working folder. */
  readonly folder: string
  readonly kubeconfig: string
  /** Where its DNS server listens, on port 53. */
  readonly dnsAddress: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** `waypost controller` as a process of its own, which can be ended and started again at the same addresses. */
export class WaypostController {
  readonly #options: WaypostOptions
  readonly #httpPort: number
  #program: Program | undefined
  #starts = 0

  static async create(options: WaypostOptions): Promise<WaypostController> {
    return new WaypostController(options, await freePort())
  }

  private constructor(options: WaypostOptions, httpPort: number) {
    this.#options = options
    this.#httpPort = httpPort
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#httpPort}`
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error('the controller was not started')
    return this.#program
  }

  /** What the present process has logged. */
  log(): string {
    return this.program.log()
  }

  /** Start it without waiting for anything. */
  launch(): void {
    const { folder, kubeconfig, dnsAddress, args = [], env = {} } = this.#options
    this.#starts += 1
    this.#program = startProgram({
      name: `waypost-${this.#starts}`,
      command: process.execPath,
      folder,
      env,
      args: [
        ...[MAIN, 'controller', '--log-level', 'debug'],
        ...(kubeconfig === '' ? [] : ['--kubeconfig', kubeconfig]),
        ...['--dns-listen', `${dnsAddress}:53`, '--http-listen', `127.0.0.1:${this.#httpPort}`],
        ...args,
      ],
    })
  }

  /** Start it, and wait until it is ready. */
  async start(): Promise<void> {
    this.launch()
    await this.ready()
  }

  /** Wait until /readyz says so. */
  async ready(): Promise<void> {
    await until(async () => {
      if (!this.program.isRunning) throw new Error(`waypost ended: ${this.log().slice(-2_000)}`)
      return (await statusOf(`${this.httpUrl}/readyz`)) === 200 ? true : undefined
    }, 60_000)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#program?.end(signal)
  }
}
