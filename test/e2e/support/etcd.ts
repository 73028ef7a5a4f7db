import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import { findComponent } from '../setup/components.ts'
import { freePort } from './ports.ts'
import { startProgram, until, type Program } from './process.ts'

/** One etcd process over one data folder; the ports stay over restarts. */
export class Etcd {
  readonly url: string
  readonly #folder: string
  readonly #name: string
  readonly #peerUrl: string
  #program: Program | undefined
  #copies = 0

  static async create(folder: string, name: string): Promise<Etcd> {
    const etcd = new Etcd(folder, name, [await freePort(), await freePort()])
    await etcd.start()
    return etcd
  }

  private constructor(folder: string, name: string, [port, peerPort]: readonly [number, number]) {
    this.url = `http://127.0.0.1:${port}`
    this.#peerUrl = `http://127.0.0.1:${peerPort}`
    this.#folder = folder
    this.#name = name
  }

  get #data(): string {
    return join(this.#folder, `${this.#name}-data`)
  }

  async start(): Promise<void> {
    this.#program = startProgram({
      name: this.#name,
      command: findComponent('etcd'),
      folder: this.#folder,
      args: [
        ...['--data-dir', this.#data, '--unsafe-no-fsync', '--log-level', 'warn'],
        // As kubeadm does: without it the bookmarks of idle watches stay away for up to ten minutes.
        ...['--watch-progress-notify-interval', '5s'],
        ...['--listen-client-urls', this.url, '--advertise-client-urls', this.url],
        ...['--listen-peer-urls', this.#peerUrl, '--initial-advertise-peer-urls', this.#peerUrl],
        ...['--initial-cluster', `default=${this.#peerUrl}`],
      ],
    })
    await until(async () => ((await statusOf(`${this.url}/health`)) === 200 ? true : undefined))
  }

  async stop(): Promise<void> {
    await this.#program?.end()
  }

  /** Forget, physically, all versions but the present ones. */
  async compact(): Promise<void> {
    const { header } = await this.#call('/v3/kv/range', { key: Buffer.from('/').toString('base64') })
    await this.#call('/v3/kv/compaction', { revision: header.revision, physical: true })
  }

  /** @returns the folder of a copy of the data, made while the process stands still */
  snapshot(): string {
    this.#copies += 1
    const copy = join(this.#folder, `${this.#name}-copy-${this.#copies}`)
    this.#program?.pause()
    try {
      cpSync(this.#data, copy, { recursive: true })
    } finally {
      this.#program?.resume()
    }
    return copy
  }

  /** Put a copy in place of the data; the process must have ended. */
  replaceData(copy: string): void {
    rmSync(this.#data, { recursive: true })
    mkdirSync(this.#data)
    cpSync(copy, this.#data, { recursive: true })
  }

  async #call(path: string, body: unknown): Promise<{ readonly header: { readonly revision: string } }> {
    const reply = await request(`${this.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
    const text = await reply.body.text()
    if (reply.statusCode !== 200) throw new Error(`etcd ${path}: ${reply.statusCode} ${text}`)
    return JSON.parse(text) as { readonly header: { readonly revision: string } }
  }
}

/** The status of a GET; undefined when nobody answers. */
export async function statusOf(url: string): Promise<number | undefined> {
  try {
    const reply = await request(url, { headersTimeout: 1_000 })
    await reply.body.dump()
    return reply.statusCode
  } catch {
    return undefined
  }
}
