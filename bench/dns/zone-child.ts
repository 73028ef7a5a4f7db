import { readFileSync } from 'node:fs'
import { tryAddress, type Address } from '../../src/dns/address.ts'
import { parseDomainName, type DomainName } from '../../src/dns/names.ts'
import { TYPE } from '../../src/dns/protocol.ts'
import type { NameChange } from '../../src/dns/records.ts'
import { readZoneFile } from '../../src/dns/zone-file/read-zone-file.ts'
import { startNameserver } from '../../src/nameserver/server.ts'
import { silentLogger, type Logger } from '../../src/telemetry/logger.ts'
import { nowMicros } from '../support/now-micros.ts'

/** The server with its zone writer in our hands: `zone-child.ts ORIGIN FILE IO`, one worker, which only answers. */
export interface ZoneReady {
  readonly port: number
  /** What it warned of at its start. */
  readonly warnings: readonly string[]
  /** What publishing a name took, the zone being read and checked. */
  readonly publishMicrosPerName: number
  readonly storeBytesPerName: number
}

export type ZoneAsked =
  | { readonly kind: 'change'; readonly name: string; readonly address: string }
  /** From now on so many names a second say something else; 0: none. */
  | { readonly kind: 'rate'; readonly perSecond: number }

export type ZoneTold =
  | { readonly kind: 'changed'; readonly atMicros: number }
  /** Answers how many changes there were at the rate before. */
  | { readonly kind: 'rate'; readonly changes: number }

const TICK_MS = 1
const TTL_SECONDS = 30

const origin = parseDomainName(process.argv[2] ?? '')
const file = readZoneFile(readFileSync(process.argv[3] ?? '', 'latin1'), origin)
if (file.kind === 'broken') throw new Error(file.problems[0]?.message)
const { names } = file.zone
const warnings: string[] = []
const logger: Logger = {
  ...silentLogger,
  warn: (fields, message) => void warnings.push(`${message}: ${JSON.stringify(fields)}`),
  child: () => logger,
}
const server = await startNameserver({
  listen: [{ host: '127.0.0.1', port: 0 }],
  workers: 1,
  io: process.argv[4] === 'batch' ? 'batch' : 'dgram',
  reservedBytes: 2 ** 30,
  seed: crypto.getRandomValues(new Uint32Array(2)),
  logger,
})
const { writer } = server
process.once('SIGTERM', () => void server.close().then(() => process.disconnect()))

const changes = [...names].map(
  ([name, sets]) => ({ name, answer: { kind: 'records', sets }, urgent: false }) as const,
)
const begin = nowMicros()
writer.publish(changes)
const publishMicrosPerName = (nowMicros() - begin) / names.size
writer.setState(origin, 'serving')

const changing = [...names]
  .filter(([, sets]) => sets.every(({ type }) => type === TYPE.A))
  .map(([name]) => name)
let timer: NodeJS.Timeout | undefined
let made = 0

process.on('message', (asked: ZoneAsked) => {
  if (asked.kind === 'rate') {
    tell({ kind: 'rate', changes: made })
    changeEverySecond(asked.perSecond)
    return
  }
  const change = addressOf(parseDomainName(asked.name), asked.address)
  const atMicros = nowMicros()
  writer.publish([change])
  tell({ kind: 'changed', atMicros })
})

const usage = writer.usage()
const ready: ZoneReady = {
  port: server.listening[0]?.port ?? 0,
  warnings,
  publishMicrosPerName,
  storeBytesPerName: usage.usedBytes / usage.names,
}
process.send?.(ready)

/** Each change alone, as it becomes known; those that are due when the timer comes late are made up for. */
function changeEverySecond(perSecond: number): void {
  clearInterval(timer)
  made = 0
  if (perSecond === 0) return
  const startMs = performance.now()
  timer = setInterval(() => {
    const due = ((performance.now() - startMs) / 1000) * perSecond
    for (; made < due; made += 1) {
      const name = changing[(made * 7919) % changing.length]! // some name has an address
      writer.publish([addressOf(name, `12.${(made >> 16) & 255}.${(made >> 8) & 255}.${made & 255}`)])
    }
  }, TICK_MS)
}

function addressOf(name: DomainName, address: string): NameChange {
  const a = [tryAddress(address) as Address] // four decimal parts
  return { name, answer: { kind: 'addresses', ttlSeconds: TTL_SECONDS, a, aaaa: [] }, urgent: false }
}

function tell(message: ZoneTold): void {
  process.send?.(message)
}
