import { readFileSync, readdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import { KUBECTL_CASES, startKubectlWorld } from '../support/kubectl-cases.ts'
import type { KubectlCase } from '../support/kubectl-cases.ts'
import { essentialsOf } from '../support/kubectl-recording.ts'
import type { KubectlRecording, RecordedAnswer, RecordedExchange } from '../support/kubectl-recording.ts'
import { KubernetesClient } from '../support/kubernetes-client.ts'

const FOLDER = new URL('../golden/kubectl/', import.meta.url)

const running: { readonly server: ApiServer; readonly client: KubernetesClient }[] = []

afterEach(async () => {
  for (const { server, client } of running.splice(0)) {
    await client.close()
    await server.close()
  }
})

function recordingOf(version: string, name: string): KubectlRecording {
  return JSON.parse(readFileSync(new URL(`${version}/${name}.json`, FOLDER), 'utf8')) as KubectlRecording // our own recorder's
}

/** Ask what kubectl asked, in its order, and answer as it was answered. */
async function replay(
  use: KubectlCase,
  exchanges: readonly RecordedExchange[],
): Promise<readonly RecordedAnswer[]> {
  const server = await startKubectlWorld()
  const client = new KubernetesClient(server)
  running.push({ server, client })
  const answers: RecordedAnswer[] = []
  for (const exchange of exchanges) answers.push(await ask(exchange, use, { server, client }))
  return answers
}

async function ask(
  exchange: RecordedExchange,
  use: KubectlCase,
  { server, client }: { readonly server: ApiServer; readonly client: KubernetesClient },
): Promise<RecordedAnswer> {
  if (/[?&]watch=(true|1)/.test(exchange.path)) {
    const lines = exchange.answer.body as readonly unknown[] // of a watch
    const watch = await client.watch(exchange.path, exchange.accept)
    for (const act of use.during ?? []) act(server.objects)
    const text = (await watch.take(lines.length)).map((line) => `${JSON.stringify(line)}\n`).join('')
    watch.close()
    return {
      code: watch.code,
      contentType: exchange.answer.contentType,
      body: essentialsOf(text, exchange.answer.contentType),
    }
  }
  const body = exchange.bodyBase64 === undefined ? exchange.body : Buffer.from(exchange.bodyBase64, 'base64')
  const reply = await client.call(exchange.method, exchange.path, {
    ...(exchange.accept === undefined ? {} : { accept: exchange.accept }),
    ...(exchange.contentType === undefined ? {} : { contentType: exchange.contentType }),
    ...(body === undefined ? {} : { body }),
  })
  const warning = reply.headers['warning']
  return {
    code: reply.code,
    contentType: String(reply.headers['content-type']),
    ...(warning === undefined ? {} : { warnings: [warning].flat() }),
    body: essentialsOf(reply.text, String(reply.headers['content-type'])),
  }
}

/** The oldest kubectl that is supported, and the newest at the time. */
const VERSIONS = ['1.27', '1.36']

describe.each(VERSIONS)(
  'requests of kubectl %s are answered as they were when they were recorded',
  (version) => {
    it.each(KUBECTL_CASES.map((use) => [use.name, use] as const))('%s', async (name, use) => {
      const { exchanges } = recordingOf(version, name)

      const answers = await replay(use, exchanges)

      expect(answers).toEqual(exchanges.map((exchange) => exchange.answer))
    })

    it('every case has a recording, and every recording a case', () => {
      const recorded = readdirSync(new URL(`${version}/`, FOLDER)).map((file) => file.replace(/\.json$/, ''))

      expect(recorded.toSorted()).toEqual(KUBECTL_CASES.map((use) => use.name).toSorted())
    })

    it('every recording is of the command that its case names, by that kubectl', () => {
      const recordings = KUBECTL_CASES.map((use) => recordingOf(version, use.name))

      expect(recordings.map(({ args }) => args)).toEqual(KUBECTL_CASES.map((use) => use.args))
      expect(recordings.filter(({ kubectl }) => !kubectl.startsWith(`v${version}.`))).toEqual([])
    })
  },
)
