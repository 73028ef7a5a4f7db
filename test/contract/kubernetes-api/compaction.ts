import { expect } from 'vitest'
import { eventually, metaOf, namesOf, statusOf, versionOf } from './context.ts'
import type { ContractContext, ContractTest } from './context.ts'

/** Three objects, the version before a fourth came, and that version forgotten. */
interface Forgotten {
  readonly run: string
  /** Selects them. */
  readonly path: string
  readonly version: string
  /** Where the list of that version goes on. */
  readonly token: string
}

const made = new WeakMap<ContractContext, Promise<Forgotten>>()

/** Once for all tests of a suite: a real server has to be started anew for it. */
function forgotten(context: ContractContext): Promise<Forgotten> {
  const found = made.get(context) ?? forget(context)
  made.set(context, found)
  return found
}

async function forget({ api, core, unique, compact }: ContractContext): Promise<Forgotten> {
  const run = unique('run')
  const path = `${core('configmaps')}?labelSelector=run=${run}`
  const make = (part: string) =>
    api.post(core('configmaps'), { metadata: { name: `${run}-${part}`, labels: { run } } })
  for (const part of ['a', 'b', 'c']) await make(part)
  const page = await api.get(`${path}&limit=1`)
  await make('d')
  await compact()
  await eventually(
    () => api.get(path),
    (reply) => reply.code === 200,
  )
  return { run, path, version: versionOf(page), token: String(metaOf(page.body)['continue']) }
}

/** What is said about versions that the store has forgotten. */
export function compactionContract(test: ContractTest): void {
  test('a watch from a forgotten version ends with an ERROR event of code 410', async (context) => {
    const { path, version } = await forgotten(context)
    const watch = await context.api.watch(`${path}&watch=1&resourceVersion=${version}&timeoutSeconds=10`)

    expect(watch.code).toBe(200)
    expect(await watch.rest()).toEqual([
      {
        type: 'ERROR',
        object: {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: expect.stringMatching(new RegExp(`^too old resource version: ${version} \\(\\d+\\)$`)),
          reason: 'Expired',
          code: 410,
        },
      },
    ])
  })

  test('an exact list of a forgotten version is 410', async (context) => {
    const { path, version } = await forgotten(context)
    const reply = await context.api.get(`${path}&resourceVersion=${version}&resourceVersionMatch=Exact`)

    expect(statusOf(reply)).toEqual({
      http: 410,
      message: 'The resourceVersion for the provided list is too old.',
      reason: 'Expired',
      code: 410,
    })
  })

  test('a forgotten page is 410, with a token for the rest as it is now', async (context) => {
    const { api } = context
    const { path, run, token } = await forgotten(context)
    const refused = await api.get(`${path}&limit=1&continue=${token}`)
    const fresh = String(metaOf(refused.body)['continue'])
    const rest = await api.get(`${path}&continue=${fresh}`)

    expect(statusOf(refused)).toMatchObject({
      http: 410,
      reason: 'Expired',
      message: expect.stringMatching(
        /^The provided continue parameter is too old to display a consistent list result\./,
      ),
    })
    expect(namesOf(rest)).toEqual([`${run}-b`, `${run}-c`, `${run}-d`])
  })

  test('lists without a version, and not older than a forgotten one, are unaffected', async (context) => {
    const { api } = context
    const { path, version } = await forgotten(context)
    const newest = await api.get(path)
    const notOlder = await api.get(`${path}&resourceVersion=${version}&resourceVersionMatch=NotOlderThan`)

    expect([namesOf(newest).length, namesOf(notOlder).length]).toEqual([4, 4])
  })
}
