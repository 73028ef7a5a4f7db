import { expect } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import { metaOf, plain, statusOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { deployment } from './objects.ts'

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

/** Replacing objects, preconditions, generation and status. */
export function updateContract(test: ContractTest): void {
  test('a PUT replaces the object and moves its resourceVersion', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), {
      metadata: { name, labels: { a: 'b' } },
      data: { a: '1' },
    })
    const reply = await api.put(core('configmaps', name), { ...created.body, data: { b: '2' } })

    expect(reply.code).toBe(200)
    expect(reply.body['data']).toEqual({ b: '2' })
    expect(Number(versionOf(reply))).toBeGreaterThan(Number(versionOf(created)))
    expect(metaOf(reply.body)).toMatchObject({
      uid: metaOf(created.body)['uid'],
      creationTimestamp: metaOf(created.body)['creationTimestamp'],
    })
  })

  test('a PUT without resourceVersion overwrites, for kinds that allow it', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' } })

    expect((await api.put(core('configmaps', name), { metadata: { name }, data: { a: '2' } })).code).toBe(200)
  })

  test('a PUT with an older resourceVersion is 409 Conflict', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' } })
    await api.put(core('configmaps', name), { ...created.body, data: { a: '2' } })

    expect(statusOf(await api.put(core('configmaps', name), { ...created.body, data: { a: '3' } }))).toEqual({
      http: 409,
      message: `Operation cannot be fulfilled on configmaps "${name}": ${MODIFIED}`,
      reason: 'Conflict',
      details: { name, kind: 'configmaps' },
      code: 409,
    })
  })

  test('a PUT for another uid is 409 Conflict', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(
      statusOf(await api.put(core('configmaps', name), { metadata: { name, uid: 'other' } })),
    ).toMatchObject({
      http: 409,
      reason: 'Conflict',
      message: expect.stringContaining(
        'Precondition failed: UID in precondition: other, UID in object meta: ',
      ),
    })
  })

  test('a PUT of equal content moves nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' } })
    const reply = await api.put(core('configmaps', name), { metadata: { name }, data: { a: '1' } })

    expect(versionOf(reply)).toBe(versionOf(created))
  })

  test('the name in the object must be that of the path', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(statusOf(await api.put(core('configmaps', name), { metadata: { name: 'other' } }))).toMatchObject({
      http: 400,
      message: `the name of the object (other) does not match the name on the URL (${name})`,
    })
    expect(statusOf(await api.put(core('configmaps', name), { metadata: {} }))).toMatchObject({
      http: 400,
      message: `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    })
  })

  test('a PUT of what is not there is 404', async ({ api, core }) => {
    expect(statusOf(await api.put(core('configmaps', 'absent'), { metadata: { name: 'absent' } }))).toEqual({
      http: 404,
      message: 'configmaps "absent" not found',
      reason: 'NotFound',
      details: { name: 'absent', kind: 'configmaps' },
      code: 404,
    })
  })

  test('a PUT creates the few kinds that allow it', async ({ api, core, unique }) => {
    const name = unique('svc')
    const body = { metadata: { name }, spec: { ports: [{ port: 80 }] } }

    expect((await api.put(core('services', name), body)).code).toBe(201)
  })

  test('kinds that forbid it need a resourceVersion to be replaced', async ({ api, inGroup, unique }) => {
    const name = unique('lease')
    await api.post(inGroup('coordination.k8s.io/v1', 'leases'), { metadata: { name } })
    const reply = await api.put(inGroup('coordination.k8s.io/v1', 'leases', name), {
      metadata: { name },
      spec: { holderIdentity: 'x' },
    })

    expect(statusOf(reply)).toMatchObject({
      http: 422,
      reason: 'Invalid',
      message: expect.stringContaining('metadata.resourceVersion: Invalid value: '),
    })
  })

  test('dryRun=All changes nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' } })
    const reply = await api.put(`${core('configmaps', name)}?dryRun=All`, {
      metadata: { name },
      data: { a: '2' },
    })

    expect(reply).toMatchObject({ code: 200, body: { data: { a: '2' } } })
    expect((await api.get(core('configmaps', name))).body['data']).toEqual({ a: '1' })
  })

  test('an update may leave out what the server set, and not change it', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name } })
    const metadata = { name, creationTimestamp: '2020-01-01T00:00:00Z' }
    const reply = await api.put(core('configmaps', name), { metadata, data: { a: '1' } })

    expect(
      reply.code === 422 ||
        metaOf(reply.body)['creationTimestamp'] === metaOf(created.body)['creationTimestamp'],
    ).toBe(true)
  })

  test('generation counts changes of spec only', async ({ api, inGroup, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const created = await api.post(gadgets(), gadget(name, { color: 'red' }))
    const labelled = await api.patch(gadgets(name), { metadata: { labels: { a: 'b' } } })
    const changed = await api.patch(gadgets(name), { spec: { color: 'blue' } })
    const deployed = await api.post(
      inGroup('apps/v1', 'deployments'),
      deployment(unique('dep'), { paused: true }),
    )

    expect([created, labelled, changed, deployed].map((reply) => metaOf(reply.body)['generation'])).toEqual([
      1, 1, 2, 1,
    ])
  })

  test('generation cannot be set by a client', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const reply = await api.patch(gadgets(name), { metadata: { generation: 77 }, spec: { color: 'blue' } })

    expect(metaOf(reply.body)['generation']).toBe(2)
  })

  test('status is not part of the object on its main path', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const created = await api.post(gadgets(), gadget(name, { color: 'red' }, { status: { ready: true } }))
    const changed = await api.patch(gadgets(name), { status: { ready: true } })

    expect(created.body).not.toHaveProperty('status')
    expect(changed.body).not.toHaveProperty('status')
    expect(versionOf(changed)).toBe(versionOf(created))
  })

  test('the status path changes status only, and no generation', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const patch = { spec: { color: 'blue' }, status: { ready: true }, metadata: { labels: { a: 'b' } } }
    const { body } = await api.patch(gadgets(name, 'status'), patch)

    expect(body).toMatchObject({
      spec: { color: 'red' },
      status: { ready: true },
      metadata: { generation: 1 },
    })
    expect(metaOf(body)).not.toHaveProperty('labels')
  })

  test('status is replaced by PUT, with the same preconditions', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const created = await api.post(gadgets(), gadget(name, { color: 'red' }))
    const first = await api.put(gadgets(name, 'status'), { ...created.body, status: { ready: true } })
    const second = await api.put(gadgets(name, 'status'), { ...created.body, status: { ready: false } })

    expect(first).toMatchObject({ code: 200, body: { status: { ready: true } } })
    expect(second.code).toBe(409)
  })

  test('equal status moves nothing', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const first = await api.patch(gadgets(name, 'status'), { status: { ready: true } })
    const second = await api.patch(gadgets(name, 'status'), { status: { ready: true } })

    expect(versionOf(second)).toBe(versionOf(first))
  })

  test('the status of built-in kinds is checked too', async ({ api, core, unique }) => {
    const name = unique('svc')
    await api.post(core('services'), {
      metadata: { name },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    })
    const good = await api.patch(core('services', name, 'status'), {
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    })
    const bad = await api.patch(core('services', name, 'status'), {
      status: { loadBalancer: { ingress: [{ ip: 'nope' }] } },
    })

    expect(good.body['status']).toEqual({ loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } })
    expect(statusOf(bad)).toMatchObject({
      http: 422,
      message: `Service "${name}" is invalid: status.loadBalancer.ingress[0].ip: Invalid value: "nope": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
    })
  })

  test('scale reads and writes the replicas of a deployment', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { replicas: 2, paused: true }))
    const scale = inGroup('apps/v1', 'deployments', name, 'scale')
    const read = await api.get(scale)
    const written = await api.patch(scale, { spec: { replicas: 5 } })

    expect(plain(read.body)).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name },
      spec: { replicas: 2 },
      status: { selector: `app=${name}` },
    })
    expect(written.body['spec']).toEqual({ replicas: 5 })
    expect((await api.get(inGroup('apps/v1', 'deployments', name))).body['spec']).toMatchObject({
      replicas: 5,
    })
  })

  test('a Scale is replaced by PUT, down to nothing', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { replicas: 2, paused: true }))
    const scale = inGroup('apps/v1', 'deployments', name, 'scale')
    const { resourceVersion: _, ...metadata } = metaOf((await api.get(scale)).body)
    const reply = await api.put(scale, { metadata, spec: { replicas: 0 } })

    expect(reply).toMatchObject({ code: 200, body: { spec: {} } })
    expect(((await api.get(inGroup('apps/v1', 'deployments', name))).body['spec'] as Json)['replicas']).toBe(
      0,
    )
  })
}
