import { expect } from 'vitest'
import type { KubernetesClient } from '../../support/kubernetes-client.ts'
import { itemsOf, metaOf, namesOf, statusOf, versionOf } from './context.ts'
import type { ContractContext, ContractTest } from './context.ts'

/** A few config maps that share a label of their own; the selector finds them alone. */
async function several(
  context: ContractContext,
  count: number,
): Promise<{ readonly names: readonly string[]; readonly run: string }> {
  const run = context.unique('run')
  const names: string[] = []
  for (let index = 0; index < count; index += 1) {
    const name = `${run}-${index}`
    await context.api.post(context.core('configmaps'), {
      metadata: { name, labels: { run, index: String(index) } },
    })
    names.push(name)
  }
  return { names, run }
}

async function refusal(api: KubernetesClient, path: string): Promise<unknown> {
  const { http, message } = statusOf(await api.get(path))
  return [http, message]
}

/** Lists: pages, versions and selectors. */
export function listContract(test: ContractTest): void {
  test('a list has a version and its items in order of their names', async (context) => {
    const { names, run } = await several(context, 3)
    const reply = await context.api.get(`${context.core('configmaps')}?labelSelector=run=${run}`)

    expect(reply.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(versionOf(reply)).toMatch(/^[1-9]\d*$/)
    expect(namesOf(reply)).toEqual(names)
  })

  test('items of built-in lists carry no kind, those of custom resources do', async ({
    api,
    core,
    unique,
    group,
    gadgets,
    gadget,
  }) => {
    await api.post(core('configmaps'), { metadata: { name: unique('cm') } })
    await api.post(gadgets(), gadget(unique('gd'), { color: 'red' }))

    expect(itemsOf(await api.get(core('configmaps')))[0]).not.toHaveProperty('kind')
    expect(itemsOf(await api.get(gadgets()))[0]).toMatchObject({ kind: 'Gadget', apiVersion: `${group}/v1` })
  })

  test('an empty list has no items', async ({ api, core }) => {
    const { body } = await api.get(`${core('configmaps')}?labelSelector=nobody=has-this`)

    expect(body['items']).toEqual([])
  })

  test('all namespaces are listed together', async ({ api, core, unique, namespace }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name, labels: { only: name } } })
    const [item] = itemsOf(await api.get(`/api/v1/configmaps?labelSelector=only=${name}`))

    expect(metaOf(item)).toMatchObject({ name, namespace })
  })

  test('a list comes in pages', async (context) => {
    const { api, core } = context
    const other = context.unique('ns')
    await api.post('/api/v1/namespaces', { metadata: { name: other } })
    const path = `/api/v1/namespaces/${other}/secrets`
    for (const name of ['a', 'b', 'c', 'd', 'e']) await api.post(path, { metadata: { name } })
    const first = await api.get(`${path}?limit=2`)
    const meta = metaOf(first.body)
    const second = await api.get(`${path}?limit=2&continue=${String(meta['continue'])}`)
    const third = await api.get(`${path}?limit=2&continue=${String(metaOf(second.body)['continue'])}`)
    await api.delete(`/api/v1/namespaces/${other}`)

    expect([first, second, third].map(namesOf)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    expect([first, second, third].map((reply) => metaOf(reply.body)['remainingItemCount'])).toEqual([
      3,
      1,
      undefined,
    ])
    expect(metaOf(third.body)['continue'] ?? '').toBe('')
    expect(core('x')).toContain(context.namespace)
  })

  test('pages show one moment, whatever happens between them', async (context) => {
    const { api, core } = context
    const { names, run } = await several(context, 4)
    const path = `${core('configmaps')}?labelSelector=run=${run}&limit=2`
    const first = await api.get(path)
    await api.delete(core('configmaps', names[2]!)) // four were made
    await api.post(core('configmaps'), { metadata: { name: `${run}-99`, labels: { run } } })
    const second = await api.get(`${path}&continue=${String(metaOf(first.body)['continue'])}`)

    expect([...namesOf(first), ...namesOf(second)]).toEqual(names)
    expect(versionOf(second)).toBe(versionOf(first))
  })

  test('a page of a selection does not count what remains', async (context) => {
    const { run } = await several(context, 3)
    const { body } = await context.api.get(`${context.core('configmaps')}?labelSelector=run=${run}&limit=1`)

    expect(metaOf(body)['continue']).toEqual(expect.any(String))
    expect(metaOf(body)).not.toHaveProperty('remainingItemCount')
  })

  test('a continue token of somebody else is 400', async ({ api, core }) => {
    expect(statusOf(await api.get(`${core('configmaps')}?continue=abc`))).toMatchObject({
      http: 400,
      reason: 'BadRequest',
      message: expect.stringContaining('continue key is not valid'),
    })
  })

  test('numbers in a query must be numbers', async ({ api, core }) => {
    expect(await refusal(api, `${core('configmaps')}?limit=many`)).toEqual([
      400,
      'strconv.ParseInt: parsing "many": invalid syntax',
    ])
    expect(await refusal(api, `${core('configmaps')}?resourceVersion=new`)).toEqual([
      400,
      'invalid resource version: resourceVersion: Invalid value: "new": strconv.ParseUint: parsing "new": invalid syntax',
    ])
  })

  test('labels are selected by equality, sets and presence', async (context) => {
    const { names, run } = await several(context, 4)
    const select = async (selector: string) =>
      namesOf(
        await context.api.get(
          `${context.core('configmaps')}?labelSelector=${encodeURIComponent(`run=${run},${selector}`)}`,
        ),
      )

    expect(await select('index=1')).toEqual([names[1]])
    expect(await select('index==1')).toEqual([names[1]])
    expect(await select('index!=1')).toEqual([names[0], names[2], names[3]])
    expect(await select('index in (1,3)')).toEqual([names[1], names[3]])
    expect(await select('index notin (1,3)')).toEqual([names[0], names[2]])
    expect(await select('index')).toEqual(names)
    expect(await select('!index')).toEqual([])
    expect(await select('absent!=x')).toEqual(names)
    expect(await select('index>1')).toEqual([names[2], names[3]])
  })

  test('a label selector that does not parse is 400', async ({ api, core }) => {
    const path = (selector: string) => `${core('configmaps')}?labelSelector=${encodeURIComponent(selector)}`
    const cases: readonly (readonly [string, string])[] = [
      ['a,', "found '', expected: identifier after ','"],
      ['a=b=c', "found '=', expected: ',' or 'end of string'"],
      ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
      ['a in b', "unable to parse requirement: found 'b' expected: '('"],
      ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
      ['=b', "found '=', expected: !, identifier, or 'end of string'"],
      [
        'a>b',
        `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`,
      ],
    ]
    for (const [selector, message] of cases)
      expect(await refusal(api, path(selector))).toEqual([400, message])
  })

  test('fields are selected by name and namespace', async (context) => {
    const { api, core, namespace } = context
    const { names } = await several(context, 2)
    const select = async (path: string, selector: string) =>
      namesOf(await api.get(`${path}?fieldSelector=${encodeURIComponent(selector)}`))

    expect(await select(core('configmaps'), `metadata.name=${names[1]}`)).toEqual([names[1]])
    expect(
      await select('/api/v1/configmaps', `metadata.name=${names[0]},metadata.namespace=${namespace}`),
    ).toEqual([names[0]])
    expect(await select(core('configmaps'), `metadata.name!=${names[0]}`)).not.toContain(names[0])
    expect(
      await select('/api/v1/configmaps', `metadata.name=${names[0]},metadata.namespace=elsewhere`),
    ).toEqual([])
  })

  test('other fields are selected where the kind has them', async ({ api, core, unique }) => {
    const name = unique('sec')
    await api.post(core('secrets'), { metadata: { name }, type: 'example.com/odd' })

    expect(namesOf(await api.get(`${core('secrets')}?fieldSelector=type=example.com/odd`))).toContain(name)
  })

  test('a field that cannot be selected is 400', async ({ api, core, gadgets }) => {
    expect(await refusal(api, `${core('services')}?fieldSelector=spec.nope=a`)).toEqual([
      400,
      'field label not supported: spec.nope',
    ])
    expect(await refusal(api, `${core('configmaps')}?fieldSelector=nonsense`)).toEqual([
      400,
      "invalid selector: 'nonsense'; can't understand 'nonsense'",
    ])
    expect(await refusal(api, `${gadgets()}?fieldSelector=spec.color=a`)).toEqual([
      400,
      'field label not supported: spec.color',
    ])
  })

  test('resourceVersion=0 takes whatever is there', async (context) => {
    const { names, run } = await several(context, 1)

    expect(
      namesOf(
        await context.api.get(`${context.core('configmaps')}?resourceVersion=0&labelSelector=run=${run}`),
      ),
    ).toEqual(names)
  })

  test('an exact version shows what was then', async (context) => {
    const { api, core } = context
    const { names, run } = await several(context, 2)
    const path = `${core('configmaps')}?labelSelector=run=${run}`
    const then = versionOf(await api.get(path))
    await api.delete(core('configmaps', names[0]!)) // two were made
    await api.patch(core('configmaps', names[1]!), { data: { late: 'yes' } })
    const reply = await api.get(`${path}&resourceVersion=${then}&resourceVersionMatch=Exact`)

    expect(namesOf(reply)).toEqual(names)
    expect(versionOf(reply)).toBe(then)
    expect(itemsOf(reply)[1]).not.toHaveProperty('data')
  })

  test('a version not older than is served by a newer one', async (context) => {
    const { api, core } = context
    const { run } = await several(context, 1)
    const path = `${core('configmaps')}?labelSelector=run=${run}`
    const then = versionOf(await api.get(path))
    await api.post(core('configmaps'), { metadata: { name: `${run}-later`, labels: { run } } })
    const reply = await api.get(`${path}&resourceVersion=${then}&resourceVersionMatch=NotOlderThan`)

    expect(Number(versionOf(reply))).toBeGreaterThanOrEqual(Number(then))
  })

  test('a version from the future is 504 ResourceVersionTooLarge', async ({ api, core }) => {
    const { http, reason, message, details, code } = statusOf(
      await api.get(`${core('configmaps')}?resourceVersion=999999999`),
    )

    expect({ http, reason, details, code }).toEqual({
      http: 504,
      reason: 'Timeout',
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
      code: 504,
    })
    expect(message).toMatch(/^Timeout: Too large resource version: 999999999, current: \d+$/)
  })

  test('list options that contradict each other are 422', async ({ api, core }) => {
    const prefix = 'ListOptions.meta.k8s.io "" is invalid: '
    const cases: readonly (readonly [string, string])[] = [
      [
        'resourceVersionMatch=Exact',
        'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      ],
      [
        'resourceVersion=0&resourceVersionMatch=Exact',
        'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ],
      ['sendInitialEvents=true', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
      [
        'watch=1&sendInitialEvents=true',
        'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ],
      [
        'watch=1&resourceVersionMatch=NotOlderThan',
        'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ],
    ]
    for (const [query, message] of cases) {
      expect(await refusal(api, `${core('configmaps')}?${query}`)).toEqual([422, prefix + message])
    }
  })

  test('an object that is not there is 404', async ({ api, core, group, gadgets }) => {
    expect(statusOf(await api.get(core('configmaps', 'absent')))).toEqual({
      http: 404,
      message: 'configmaps "absent" not found',
      reason: 'NotFound',
      details: { name: 'absent', kind: 'configmaps' },
      code: 404,
    })
    expect(statusOf(await api.get(gadgets('absent')))).toEqual({
      http: 404,
      message: `gadgets.${group} "absent" not found`,
      reason: 'NotFound',
      details: { name: 'absent', group, kind: 'gadgets' },
      code: 404,
    })
  })
}
