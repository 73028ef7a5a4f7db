import { answeringLocally } from '../../src/app/answering.ts'
import { startInstance } from '../../src/app/instance.ts'
import type { Answer } from '../../src/dns/records.ts'
import { tokenCredentials } from '../../src/kube/access.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { CONTROL_PLANE_NAMESPACE } from '../../src/sandbox/world/manifests.ts'
import { createLogger } from '../../src/telemetry/pino-logger.ts'
import { nowMicros } from '../support/now-micros.ts'
import type { ServerAccess } from './clusters-child.ts'

export interface ControllerReady {
  readonly dnsPort: number
  /** From the start of its process to names being answered. */
  readonly startMs: number
}

export type ControllerAsked = 'usage' | 'swaps'

/** Names that were swapped in together. */
export interface Swap {
  readonly atMicros: number
  readonly name: string
  readonly addresses: readonly string[]
}

export type ControllerTold =
  | {
      readonly kind: 'usage'
      /** Of all threads, and of the one that decides. */
      readonly cpuMicros: number
      readonly mainCpuMicros: number
      readonly rssBytes: number
    }
  | {
      readonly kind: 'swaps'
      readonly swaps: readonly Swap[]
      /** From a changed fact in its store to the zone store, for each change. */
      readonly storeToZoneMicros: readonly number[]
    }

// The program under measurement, wired as `waypost controller` wires it: `controller-child.ts HOST_ACCESS_AS_JSON`.
const host = JSON.parse(process.argv[2] ?? '') as ServerAccess // written by the bench
const swaps: Swap[] = []
const storeToZoneMicros: number[] = []
let storedAtMicros: number | undefined
const instance = await startInstance({
  host: {
    server: host.url,
    caPem: host.caPem,
    skippedChecks: [],
    credentials: tokenCredentials(host.token),
  },
  namespace: CONTROL_PLANE_NAMESPACE,
  dnsListen: [{ host: '127.0.0.1', port: 0 }],
  dnsWorkers: 1,
  answering: answeringLocally(),
  httpListen: { host: '127.0.0.1', port: 0 },
  routes: [],
  lookup: () => Promise.resolve({ addresses: [], ttlSeconds: 30 }),
  clock: systemClock,
  random: Math.random,
  logger: createLogger({ level: 'error' }),
  published(changes) {
    const atMicros = nowMicros()
    for (const { name, answer } of changes) swaps.push({ atMicros, name, addresses: addressesOf(answer) })
    if (storedAtMicros !== undefined) storeToZoneMicros.push(atMicros - storedAtMicros)
    storedAtMicros = undefined
  },
})
const { stores, serving } = instance.controlPlane
const stored = (): void => void (storedAtMicros ??= nowMicros())
stores.services.onKey(stored)
stores.endpoints.onKey(stored)
await serving

process.on('message', (asked) => tell(answerTo(asked as ControllerAsked))) // the bench sends nothing else
process.once('SIGTERM', () => void instance.stop().finally(() => process.disconnect()))
tell({ dnsPort: instance.nameserver.listening[0]?.port ?? 0, startMs: performance.now() })

function answerTo(asked: ControllerAsked): ControllerTold {
  switch (asked) {
    case 'usage': {
      const { user, system } = process.cpuUsage()
      const main = process.threadCpuUsage()
      return {
        kind: 'usage',
        cpuMicros: user + system,
        mainCpuMicros: main.user + main.system,
        rssBytes: process.memoryUsage.rss(),
      }
    }
    case 'swaps':
      return { kind: 'swaps', swaps: swaps.splice(0), storeToZoneMicros: storeToZoneMicros.splice(0) }
  }
}

function addressesOf(answer: Answer | undefined): readonly string[] {
  return answer?.kind === 'addresses' ? [...answer.a, ...answer.aaaa] : []
}

function tell(message: ControllerReady | ControllerTold): void {
  process.send?.(message)
}
