import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SOCKET_LIMITS, SocketOutput } from '../../../../../src/nameserver/observe/dnstap/socket-output.ts'
import type { SocketTarget } from '../../../../../src/nameserver/observe/settings.ts'
import {
  controlOctets,
  startReceiver,
  type DnstapReceiver,
  type ReceiverOptions,
} from '../../../../support/dnstap-reader.ts'

const TYPE = 'protobuf:dnstap.Dnstap'
/** A frame with a message of type AUTH_QUERY and nothing else. */
const FRAME = Buffer.of(0, 0, 0, 6, 15 << 3, 1, (14 << 3) | 2, 2, 1 << 3, 1)
const DATA = { type: 1, message: { type: 1 } }
const QUICK = { ...SOCKET_LIMITS, retryMs: 5, maxRetryMs: 20 }
/** For receivers that have no word to say: others may take their time on a busy machine. */
const IMPATIENT = { ...QUICK, handshakeMs: 50, finishMs: 50 }

let folder = ''
const open: { close(): Promise<void> }[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-tap-'))
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  rmSync(folder, { recursive: true })
})

async function receiver(options: ReceiverOptions = {}): Promise<DnstapReceiver> {
  const made = await startReceiver(join(folder, 'tap'), options)
  open.push(made)
  return made
}

/** An output to there, and what it says of itself. */
function output(target: SocketTarget = { kind: 'unix', path: join(folder, 'tap') }, limits = QUICK) {
  const troubles: (string | undefined)[] = []
  let onTrouble = (): void => {}
  const made = new SocketOutput(
    target,
    (reason) => {
      troubles.push(reason)
      onTrouble()
    },
    limits,
  )
  open.push(made)
  return {
    made,
    troubles,
    ready: () =>
      made.isReady ? Promise.resolve() : new Promise<void>((resolve) => (made.onReady = resolve)),
    trouble: () => new Promise<void>((resolve) => (onTrouble = resolve)),
  }
}

describe('SocketOutput', () => {
  it('shakes hands, sends, and takes leave', async () => {
    const { streams } = await receiver()
    const { made, ready, troubles } = output()

    await ready()
    expect(await made.write(Buffer.concat([FRAME, FRAME]))).toBe(true)
    await made.close()

    expect(streams).toEqual([[`READY ${TYPE}`, `START ${TYPE}`, DATA, DATA, 'STOP']])
    expect(troubles).toEqual([])
  })

  it('does so over TCP', async () => {
    const there = await startReceiver(undefined)
    open.push(there)
    const { made, ready } = output({ kind: 'tcp', host: '127.0.0.1', port: there.port })

    await ready()
    await made.write(FRAME)
    await made.close()

    expect(there.streams).toEqual([[`READY ${TYPE}`, `START ${TYPE}`, DATA, 'STOP']])
  })

  it('takes a receiver that accepts without naming a type', async () => {
    const { streams } = await receiver({ accept: controlOctets(1) })
    const { made, ready } = output()

    await ready()
    await made.close()

    expect(streams[0]).toEqual([`READY ${TYPE}`, `START ${TYPE}`, 'STOP'])
  })

  it('says that nobody is there, once, and is ready when somebody is', async () => {
    const { made, troubles, ready, trouble } = output()
    await trouble()
    expect([troubles, made.isReady, await made.write(FRAME)]).toEqual([['ENOENT'], false, false])

    const { streams, until } = await receiver()
    await ready()
    await made.write(FRAME)
    await until(
      () => streams.at(-1)?.includes('READY protobuf:dnstap.Dnstap') === true && streams.at(-1)?.length === 3,
    )

    expect(troubles).toEqual(['ENOENT', undefined])
  })

  it('connects again when it is cut', async () => {
    const { streams, cut, until } = await receiver()
    const { made, ready, trouble, troubles } = output()
    await ready()
    await until(() => streams[0]?.length === 2)

    const lost = trouble()
    cut()
    await lost
    await ready()
    await made.write(FRAME)
    await until(() => streams.at(-1)?.length === 3)

    expect(streams).toEqual([
      [`READY ${TYPE}`, `START ${TYPE}`],
      [`READY ${TYPE}`, `START ${TYPE}`, DATA],
    ])
    expect(troubles.at(-1)).toBe(undefined)
  })

  it.each<{ name: string; accept: Buffer; want: string; limits?: typeof QUICK }>([
    {
      name: 'another content type',
      accept: controlOctets(1, 'protobuf:other'),
      want: 'another content type',
    },
    {
      name: 'no control frame',
      accept: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      want: 'no Frame Streams',
    },
    { name: 'another control frame', accept: controlOctets(2, TYPE), want: 'unexpected control frame' },
    { name: 'silence', accept: Buffer.alloc(0), want: 'no handshake', limits: IMPATIENT },
  ])('gives up a receiver that answers with $name, for a while', async ({ accept, want, limits }) => {
    const { streams, until } = await receiver({ accept })
    const { made, troubles, trouble } = output(undefined, limits)

    await trouble()
    await until(() => streams.length > 1)

    expect([troubles, made.isReady]).toEqual([[want], false])
  })

  it('ends without a receiver that does not say that it has finished', async () => {
    const { streams, until } = await receiver({ finish: false })
    const { made, ready } = output(undefined, { ...QUICK, finishMs: IMPATIENT.finishMs })
    await ready()

    await made.close()
    await until(() => streams[0]?.at(-1) === 'STOP')

    expect(made.isReady).toBe(false)
  })

  it('tells that a chunk was not written when the receiver goes while it waits', async () => {
    const { cut } = await receiver()
    const { made, ready } = output()
    await ready()

    const written = made.write(Buffer.concat(Array.from({ length: 1_000_000 }, () => FRAME)))
    cut()

    expect(await written).toBe(false)
  })
})
