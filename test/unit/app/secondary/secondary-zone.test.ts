import { describe, expect, it } from 'vitest'
import {
  ZoneTransferError,
  type HeldZone,
  type Primary,
  type Refreshed,
} from '../../../../src/app/secondary/refresh.ts'
import { SecondaryZone } from '../../../../src/app/secondary/secondary-zone.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { silentLogger, type LogFields, type Logger } from '../../../../src/telemetry/logger.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { namesOf } from '../../../support/received-transfers.ts'

const origin = parseDomainName('example')
const FIRST: Primary = { host: '192.0.2.1', port: 53 }
const SECOND: Primary = { host: '192.0.2.2', port: 53 }
/** Refresh 60, retry 10, expire 600. */
const lines = (serial: number, times = '60 10 600'): readonly string[] => [
  `example. 60 IN SOA ns1.example. h.example. ${serial} ${times} 15`,
  `www.example. 60 IN A 192.0.2.${serial}`,
]
const whole = (serial: number, times?: string): Refreshed => ({
  kind: 'whole',
  serial,
  names: namesOf(lines(serial, times)),
})
const current = (serial: number): Refreshed => ({ kind: 'current', serial })

/** A secondary whose primaries say what the test says, one answer for each time they are asked. */
function scene(
  options: { readonly primaries?: readonly [Primary, ...Primary[]]; readonly kept?: 'fresh' | 'old' } = {},
) {
  const clock = new ManualClock()
  const startMs = clock.nowMs()
  const log: string[] = []
  const asked: string[] = []
  const answers: (Refreshed | 'fail' | Promise<Refreshed>)[] = []
  const logs: string[] = []
  const keptMs = options.kept === 'old' ? startMs - 601_000 : startMs - 30_000
  const zone = new SecondaryZone({
    origin,
    primaries: options.primaries ?? [FIRST],
    clock,
    random: () => 0,
    logger: collecting(logs),
    ...(options.kept === undefined ? {} : { kept: { names: namesOf(lines(3)), confirmedMs: keptMs } }),
    refresh: async (primary: Primary, { held }: { readonly held?: HeldZone | undefined }) => {
      asked.push(`${(clock.nowMs() - startMs) / 1000} ${primary.host} ${held?.serial ?? 'nothing'}`)
      const answer = answers.shift() ?? 'fail'
      if (answer === 'fail') throw new ZoneTransferError('unreachable')
      return answer
    },
    output: {
      whole: ({ serial, names }) => log.push(`whole ${serial} ${names.size}`),
      changed: ({ serial }, changes) =>
        log.push(`changed ${serial} ${changes.map(({ name }) => name).join()}`),
      state: (state) => log.push(state),
      refreshed: () => log.push('refreshed'),
    },
  })
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve()
  }
  return {
    ...{ zone, log, asked, answers, logs },
    start: async () => {
      zone.start()
      await settle()
    },
    /** Move on second by second. */
    pass: async (seconds: number) => {
      for (let i = 0; i < seconds; i += 1) {
        clock.advance(1_000)
        await settle()
      }
    },
    settle,
  }
}

function collecting(logs: string[]): Logger {
  const note = (level: string) => (fields: LogFields, message: string) => {
    const { host } = fields as { readonly host?: string } // the only field that is looked at
    logs.push([level, message, host].join(' ').trim())
  }
  return {
    ...silentLogger,
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
    child: () => collecting(logs),
  }
}

describe('a zone that was never held', () => {
  it('is asked for at once, and served when it has come', async () => {
    const { log, asked, answers, start } = scene()
    answers.push(whole(1))

    await start()

    expect(asked).toEqual(['0 192.0.2.1 nothing'])
    expect(log).toEqual(['whole 1 2', 'serving'])
  })

  it('is asked for again soon, then less and less often', async () => {
    const { asked, start, pass } = scene()

    await start()
    await pass(70)

    expect(asked.map((line) => Number(line.split(' ')[0]))).toEqual([0, 1, 3, 7, 15, 31, 63])
  })

  it('says so once', async () => {
    const { logs, start, pass } = scene()

    await start()
    await pass(70)

    expect(logs).toEqual(['warn zone could not be brought from its primary 192.0.2.1'])
  })
})

describe('a zone that is held', () => {
  it('is asked for after its refresh time, with what is held', async () => {
    const { log, asked, answers, start, pass } = scene()
    answers.push(whole(1), current(1), current(1))

    await start()
    await pass(120)

    expect(asked).toEqual(['0 192.0.2.1 nothing', '60 192.0.2.1 1', '120 192.0.2.1 1'])
    expect(log).toEqual(['whole 1 2', 'serving', 'refreshed', 'serving', 'refreshed', 'serving'])
  })

  it('takes changes', async () => {
    const { zone, log, answers, start, pass } = scene()
    const changes = [...namesOf(lines(2))].map(([name, sets]) => ({ name, sets }))
    answers.push(whole(1), { kind: 'increment', serial: 2, changes })

    await start()
    await pass(60)

    expect(zone.serial).toBe(2)
    expect(log.slice(2)).toEqual(['changed 2 example.,www.example.', 'serving'])
  })

  it('is tried again after its retry time when that failed', async () => {
    const { asked, answers, start, pass } = scene()
    answers.push(whole(1), 'fail', 'fail', current(1))

    await start()
    await pass(140)

    expect(asked.map((line) => Number(line.split(' ')[0]))).toEqual([0, 60, 70, 80, 140])
  })

  it('expires when no primary was heard of for its expire time, counted from the last that was', async () => {
    const { log, logs, answers, start, pass } = scene()
    answers.push(whole(1), current(1))

    await start()
    await pass(659)
    const before = log.at(-1)
    await pass(1)

    expect([before, log.at(-1)]).toEqual(['serving', 'expired'])
    expect(logs.at(-1)).toBe('error zone expired')
  })

  it('is served again as soon as one says that it is the newest', async () => {
    const { log, answers, start, pass } = scene()
    answers.push(whole(1), ...Array.from({ length: 60 }, () => 'fail' as const), current(1))

    await start()
    await pass(700)

    expect(log).toEqual(['whole 1 2', 'serving', 'expired', 'refreshed', 'serving'])
  })

  it('stays as it is when a transfer fails', async () => {
    const { zone, log, answers, start, pass } = scene()
    answers.push(whole(1), 'fail')

    await start()
    await pass(65)

    expect(zone.serial).toBe(1)
    expect(log).toEqual(['whole 1 2', 'serving'])
  })

  it.each([
    { name: 'none at all', times: '0 0 600', at: [0, 2, 4] },
    { name: 'longer than a timer counts', times: '4294967295 4294967295 4294967295', at: [0] },
  ])('times out of reason are bounded: $name', async ({ times, at }) => {
    const { asked, answers, start, pass } = scene()
    answers.push(whole(1, times), current(1), current(1))

    await start()
    await pass(5)

    expect(asked.map((line) => Number(line.split(' ')[0]))).toEqual(at)
  })
})

describe('several primaries', () => {
  const primaries: readonly [Primary, ...Primary[]] = [FIRST, SECOND]

  it('the next is asked when one fails', async () => {
    const { asked, answers, start } = scene({ primaries })
    answers.push('fail', whole(1))

    await start()

    expect(asked).toEqual(['0 192.0.2.1 nothing', '0 192.0.2.2 nothing'])
  })

  it('the one that answered last is asked first', async () => {
    const { asked, answers, start, pass } = scene({ primaries })
    answers.push('fail', whole(1), 'fail', current(1))

    await start()
    await pass(60)

    expect(asked.slice(2)).toEqual(['60 192.0.2.2 1', '60 192.0.2.1 1'])
  })
})

describe('what was kept', () => {
  it('is served before a primary is asked', async () => {
    const { log, asked, answers, start } = scene({ kept: 'fresh' })
    answers.push(current(3))

    await start()

    expect(log).toEqual(['whole 3 2', 'serving', 'refreshed', 'serving'])
    expect(asked).toEqual(['0 192.0.2.1 3'])
  })

  it('but not when it has expired meanwhile', async () => {
    const { log, start } = scene({ kept: 'old' })

    await start()

    expect(log).toEqual(['whole 3 2', 'expired'])
  })

  it('expires as if there had been no restart', async () => {
    const { log, start, pass } = scene({ kept: 'fresh' })

    await start()
    await pass(570)

    expect(log).toEqual(['whole 3 2', 'serving', 'expired'])
  })
})

describe('a primary that calls', () => {
  it('is asked at once', async () => {
    const { zone, asked, answers, start, pass } = scene()
    answers.push(whole(1), whole(2))
    await start()
    await pass(10)

    zone.called(2)
    await pass(1)

    expect(asked[1]).toBe('10 192.0.2.1 1')
    expect(zone.serial).toBe(2)
  })

  it.each([
    { name: 'what is held', serial: 1, want: 1 },
    { name: 'something older', serial: 0, want: 1 },
    { name: 'nothing of the serial', serial: undefined, want: 2 },
  ])('and names $name', async ({ serial, want }) => {
    const { zone, asked, answers, start, pass } = scene()
    answers.push(whole(1), current(1))
    await start()
    await pass(10)

    zone.called(serial)
    await pass(1)

    expect(asked).toHaveLength(want)
  })

  it('a hundred times is asked once, and once more when it called while it was asked', async () => {
    const { zone, asked, answers, start, pass, settle } = scene()
    const slow = Promise.withResolvers<Refreshed>()
    answers.push(whole(1), slow.promise, whole(3))
    await start()
    await pass(10)

    for (let i = 0; i < 50; i += 1) zone.called(2)
    await pass(1)
    for (let i = 0; i < 50; i += 1) zone.called(3)
    await pass(1)
    const before = asked.length
    slow.resolve(whole(2))
    await settle()
    await pass(1)

    expect([before, asked.length, zone.serial]).toEqual([2, 3, 3])
  })
})

describe('when what may have kept it away has changed', () => {
  it('it is asked for at once where the last look failed', async () => {
    const { zone, asked, answers, start, pass } = scene()
    answers.push(whole(1), 'fail', current(1))
    await start()
    await pass(62)
    zone.retry()
    await pass(1)

    expect(asked.map((line) => line.split(' ')[0])).toEqual(['0', '60', '62'])
  })

  it('it is asked for once more where it is being asked for', async () => {
    const { zone, asked, answers, start, pass, settle } = scene()
    const slow = Promise.withResolvers<Refreshed>()
    answers.push(slow.promise, whole(2))
    await start()
    zone.retry()
    slow.resolve(whole(1))
    await settle()
    await pass(1)

    expect([asked.length, zone.serial]).toEqual([2, 2])
  })

  it('it is left alone where the last look was good', async () => {
    const { zone, asked, answers, start, pass } = scene()
    answers.push(whole(1))
    await start()
    zone.retry()
    await pass(10)

    expect(asked).toHaveLength(1)
  })
})

it('once closed, nothing is asked and nothing said any more', async () => {
  const { zone, log, asked, answers, start, pass, settle } = scene()
  const slow = Promise.withResolvers<Refreshed>()
  answers.push(whole(1), slow.promise)
  await start()
  await pass(60)

  zone.close()
  slow.resolve(whole(2))
  await settle()
  await pass(1_000)

  expect(asked).toHaveLength(2)
  expect(log).toEqual(['whole 1 2', 'serving'])
})
