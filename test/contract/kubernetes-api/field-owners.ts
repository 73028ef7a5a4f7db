import { expect } from 'vitest'
import { metaOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { deployment } from './objects.ts'
import { apply, configMap, fieldsOf, namesOfOwners, ownersOf } from './owners.ts'

/** Who owns what after writes that are no apply. */
export function fieldOwnerContract(test: ContractTest): void {
  test('a create owns what it sets and what is defaulted', async ({ api, core, unique }) => {
    const name = unique('svc')
    const reply = await api.post(`${core('services')}?fieldManager=maker`, {
      metadata: { name, labels: { a: '1' }, finalizers: ['example.com/x'] },
      spec: { ports: [{ port: 80 }], selector: { app: 'x' } },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    })
    await api.patch(core('services', name), { metadata: { finalizers: null } })

    expect(ownersOf(reply)).toEqual([
      {
        by: 'maker Update',
        apiVersion: 'v1',
        timed: true,
        fields: {
          'f:metadata': {
            'f:finalizers': { '.': {}, 'v:"example.com/x"': {} },
            'f:labels': { '.': {}, 'f:a': {} },
          },
          'f:spec': {
            'f:internalTrafficPolicy': {},
            'f:ports': {
              '.': {},
              'k:{"port":80,"protocol":"TCP"}': {
                '.': {},
                'f:port': {},
                'f:protocol': {},
                'f:targetPort': {},
              },
            },
            'f:selector': {},
            'f:sessionAffinity': {},
            'f:type': {},
          },
        },
      },
    ])
  })

  test('lists of a Deployment are owned by their keys', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const reply = await api.post(`${inGroup('apps/v1', 'deployments')}?fieldManager=maker`, {
      ...deployment(name, { paused: true }),
      spec: {
        paused: true,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            tolerations: [{ key: 'x', operator: 'Exists' }],
            containers: [
              {
                name: 'web',
                image: 'nginx:1',
                env: [{ name: 'E', value: '1' }],
                ports: [{ containerPort: 80 }],
              },
            ],
          },
        },
      },
    })

    expect(fieldsOf(reply, 'maker Update')).toEqual({
      'f:spec': {
        'f:paused': {},
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': {
          'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
          'f:type': {},
        },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': {
                '.': {},
                'f:env': { '.': {}, 'k:{"name":"E"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:name': {},
                'f:ports': {
                  '.': {},
                  'k:{"containerPort":80,"protocol":"TCP"}': {
                    '.': {},
                    'f:containerPort': {},
                    'f:protocol': {},
                  },
                },
                'f:resources': {},
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
            'f:tolerations': {},
          },
        },
      },
    })
  })

  test('a custom resource is owned by its schema', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const spec = {
      color: 'red',
      tags: ['x', 'y'],
      weights: { a: 1 },
      port: 80,
      free: { deep: { list: [1, { a: 1 }], none: {} } },
      parts: [{ id: 'p', label: 'l' }],
      template: { apiVersion: 'v1', kind: 'X', metadata: { name: 'n', labels: { q: 'r' } }, spec: { z: 1 } },
    }
    const reply = await api.post(
      `${gadgets()}?fieldManager=maker`,
      gadget(name, spec, { status: { ready: true } }),
    )

    expect(fieldsOf(reply, 'maker Update')).toEqual({
      'f:spec': {
        '.': {},
        'f:color': {},
        'f:free': { '.': {}, 'f:deep': { '.': {}, 'f:list': {}, 'f:none': {} } },
        'f:nested': { '.': {}, 'f:deep': {} },
        'f:parts': { '.': {}, 'k:{"id":"p"}': { '.': {}, 'f:id': {}, 'f:label': {} } },
        'f:port': {},
        'f:size': {},
        'f:tags': { '.': {}, 'v:"x"': {}, 'v:"y"': {} },
        'f:template': {
          '.': {},
          'f:apiVersion': {},
          'f:kind': {},
          'f:metadata': { '.': {}, 'f:labels': { '.': {}, 'f:q': {} }, 'f:name': {} },
          'f:spec': { '.': {}, 'f:z': {} },
        },
        'f:weights': { '.': {}, 'f:a': {} },
      },
    })
  })

  test('a writer without fieldManager goes by the first word of its User-Agent', async (context) => {
    const { api, core, unique } = context
    const [one, two] = [unique('cm'), unique('cm')]
    const named = await api.call('POST', core('configmaps'), {
      body: configMap(one, { a: '1' }),
      userAgent: 'my-tool/v1.2 (linux/amd64) more/words',
    })
    const nameless = await api.call('POST', core('configmaps'), {
      body: configMap(two, { a: '1' }),
      userAgent: '/',
    })

    expect([namesOfOwners(named), namesOfOwners(nameless)]).toEqual([['my-tool Update'], ['unknown Update']])
  })

  test('an update takes what it changes and leaves equal values where they are', async (context) => {
    const { api, core, unique } = context
    const name = unique('cm')
    const path = core('configmaps', name)
    await api.post(`${core('configmaps')}?fieldManager=one`, configMap(name, { a: '1', b: '1', c: '1' }))
    const reply = await api.put(`${path}?fieldManager=two`, configMap(name, { a: '1', b: '2', d: '1' }))

    expect(fieldsOf(reply, 'one Update')).toEqual({ 'f:data': { '.': {}, 'f:a': {} } })
    expect(fieldsOf(reply, 'two Update')).toEqual({ 'f:data': { 'f:b': {}, 'f:d': {} } })
  })

  test('an update takes fields from appliers without asking', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    await apply(api, path, { config: configMap(name, { a: '1', b: '1' }), by: 'one' })
    const reply = await api.patch(`${path}?fieldManager=two`, { data: { a: '2' } })

    expect(fieldsOf(reply, 'one Apply')).toEqual({ 'f:data': { 'f:b': {} } })
    expect(fieldsOf(reply, 'two Update')).toEqual({ 'f:data': { 'f:a': {} } })
  })

  test('a write that changes nothing moves neither times nor versions', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const created = await api.post(`${core('configmaps')}?fieldManager=one`, configMap(name, { a: '1' }))
    const put = await api.put(`${path}?fieldManager=two`, configMap(name, { a: '1' }))
    const patched = await api.patch(`${path}?fieldManager=three`, { data: { a: '1' } })

    expect(put.body).toEqual(created.body)
    expect(patched.body).toEqual(created.body)
  })

  test('writes of the same manager are one entry', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(`${core('configmaps')}?fieldManager=one`, configMap(name, { a: '1' }))
    const reply = await api.patch(`${core('configmaps', name)}?fieldManager=one`, { data: { b: '1' } })

    expect(ownersOf(reply).map(({ by, fields }) => [by, fields])).toEqual([
      ['one Update', { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } }],
    ])
  })

  test('updates and applies of one manager are two entries', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    await api.post(`${core('configmaps')}?fieldManager=one`, configMap(name, { a: '1' }))
    const refused = await apply(api, path, { config: configMap(name, { a: '2' }), by: 'one' })
    const reply = await apply(api, path, { config: configMap(name, { b: '1' }), by: 'one' })

    expect(refused.body['message']).toBe(
      'Apply failed with 1 conflict: conflict with "one" using v1: .data.a',
    )
    expect(namesOfOwners(reply)).toEqual(['one Apply', 'one Update'])
  })

  test('status has owners of its own', async ({ api, core, unique }) => {
    const name = unique('svc')
    await api.post(`${core('services')}?fieldManager=maker`, {
      metadata: { name },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    })
    const reply = await api.patch(`${core('services', name, 'status')}?fieldManager=cloud`, {
      spec: { selector: { not: 'this' } },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    })

    expect(namesOfOwners(reply).toSorted()).toEqual(['cloud Update status', 'maker Update'])
    expect(fieldsOf(reply, 'cloud Update status')).toEqual({
      'f:status': { 'f:loadBalancer': { 'f:ingress': {} } },
    })
  })

  test('the status path of a built-in kind writes labels and annotations too', async (context) => {
    const { api, core, inGroup, unique } = context
    const name = unique('svc')
    await api.post(core('services'), { metadata: { name }, spec: { ports: [{ port: 80 }] } })
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))
    const patch = { metadata: { labels: { a: '1' }, annotations: { b: '2' } } }
    const service = await api.patch(`${core('services', name, 'status')}?fieldManager=cloud`, patch)
    const deployed = await api.patch(
      `${inGroup('apps/v1', 'deployments', name, 'status')}?fieldManager=cloud`,
      patch,
    )

    expect(metaOf(service.body)).toMatchObject({ labels: { a: '1' }, annotations: { b: '2' } })
    expect(metaOf(deployed.body)).toMatchObject({ annotations: { b: '2' } })
    expect(metaOf(deployed.body)).not.toHaveProperty('labels')
    expect(fieldsOf(deployed, 'cloud Update status')).toEqual({
      'f:metadata': { 'f:annotations': { '.': {}, 'f:b': {} } },
    })
  })

  test('a write of scale owns the replicas', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const path = inGroup('apps/v1', 'deployments', name)
    await api.post(
      `${inGroup('apps/v1', 'deployments')}?fieldManager=maker`,
      deployment(name, { paused: true, replicas: 1 }),
    )
    const scaled = await api.patch(`${path}/scale?fieldManager=scaler`, { spec: { replicas: 3 } })
    const seen = await api.get(path)

    expect(metaOf(scaled.body)).not.toHaveProperty('managedFields')
    expect(ownersOf(seen)[0]).toEqual({
      by: 'scaler Update scale',
      apiVersion: 'apps/v1',
      timed: false,
      fields: { 'f:spec': { 'f:replicas': {} } },
    })
    expect(fieldsOf(seen, 'maker Update')).not.toMatchObject({ 'f:spec': { 'f:replicas': {} } })
  })
}
