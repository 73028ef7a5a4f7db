import { describe, expect, it } from 'vitest'
import { COUNTER, CounterRow, createCounters, sumCounters } from '../../../src/nameserver/counters.ts'
import { CELL, WORKER_CELLS, ZONE_CELLS } from '../../../src/nameserver/observe/cells.ts'

/** What was counted, zeros left out. */
function counted(memory: SharedArrayBuffer): Record<string, number> {
  return Object.fromEntries(Object.entries(sumCounters(memory)).filter(([, count]) => count !== 0))
}

describe('counters', () => {
  it('adds the rows of all workers', () => {
    const memory = createCounters(3)

    for (const row of [0, 1, 2]) new CounterRow(memory, row).add(COUNTER.tcp_connections)
    new CounterRow(memory, 2).add(COUNTER.truncated, 5)

    expect(counted(memory)).toEqual({ tcp_connections: 3, truncated: 5 })
  })

  it('adds what is counted by zone, whichever the transport and family', () => {
    const memory = createCounters(2)
    for (const row of [0, 1]) {
      const { cells } = new CounterRow(memory, row)
      for (let zone = 0; zone < WORKER_CELLS; zone += ZONE_CELLS) {
        cells[zone + CELL.types + 18] = 1
        cells[zone + CELL.rcodes + 3] = 1
        cells[zone + CELL.rcodes - 1 + 14] = 2
      }
    }

    const zones = (2 * WORKER_CELLS) / ZONE_CELLS
    expect(counted(memory)).toEqual({
      ...{ queries_udp: zones / 4, queries_tcp: zones / 4, queries_dot: zones / 4, queries_doh: zones / 4 },
      ...{ responses_nxdomain: zones, responses_other: 2 * zones },
    })
  })

  it('has a place of its own for every counter', () => {
    expect(Object.values(COUNTER)).toEqual(Object.keys(COUNTER).map((_, index) => index))
  })
})
