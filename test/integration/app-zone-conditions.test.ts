import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Condition } from '../../src/api/conditions.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { NO_PEERS } from '../../src/app/peers.ts'
import { fixedKeys } from '../../src/app/tsig-keys.ts'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { PATH } from '../support/demo.ts'
import { askTcp } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { KSK, ZSK, type TestKey } from '../support/dnssec-keys.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'
import { testKey } from '../support/tsig-messages.ts'

const DOMAIN = `${PATH.domains}/myfederation`
const SIGNER = testKey('hmac-sha256', 'signer')
const GONE = 'keys of a signed zone are gone from their folder'
const world = parseWorld({
  clusters: demoClusters(),
  domain: 'signed.test',
  services: [{ namespace: 'mynamespace', name: 'nginx' }],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
})
const keys = mkdtempSync(join(tmpdir(), 'waypost-conditions-'))

let app: App
beforeAll(async () => {
  put(KSK)
  app = await startApp({
    world,
    dnssecKeys: keys,
    peers: {
      ...NO_PEERS,
      keys: fixedKeys([SIGNER]),
      transfer: [
        { prefix: '127.0.0.0/8', signs: false },
        { key: SIGNER.name, signs: true },
      ],
    },
    expectedErrors: [GONE],
  })
})
afterAll(async () => {
  await app.close()
  rmSync(keys, { recursive: true })
})

/** In use since ever. */
function put({ file, publicText, privateText }: TestKey): void {
  writeFileSync(join(keys, `${file}.key`), publicText)
  writeFileSync(
    join(keys, `${file}.private`),
    privateText.replaceAll(/^(Publish|Activate): \d+$/gm, '$1: 20200101000000'),
  )
}

function remove({ file }: TestKey): void {
  for (const ending of ['key', 'private']) rmSync(join(keys, `${file}.${ending}`))
}

/** `<status> <reason>: <message>` of a condition of the Domain. */
async function said(type: string): Promise<string> {
  const { status } = (await app.host.get(DOMAIN)) as { readonly status?: { conditions?: Condition[] } }
  const found = status?.conditions?.find((condition) => condition.type === type)
  return found === undefined ? 'nothing' : `${found.status} ${found.reason}: ${found.message}`
}

function expectSaid(type: string, ...parts: readonly string[]): Promise<void> {
  return app.untilTime(async () => {
    const text = await said(type)
    for (const part of parts) expect(text).toContain(part)
  })
}

/** `<type> <reason>` of events of the Domain. */
async function events(): Promise<readonly string[]> {
  const all = (await app.host.list(PATH.clusterEvents)) as readonly (KubeObject & {
    readonly involvedObject: { readonly kind: string }
    readonly type: string
    readonly reason: string
  })[]
  return all
    .filter(({ involvedObject }) => involvedObject.kind === 'Domain')
    .map(({ type, reason }) => `${type} ${reason}`)
}

async function transfer(): Promise<string | undefined> {
  const port = app.instance.nameserver.listening[0]!.port // it listens on one address
  return replyOf(await askTcp(port, queryBytes({ ask: 'signed.test AXFR' }))).rcode
}

describe('a Domain whose zone is signed here', () => {
  it('says who signs it', async () => {
    await expectSaid('Signed', 'True Signing: ', `13/${KSK.tag}`)
  })

  it('says which peers may not have it, and why', async () => {
    await expectSaid(
      'TransferAllowed',
      'False ZoneSigned: ',
      'refused to 127.0.0.0/8:',
      'goes to key:signer+signs',
    )
  })

  it('has an event of a transfer that was refused, one however often it was', async () => {
    expect([await transfer(), await transfer()]).toEqual(['REFUSED', 'REFUSED'])

    await app.untilTime(async () => expect(await events()).toContain('Warning TransferRefused'))
    expect((await events()).filter((event) => event.endsWith('TransferRefused'))).toHaveLength(1)
  })

  it('says another thing when keys change, though the Domain does not', async () => {
    put(ZSK)

    await expectSaid('Signed', 'True Signing: ', `13/${KSK.tag} (keys) and 13/${ZSK.tag} (all else)`)
  })

  it('stays signed when the files of its keys go, and says what to do', async () => {
    remove(ZSK)
    remove(KSK)

    await expectSaid('Signed', 'True KeysMissing: ', `13/${KSK.tag}`, 'put them back')
    await expectSaid('TransferAllowed', 'False ZoneSigned: ')
    await app.untilTime(async () => expect(await events()).toContain('Warning KeysMissing'))
  })

  it('is signed no more, and may be transferred, in a process that has no keys of it', async () => {
    await app.stopController()
    await app.startController()

    await expectSaid('Signed', 'False NoKeys: ', 'no key of signed.test is in the folder')
    await expectSaid('TransferAllowed', 'True Allowed: ', 'the zone goes to 127.0.0.0/8, key:signer+signs')
    await app.untilTime(async () => expect(await transfer()).toBe('NOERROR'))
  })

  it('is signed again when its keys come back', async () => {
    put(KSK)

    await expectSaid('Signed', 'True Signing: ', `13/${KSK.tag}`)
    await expectSaid('TransferAllowed', 'False ZoneSigned: ')
    expect(await transfer()).toBe('REFUSED')
  })
})
