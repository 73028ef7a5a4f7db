import { readFileSync, writeFileSync } from 'node:fs'
import { NO_ENCRYPTION, observeEncryption } from '../../src/app/encryption.ts'
import { observeControlPlane } from '../../src/app/http/observe.ts'
import { observeNameserver } from '../../src/app/http/observe-nameserver.ts'
import { observeTransfers } from '../../src/app/http/observe-transfers.ts'
import { createCounters, sumCounters } from '../../src/nameserver/counters.ts'
import { createMetrics, type MetricInfo } from '../../src/telemetry/metrics.ts'

/** Files of src that make metrics: all of them are called here. */
export const MAKERS = [
  'src/app/encryption.ts',
  'src/app/http/observe-nameserver.ts',
  'src/app/http/observe-transfers.ts',
  'src/app/http/observe.ts',
]

/** Every metric of our own, as a running process has it. */
export function allMetrics(): readonly MetricInfo[] {
  const metrics = createMetrics({ process: false })
  observeControlPlane(metrics, {
    controlPlane: {
      host: { name: 'host', transport: { answers: [] } },
      fleet: { connections: () => [] },
      discovery: { ledger: { size: 0 } },
    },
  })
  observeNameserver(metrics, {
    nameserver: {
      writer: { usage: () => ({ usedBytes: 0 }) },
      counters: () => sumCounters(createCounters(1)),
      zoneCounts: () => [],
    },
    listening: {},
  })
  const certificate = { certPem: '', keyPem: '' } // not looked at
  observeEncryption(metrics, { ...NO_ENCRYPTION, secure: { tls: [], https: [], certificate } })
  observeTransfers(metrics, {
    ...{ whole: 0, changes: 0, current: 0, refused: 0, broken: 0, bytes: 0 },
    ...{ notified: 0, unanswered: 0 },
  })
  return metrics.describe()
}

const BEGIN = '<!-- metrics: made by "node test/support/metrics-document.ts" -->'
const END = '<!-- end of metrics -->'

/** A document with its table of metrics as it must be. */
export function withMetrics(document: string, metrics: readonly MetricInfo[]): string {
  const [before, after] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (before < 0 || after < 0) throw new Error('the document has no place for metrics')
  const rows = metrics.map(({ name, type, labels, help }) => {
    const inBraces = labels.length === 0 ? '' : `{${labels.join(', ')}}`
    return `| \`${name}${inBraces}\` | ${type} | ${help} |`
  })
  const table = ['| metric | type | what |', '|---|---|---|', ...rows].join('\n')
  return `${document.slice(0, before)}${BEGIN}\n${table}\n${document.slice(after)}`
}

if (import.meta.main) {
  const file = new URL('../../docs/observing.md', import.meta.url)
  writeFileSync(file, withMetrics(readFileSync(file, 'utf8'), allMetrics()))
}
