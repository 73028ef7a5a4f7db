import { describe, expect, it } from 'vitest'
import { rereadOnHangup } from '../../../src/app/reread-on-hangup.ts'
import { createLogger } from '../../../src/telemetry/pino-logger.ts'

describe('rereadOnHangup', () => {
  it('reads zone files at each SIGHUP, once they are there, and says so', async () => {
    const lines: string[] = []
    const logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } })
    let zoneFiles: { reload(): Promise<void> } | undefined
    let reads = 0
    let hangUp = (): void => {}
    rereadOnHangup({ onHangup: (act) => (hangUp = act) }, () => zoneFiles, logger)

    hangUp()
    expect(reads).toBe(0)
    zoneFiles = { reload: async () => void (reads += 1) }
    hangUp()
    hangUp()
    await Promise.resolve()

    expect(reads).toBe(2)
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'zone files looked at, as SIGHUP asked',
      'zone files looked at, as SIGHUP asked',
    ])
  })
})
