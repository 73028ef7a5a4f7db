import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPeers, servePeers } from '../../src/app/peers.ts'
import { parseDomainName, type DomainName } from '../../src/dns/names.ts'
import type { TsigKey } from '../../src/dns/tsig/keys.ts'
import { checkRequest } from '../../src/dns/tsig/requests.ts'
import { signRequest } from '../../src/dns/tsig/client.ts'
import { bareReply } from '../../src/dns/wire/bare-reply.ts'
import { startNameserver } from '../../src/nameserver/server.ts'
import type { TransferCounts } from '../../src/nameserver/transfer/counts.ts'
import type { ZoneWriter } from '../../src/nameserver/types.ts'
import { silentLogger, type Logger } from '../../src/telemetry/logger.ts'
import { askTcp, askUdp } from '../support/dns-exchange.ts'
import { changesOf } from '../support/dns-lines.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { startApp } from '../support/sandbox-harness.ts'
import { ring } from '../support/tsig-messages.ts'

/** Workers learn of keys a moment after they are read. */
const SOON = { timeout: 5_000, interval: 10 }
const TWO_LOOKS_MS = 4_000
const NAME = 'xfr.' as DomainName // checked by eye
const keyOf = (secret: string): TsigKey => ({
  ...{ name: NAME, algorithm: 'hmac-sha256' },
  secret: Buffer.from(secret),
})
const OLD = keyOf('the secret before')
const NEW = keyOf('the secret after')
const soa = (serial: number): string =>
  `fed.test. 60 IN SOA ns.fed.test. host.fed.test. ${serial} 3600 60 1209600 15`

let folder = ''
const open: (() => unknown)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-tsig-'))
  put(OLD)
})
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
  rmSync(folder, { recursive: true, force: true })
})

const file = (): string => join(folder, 'keys')

function put({ secret }: TsigKey): void {
  const text = Buffer.from(secret).toString('base64')
  writeFileSync(file(), `key "xfr" { algorithm hmac-sha256; secret "${text}"; };\n`)
}

/** What is answered to a question signed so: a response code, or what is wrong with the signature. */
async function said(port: number, ask: string, key: TsigKey): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1_000)
  const { request, verifier } = signRequest(queryBytes({ ask }), key, nowSeconds)
  const checked = verifier.check(await askTcp(port, request), nowSeconds)
  return checked.kind === 'bad' ? checked.reason : replyOf(checked.message).rcode
}

describe('a server whose file of keys changes', () => {
  const clock = new ManualClock()
  let log: string[]

  interface Served {
    readonly port: number
    readonly writer: ZoneWriter
    readonly counts: TransferCounts
  }

  async function serve(notified = 9): Promise<Served> {
    log = []
    const noting = (level: string): Logger['info'] => {
      return ({ component }, message) => component === 'tsig' && log.push(`${level} ${message}`)
    }
    const logger = { ...silentLogger, info: noting('info'), warn: noting('warn') }
    const config = {
      tsigKeys: [file()],
      allowTransfer: [{ key: 'xfr', signs: false }],
      notify: [{ host: '127.0.0.1', port: notified, key: 'xfr' }],
    }
    const peers = readPeers(config, { clock, logger })
    const { transfers, requests } = servePeers(peers, { clock, logger })
    const nameserver = await startNameserver({
      listen: [{ host: '127.0.0.1', port: 0 }],
      ...{ workers: 1, io: 'dgram', reservedBytes: 2 ** 26, seed: Uint32Array.of(1, 2) },
      ...{ requests, logger: silentLogger },
    })
    peers.keys.serve(nameserver)
    open.push(
      () => nameserver.close(),
      () => transfers.close(),
      () => peers.keys.close(),
    )
    const writer = transfers.writer(nameserver.writer)
    publish(writer, 1)
    writer.setState(parseDomainName('fed.test'), 'serving')
    const { counts } = transfers
    return { port: nameserver.listening[0]!.port, writer, counts } // one address was asked for
  }

  function publish(writer: ZoneWriter, serial: number): void {
    writer.publish(changesOf([soa(serial).replace(' IN ', ' '), 'fed.test. 60 NS ns.fed.test.']))
  }

  it('gives the zone to the new secret, and to the old one no more', async () => {
    const { port } = await serve()
    expect(await said(port, 'fed.test AXFR', OLD)).toBe('NOERROR')
    expect(await said(port, 'fed.test AXFR', NEW)).toBe('BADSIG')

    put(NEW)
    clock.advance(TWO_LOOKS_MS)

    await expect.poll(() => said(port, 'fed.test AXFR', NEW), SOON).toBe('NOERROR')
    expect(await said(port, 'fed.test AXFR', OLD)).toBe('BADSIG')
    expect(log).toEqual(['info tsig keys read'])
  })

  it('knows a name no more that the file has not', async () => {
    const spare: TsigKey = { ...OLD, name: 'spare.' as DomainName } // checked by eye
    const text = Buffer.from(OLD.secret).toString('base64')
    writeFileSync(
      file(),
      ['xfr', 'spare'].map((name) => `key ${name} { algorithm hmac-sha256; secret "${text}"; };`).join('\n'),
    )
    const { port } = await serve()
    expect(await said(port, 'fed.test SOA', spare)).toBe('NOERROR')

    put(OLD)
    clock.advance(TWO_LOOKS_MS)

    await expect.poll(() => said(port, 'fed.test SOA', spare), SOON).toBe('BADKEY')
    expect(await said(port, 'fed.test AXFR', OLD)).toBe('NOERROR')
  })

  it('goes on with what it has while the file is broken', async () => {
    const { port } = await serve()

    writeFileSync(file(), 'key "xfr" { algorithm')
    clock.advance(TWO_LOOKS_MS)

    expect(log).toEqual(['warn tsig keys refused, those before go on'])
    expect(await said(port, 'fed.test AXFR', OLD)).toBe('NOERROR')
    put(NEW)
    clock.advance(TWO_LOOKS_MS)
    await expect.poll(() => said(port, 'fed.test AXFR', NEW), SOON).toBe('NOERROR')
  })

  it('signs what it tells secondaries with the new secret', async () => {
    const socket = createSocket('udp4')
    open.push(() => socket.close())
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    /** What came: the serial, and whose signature. */
    const heard: string[] = []
    socket.on('message', (message, from) => {
      const nowSeconds = Math.floor(clock.nowMs() / 1_000)
      for (const key of [OLD, NEW]) {
        const checked = checkRequest(message, ring(key), nowSeconds)
        if (checked.kind !== 'signed') continue
        const serial = replyOf(checked.message).answer?.[0]?.split(' ')[5]
        heard.push(`${serial} ${key === OLD ? 'old' : 'new'}`)
        socket.send(checked.signer.sign(bareReply(checked.message, 0), nowSeconds), from.port, from.address)
      }
    })
    const { writer, counts } = await serve(socket.address().port)
    clock.advance(0)
    await expect.poll(() => counts.notified, SOON).toBe(1)

    put(NEW)
    clock.advance(TWO_LOOKS_MS)
    publish(writer, 2)
    clock.advance(0)
    await expect.poll(() => counts.notified, SOON).toBe(2)

    expect(heard).toEqual(['1 old', '2 new'])
  })
})

it('a controller takes new keys too', async () => {
  const app = await startApp({
    peers: (deps) => readPeers({ tsigKeys: [file()], allowTransfer: [], notify: [] }, deps),
  })
  open.push(() => app.close())
  const { port } = app.instance.nameserver.listening[0]! // it listens on one address
  expect(await said(port, 'example.com SOA', OLD)).toBe('NOERROR')

  put(NEW)

  await app.untilTime(async () => expect(await said(port, 'example.com SOA', NEW)).toBe('NOERROR'))
  expect(await said(port, 'example.com SOA', OLD)).toBe('BADSIG')
  expect(replyOf(await askUdp(port, queryBytes({ ask: 'example.com SOA' }))).rcode).toBe('NOERROR')
})
