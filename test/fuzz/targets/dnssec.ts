import { answer } from '../../../src/dns/answer/answer.ts'
import type { ZoneSigner } from '../../../src/dns/dnssec/signer.ts'
import { KeyFileError, readZoneKey } from '../../../src/dns/dnssec/key-file.ts'
import { keySets } from '../../../src/dns/dnssec/key-sets.ts'
import { planKeys, type TimedKey } from '../../../src/dns/dnssec/key-times.ts'
import { nextKeyEvents } from '../../../src/dns/dnssec/next-key-event.ts'
import { dsRdata } from '../../../src/dns/dnssec/ds.ts'
import { nextName, nextSibling } from '../../../src/dns/dnssec/nsec.ts'
import { rrsigHead, signedLabels } from '../../../src/dns/dnssec/rrsig.ts'
import { canonicalSet } from '../../../src/dns/dnssec/canonical.ts'
import { parseDomainName, wireName } from '../../../src/dns/names.ts'
import { MAX_TCP_BYTES, MAX_UDP_BYTES, TYPE } from '../../../src/dns/protocol.ts'
import { decodeMessage } from '../../../src/dns/wire/decode.ts'
import { foldName, nameKey } from '../../../src/dns/wire/name.ts'
import { askedOver } from '../../support/dns-asker.ts'
import { changesOf } from '../../support/dns-lines.ts'
import { MapView } from '../../support/dns-map-view.ts'
import { packet } from '../packets.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'
import { ORIGINS, ZONE_LINES } from '../zones.ts'

const SIGNED_ORIGINS = ['fed.test', 'other.test'].map((origin) => wireName(parseDomainName(origin)))
const ORIGIN = SIGNED_ORIGINS[0]!
const SIGNED = new Set(SIGNED_ORIGINS.map(nameKey))
const KEY =
  'fed.test. IN DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==\n'
const SECRET =
  'Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=\nPublish: 20260101000000\nActivate: 20260201000000\nInactive: 20260301000000\nDelete: 20260401000000\n'

/** Answers with signatures and denials, by a signer that may have none; keys and their times. */
export function dnssecTarget(): FuzzTarget {
  const view = new MapView()
  view.publish(changesOf(ZONE_LINES))
  for (const origin of ORIGINS) view.setState(origin, 'serving')
  let deep = 0
  return {
    name: 'dnssec',
    share: 50,
    deep: () => deep,
    run(random: Random) {
      if (random.once(8)) return keyText(random)
      if (random.once(8)) return keyTimes(random)
      if (random.once(8)) return nextNames(random)
      const octets = packet(random)
      const transport = random.pick(['udp', 'tcp'] as const)
      faultless(octets, () => {
        const response = answer(octets, view, askedOver(transport, { signer: signerFor(random) }))
        if (response === undefined) return
        deep += 1
        const decoded = decodeMessage(response)
        if (decoded.kind === 'malformed') throw new FuzzFault(`malformed (${decoded.error.reason})`, octets)
        if (response.length > (transport === 'udp' ? MAX_UDP_BYTES : MAX_TCP_BYTES))
          throw new FuzzFault(`${response.length} octets`, octets)
      })
    },
  }
}

/** Signs with as many octets as algorithm 13, or not at all. */
function signerFor(random: Random): ZoneSigner {
  return {
    origins: SIGNED_ORIGINS,
    version: 1,
    signs: (origin) => SIGNED.has(nameKey(origin)),
    sign: (request) => {
      if (random.once(20)) return undefined
      request.isMade()
      canonicalSet(request.owner, request.set)
      const head = rrsigHead({
        typeCovered: request.set.type,
        algorithm: 13,
        labels: signedLabels(request.owner),
        originalTtlSeconds: request.set.ttlSeconds,
        inceptionSeconds: 0,
        expirationSeconds: 1,
        keyTag: 1,
        signer: request.zone,
      })
      const rdata = random.many(1 + random.below(2), () => Uint8Array.from([...head, ...new Uint8Array(64)]))
      return { rdata, renewSeconds: 1 }
    },
  }
}

/** What follows a name is behind it, in the order of RFC 4034, 6.1, or the origin: behind all names. */
function nextNames(random: Random): void {
  const labels = random.many(1 + random.below(4), () => {
    const octets = random.octets(random.pick([1, 1, 2, 62, 63]))
    return random.once(3) ? octets.fill(0xff) : octets
  })
  const own = Buffer.concat(labels.map((label) => Buffer.from([label.length, ...label])))
  const name = foldName(Buffer.concat([own.subarray(0), ORIGIN]))
  if (name.length > 255) return
  faultless(name, () => {
    for (const next of [nextName(name, ORIGIN), nextSibling(name, ORIGIN)]) {
      if (next.length > 255) throw new FuzzFault('next name too long', name)
      if (Buffer.compare(next, ORIGIN) !== 0 && !isBehind(next, name))
        throw new FuzzFault('not behind it', name)
    }
  })
}

/** RFC 4034, 6.1: label by label from the root, as octets. */
function isBehind(next: Uint8Array, name: Uint8Array): boolean {
  const [left, right] = [next, name].map((wire) => labelsOf(foldName(wire)).toReversed())
  for (let i = 0; i < Math.min(left!.length, right!.length); i += 1) {
    const order = Buffer.compare(left![i]!, right![i]!)
    if (order !== 0) return order > 0
  }
  return left!.length > right!.length
}

function labelsOf(wire: Uint8Array): readonly Uint8Array[] {
  const labels: Uint8Array[] = []
  for (let at = 0; wire[at] !== 0; at += wire[at]! + 1) labels.push(wire.subarray(at + 1, at + 1 + wire[at]!))
  return labels
}

function keyText(random: Random): void {
  const edit = (text: string): string => {
    if (random.once(3)) return text
    const at = random.below(text.length)
    return (
      text.slice(0, at) +
      random.pick(['', ' ', '\n', ':', '9', 'x', '"', ';', '(']) +
      text.slice(at + random.below(4))
    )
  }
  const texts = [edit(random.once(4) ? KEY.replace('IN', '3600 IN') : KEY), edit(SECRET)] as const
  faultless(texts.join('\u0000'), () => {
    try {
      const key = readZoneKey(...texts)
      const published = keySets(key.zone, { published: [key], synced: [key] })
      if (published.length === 0) throw new FuzzFault('no sets of keys', texts.join('\u0000'))
      dsRdata(wireName(key.zone), key, random.pick([2, 4]))
    } catch (error) {
      if (!(error instanceof KeyFileError)) throw error
    }
  })
}

function keyTimes(random: Random): void {
  const time = (): number | undefined => random.pick([undefined, 0, 10, 20, 30, 40])
  const keys = random.many(random.below(5), (): TimedKey => {
    const set = Object.entries({
      publishSeconds: time(),
      activateSeconds: time(),
      inactiveSeconds: time(),
      deleteSeconds: time(),
      syncPublishSeconds: time(),
      syncDeleteSeconds: time(),
    }).filter(([, seconds]) => seconds !== undefined)
    return {
      flags: random.pick([256, 257]),
      algorithm: random.pick([13, 15]),
      publicKey: random.octets(random.pick([32, 64])),
      times: Object.fromEntries(set),
    }
  })
  faultless(JSON.stringify(keys), () => {
    const nowSeconds = random.below(50)
    const next = nextKeyEvents(keys, nowSeconds)
    if (next !== undefined && (next.atSeconds <= nowSeconds || next.events.length === 0))
      throw new FuzzFault('what comes next has come', JSON.stringify(keys))
    const { keySigners, zoneSigners, published } = planKeys(keys, nowSeconds)
    if ((keySigners.length === 0) !== (zoneSigners.length === 0))
      throw new FuzzFault('half signed', JSON.stringify(keys))
    const sets = keySets(parseDomainName('fed.test'), { published, synced: [] })
    if (published.length > 0 && !sets.some(({ type }) => type === TYPE.DNSKEY))
      throw new FuzzFault('keys not published', JSON.stringify(keys))
  })
}
