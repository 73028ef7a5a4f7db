import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newCertificateAuthority } from '../../src/sandbox/certificates.ts'
import type { Bench } from './bench.ts'
import type { Transport } from './generator.ts'
import { LineUp, servingAll } from './line-up.ts'
import { nsd } from './nsd.ts'
import { read, type Reading } from './reading.ts'
import type { Serving, Subject } from './subject.ts'
import { waypost } from './waypost.ts'

const STREAMS: readonly Transport[] = ['tcp', 'dot']

/** TCP and DNS over TLS beside NSD, in pairs: queries a second, and CPU time of a query. */
export async function measureStreams(bench: Bench): Promise<void> {
  const { generator, outcome } = bench
  const over = STREAMS.filter((transport) => generator.transports.includes(transport))
  if (over.length < STREAMS.length) outcome.leftOut('streams', `the ${generator.name} generator has UDP only`)
  if (over.length === 0) return
  const lineUp = new LineUp(bench)
  try {
    const serving = { ...servingAll(bench, 'streams'), tls: await writeCertificate(bench) }
    const ours = lineUp.add('waypost', await waypost('dgram')(serving))
    const theirs = await lineUp.tryAdd('nsd', nsd, serving)
    for (const transport of over)
      await measureStream(bench, transport, { waypost: ours, ...(theirs && { nsd: theirs }) })
  } finally {
    await lineUp.stop()
  }
}

async function writeCertificate({ files }: Bench): Promise<NonNullable<Serving['tls']>> {
  const authority = await newCertificateAuthority('waypost bench', Date.now())
  const { certPem, keyPem } = await authority.issue('localhost')
  const tls = { key: join(files.folder, 'tls.key'), certificate: join(files.folder, 'tls.pem') }
  writeFileSync(tls.key, keyPem)
  writeFileSync(tls.certificate, certPem)
  return tls
}

async function measureStream(
  bench: Bench,
  over: Transport,
  all: Readonly<Record<string, Subject>>,
): Promise<void> {
  const { outcome, sizes } = bench
  const able = Object.entries(all).filter(([, subject]) => over !== 'dot' || subject.tlsPort !== undefined)
  for (const key of Object.keys(all)) {
    if (!able.some(([other]) => other === key)) outcome.leftOut(`${key}_${over}`, 'it does not offer that')
  }
  const rounds = new Map(able.map(([key]) => [key, [] as Reading[]]))
  const look = ([, subject]: readonly [string, Subject]): Promise<Reading> =>
    read(bench, subject, { seconds: sizes.streamSeconds, over, isServer: true })
  for (const each of able) await look(each) // warm
  for (let round = 0; round < sizes.rounds; round += 1) {
    for (const each of round % 2 === 0 ? able : [...able].reverse())
      rounds.get(each[0])!.push(await look(each)) // has one
  }
  for (const [key, readings] of rounds) {
    outcome.figures(
      `${key}_${over}_queries_per_second`,
      readings.map(({ queriesPerSecond }) => queriesPerSecond),
    )
    outcome.figures(
      `${key}_${over}_cpu_micros_per_query`,
      readings.map(({ microsPerQuery }) => microsPerQuery),
    )
  }
  const [ours, theirs] = [rounds.get('waypost'), rounds.get('nsd')]
  if (ours === undefined || theirs === undefined) return
  const ratios = ours.map(({ microsPerQuery }, i) => theirs[i]!.microsPerQuery / microsPerQuery) // pairs
  outcome.ratios(`${over}_vs_nsd`, ratios)
}
