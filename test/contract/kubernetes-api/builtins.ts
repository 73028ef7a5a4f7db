import { expect } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import { itemsOf, metaOf, plain, statusOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { deployment } from './objects.ts'

function causesOf(body: Json): readonly string[] {
  const { causes } = body['details'] as { causes: { field: string; message: string }[] }
  return causes.map((cause) => `${cause.field}: ${cause.message}`).toSorted()
}

/** Defaults and rules of the built-in kinds that this project and its users meet. */
export function builtinContract(test: ContractTest): void {
  test('a Service gets its type, address and target port', async ({ api, core, unique }) => {
    const { code, body } = await api.post(core('services'), {
      metadata: { name: unique('svc') },
      spec: { ports: [{ port: 80 }], selector: { app: 'web' } },
    })
    const spec = body['spec'] as { clusterIP: string }

    expect(code).toBe(201)
    expect(body['spec']).toEqual({
      type: 'ClusterIP',
      clusterIP: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
      clusterIPs: [spec.clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      selector: { app: 'web' },
      sessionAffinity: 'None',
    })
    expect(body['status']).toEqual({ loadBalancer: {} })
  })

  test('Services get different addresses', async ({ api, core, unique }) => {
    const addresses = new Set<unknown>()
    for (let index = 0; index < 3; index += 1) {
      const { body } = await api.post(core('services'), {
        metadata: { name: unique('svc') },
        spec: { ports: [{ port: 80 }] },
      })
      addresses.add((body['spec'] as Json)['clusterIP'])
    }

    expect(addresses.size).toBe(3)
  })

  test('a LoadBalancer Service gets node ports and starts without address', async ({ api, core, unique }) => {
    const { body } = await api.post(core('services'), {
      metadata: { name: unique('svc') },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    })

    expect(body['spec']).toMatchObject({
      allocateLoadBalancerNodePorts: true,
      externalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, nodePort: expect.any(Number) }],
    })
    expect(body['status']).toEqual({ loadBalancer: {} })
  })

  test('an update of a Service keeps its address and node ports', async ({ api, core, unique }) => {
    const name = unique('svc')
    const body = { metadata: { name }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }
    const created = await api.post(core('services'), body)
    const replaced = await api.put(core('services', name), {
      ...body,
      metadata: { name, labels: { a: 'b' } },
    })

    expect(replaced.code).toBe(200)
    expect(replaced.body['spec']).toEqual(created.body['spec'])
  })

  test('the address of a Service does not change', async ({ api, core, unique }) => {
    const name = unique('svc')
    await api.post(core('services'), { metadata: { name }, spec: { ports: [{ port: 80 }] } })
    const reply = await api.patch(core('services', name), {
      spec: { clusterIP: '10.96.255.77', clusterIPs: ['10.96.255.77'] },
    })

    expect(statusOf(reply)).toMatchObject({
      http: 422,
      message: expect.stringContaining('may not change once set'),
    })
  })

  test('a headless Service has no address, an external one no spec for it', async ({ api, core, unique }) => {
    const headless = await api.post(core('services'), {
      metadata: { name: unique('svc') },
      spec: { clusterIP: 'None' },
    })
    const external = await api.post(core('services'), {
      metadata: { name: unique('svc') },
      spec: { type: 'ExternalName', externalName: 'a.example.net' },
    })

    expect(headless.body['spec']).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] })
    expect(external.body['spec']).toEqual({
      type: 'ExternalName',
      externalName: 'a.example.net',
      sessionAffinity: 'None',
    })
  })

  test('a broken Service is told everything at once', async ({ api, core }) => {
    const { body } = await api.post(core('services'), {
      metadata: { name: 'Bad' },
      spec: { ports: [{ port: 0 }, { port: 70_000, protocol: 'MAIL' }] },
    })

    expect(body['code']).toBe(422)
    // Kubernetes 1.34 wants a letter first, and says so.
    const name =
      /^metadata\.name: Invalid value: "Bad": a (lowercase RFC 1123|DNS-1035) label must consist of/
    expect(causesOf(body)).toEqual([
      expect.stringMatching(name),
      'spec.ports[0].name: Required value',
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[1].name: Required value',
      'spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.ports[1].protocol: Unsupported value: "MAIL": supported values: "SCTP", "TCP", "UDP"',
      'spec.ports[1].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ])
  })

  test('a Service needs ports, and its own type', async ({ api, core }) => {
    const noPorts = await api.post(core('services'), { metadata: { name: 'x' }, spec: {} })
    const oddType = await api.post(core('services'), {
      metadata: { name: 'x' },
      spec: { type: 'Odd', ports: [{ port: 80 }] },
    })
    const noName = await api.post(core('services'), {
      metadata: { name: 'x' },
      spec: { type: 'ExternalName' },
    })

    expect(causesOf(noPorts.body)).toEqual(['spec.ports: Required value'])
    expect(causesOf(oddType.body)).toContainEqual(
      'spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    )
    expect(causesOf(noName.body)).toContainEqual(expect.stringContaining('spec.externalName: '))
  })

  test('a Deployment gets its defaults', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const { body } = await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))

    expect(body['spec']).toEqual({
      paused: true,
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'nginx:1',
              imagePullPolicy: 'IfNotPresent',
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
          dnsPolicy: 'ClusterFirst',
          restartPolicy: 'Always',
          schedulerName: 'default-scheduler',
          securityContext: {},
          terminationGracePeriodSeconds: 30,
        },
      },
    })
    expect(body['status']).toEqual({})
  })

  test('a Deployment whose selector misses its pods is refused', async ({ api, inGroup }) => {
    const body = deployment('x', { selector: { matchLabels: { app: 'other' } } })

    expect(statusOf(await api.post(inGroup('apps/v1', 'deployments'), body))).toEqual({
      http: 422,
      message:
        'Deployment.apps "x" is invalid: spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
      reason: 'Invalid',
      details: {
        name: 'x',
        group: 'apps',
        kind: 'Deployment',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: {"app":"x"}: `selector` does not match template `labels`',
            field: 'spec.template.metadata.labels',
          },
        ],
      },
      code: 422,
    })
  })

  test('an empty Deployment is told what it needs', async ({ api, inGroup }) => {
    const { body } = await api.post(inGroup('apps/v1', 'deployments'), {
      metadata: { name: 'x' },
      spec: { replicas: -1 },
    })

    expect(causesOf(body)).toEqual(
      [
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.selector: Required value',
        'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
        'spec.template.spec.containers: Required value',
      ].toSorted(),
    )
  })

  test('the selector of a Deployment does not change', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))
    const patch = {
      spec: { selector: { matchLabels: { app: 'new' } }, template: { metadata: { labels: { app: 'new' } } } },
    }
    const reply = await api.patch(inGroup('apps/v1', 'deployments', name), patch)

    expect(causesOf(reply.body)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"new"}}: field is immutable',
    ])
  })

  test('a Secret stores text as bytes and keeps its type', async ({ api, core, unique }) => {
    const name = unique('sec')
    const created = await api.post(core('secrets'), {
      metadata: { name },
      stringData: { a: 'text' },
      data: { b: 'AA==' },
    })
    const refused = await api.patch(core('secrets', name), { type: 'example.com/other' })
    const broken = await api.post(core('secrets'), { metadata: { name: 'x' }, data: { a: '%' } })

    expect(plain(created.body)).toMatchObject({ type: 'Opaque', data: { a: 'dGV4dA==', b: 'AA==' } })
    expect(created.body).not.toHaveProperty('stringData')
    expect(causesOf(refused.body)).toEqual(['type: Invalid value: "example.com/other": field is immutable'])
    expect(statusOf(broken)).toMatchObject({
      http: 400,
      message: 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
    })
  })

  test('an immutable ConfigMap does not change', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' }, immutable: true })
    const data = await api.patch(core('configmaps', name), { data: { a: '2' } })
    const flag = await api.patch(core('configmaps', name), { immutable: false })
    const label = await api.patch(core('configmaps', name), { metadata: { labels: { a: 'b' } } })

    expect(causesOf(data.body)).toEqual(['data: Forbidden: field is immutable when `immutable` is set'])
    expect(causesOf(flag.body)).toEqual(['immutable: Forbidden: field is immutable when `immutable` is set'])
    expect(label.code).toBe(200)
  })

  test('keys of a ConfigMap are checked', async ({ api, core }) => {
    const { body } = await api.post(core('configmaps'), { metadata: { name: 'x' }, data: { 'a/b': '1' } })

    expect(causesOf(body)).toEqual([
      `data[a/b]: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
    ])
  })

  test('an EndpointSlice gets its defaults', async ({ api, inGroup, unique }) => {
    const { body } = await api.post(inGroup('discovery.k8s.io/v1', 'endpointslices'), {
      metadata: { name: unique('eps') },
      addressType: 'IPv6',
      endpoints: [
        { addresses: ['2001:db8::1'], conditions: { ready: false } },
        { addresses: ['2001:db8::2'] },
      ],
      ports: [{ port: 80 }],
    })

    expect(plain(body)).toMatchObject({
      metadata: { generation: 1 },
      addressType: 'IPv6',
      endpoints: [
        { addresses: ['2001:db8::1'], conditions: { ready: false } },
        { addresses: ['2001:db8::2'], conditions: {} },
      ],
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
    })
  })

  test('an EndpointSlice holds addresses of its own family', async ({ api, inGroup }) => {
    const post = async (body: Json) =>
      (await api.post(inGroup('discovery.k8s.io/v1', 'endpointslices'), { metadata: { name: 'x' }, ...body }))
        .body
    const wrongFamily = await post({ addressType: 'IPv4', endpoints: [{ addresses: ['2001:db8::1'] }] })
    const noType = await post({ endpoints: [] })
    const oddType = await post({ addressType: 'Odd', endpoints: [] })

    expect(causesOf(wrongFamily)).toEqual([
      'endpoints[0].addresses: Invalid value: "2001:db8::1": must be an IPv4 address',
    ])
    expect(causesOf(noType)).toEqual(['addressType: Required value'])
    expect(causesOf(oddType)).toEqual([
      'addressType: Unsupported value: "Odd": supported values: "FQDN", "IPv4", "IPv6"',
    ])
  })

  test('an Endpoints object warns that it is deprecated', async ({ api, core, unique }) => {
    const reply = await api.post(core('endpoints'), {
      metadata: { name: unique('ep') },
      subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }],
    })

    expect(reply.warnings).toEqual([
      'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    ])
    expect(reply.body['subsets']).toEqual([
      { addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80, protocol: 'TCP' }] },
    ])
  })

  test('an event is the same in both of its groups', async ({ api, core, inGroup, unique, namespace }) => {
    const name = unique('ev')
    await api.post(core('events'), {
      metadata: { name },
      involvedObject: { kind: 'Pod', name: 'web', namespace },
      reason: 'Tested',
      message: 'it worked',
      type: 'Normal',
      count: 2,
    })
    const { body } = await api.get(inGroup('events.k8s.io/v1', 'events', name))
    const [listed] = itemsOf(
      await api.get(`${inGroup('events.k8s.io/v1', 'events')}?fieldSelector=metadata.name=${name}`),
    )

    expect(plain(body)).toMatchObject({
      kind: 'Event',
      apiVersion: 'events.k8s.io/v1',
      metadata: { name },
      regarding: { kind: 'Pod', name: 'web', namespace },
      reason: 'Tested',
      note: 'it worked',
      deprecatedCount: 2,
    })
    expect(listed).toMatchObject({ note: 'it worked' })
  })

  test('an event written in the newer group is read in the older', async ({
    api,
    core,
    inGroup,
    unique,
    namespace,
  }) => {
    const name = unique('ev')
    const created = await api.post(inGroup('events.k8s.io/v1', 'events'), {
      metadata: { name },
      regarding: { kind: 'Pod', name: 'web', namespace },
      reason: 'Tested',
      action: 'Test',
      note: 'it worked',
      type: 'Warning',
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/suite',
      reportingInstance: 'one',
    })
    const { body } = await api.get(core('events', name))

    expect(created.code).toBe(201)
    expect(body).toMatchObject({
      apiVersion: 'v1',
      involvedObject: { kind: 'Pod', name: 'web' },
      message: 'it worked',
      reportingComponent: 'example.com/suite',
      reportingInstance: 'one',
      type: 'Warning',
    })
  })

  test('an event lives in the namespace of its object', async ({ api, core }) => {
    const { body } = await api.post(core('events'), {
      metadata: { name: 'x' },
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'elsewhere' },
    })

    expect(causesOf(body)).toEqual([
      'involvedObject.namespace: Invalid value: "elsewhere": does not match event.namespace',
    ])
  })

  test('an Ingress is checked', async ({ api, inGroup }) => {
    const post = async (spec: Json) =>
      (await api.post(inGroup('networking.k8s.io/v1', 'ingresses'), { metadata: { name: 'x' }, spec })).body
    const path = (change: Json) => ({
      rules: [
        {
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'a', port: { number: 80 } } },
                ...change,
              },
            ],
          },
        },
      ],
    })

    expect((await post({}))['message']).toContain('either `defaultBackend` or `rules` must be specified')
    expect(causesOf(await post(path({ pathType: undefined })))).toEqual([
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    ])
    expect(causesOf(await post(path({ path: 'x' })))).toEqual([
      'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
    ])
    expect(causesOf(await post(path({ backend: { service: { name: 'a' } } })))).toEqual([
      'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
    ])
  })

  test('a Lease keeps microseconds', async ({ api, inGroup, unique }) => {
    const renewTime = '2026-01-01T00:00:00.123456Z'
    const { code, body } = await api.post(inGroup('coordination.k8s.io/v1', 'leases'), {
      metadata: { name: unique('lease') },
      spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime },
    })
    const bad = await api.post(inGroup('coordination.k8s.io/v1', 'leases'), {
      metadata: { name: 'x' },
      spec: { renewTime: '2026-01-01' },
    })

    expect(code).toBe(201)
    expect(body['spec']).toEqual({ holderIdentity: 'a', leaseDurationSeconds: 15, renewTime })
    expect(statusOf(bad)).toMatchObject({
      http: 400,
      message: expect.stringContaining('parsing time "2026-01-01"'),
    })
  })

  test('the status of a node comes with it, and is written apart', async ({ api, unique }) => {
    const name = unique('node')
    const created = await api.post('/api/v1/nodes', {
      metadata: { name },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    })
    const ignored = await api.patch(`/api/v1/nodes/${name}`, { status: { phase: 'Odd' } })
    const written = await api.patch(`/api/v1/nodes/${name}/status`, { status: { phase: 'Running' } })
    await api.delete(`/api/v1/nodes/${name}`)

    expect(created.body['status']).toMatchObject({ conditions: [{ type: 'Ready', status: 'True' }] })
    expect(ignored.body['status']).not.toHaveProperty('phase')
    expect(written.body['status']).toMatchObject({
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
    })
  })

  test('role bindings know the API group of their parts', async ({ api, inGroup, unique }) => {
    const { code, body } = await api.post(inGroup('rbac.authorization.k8s.io/v1', 'rolebindings'), {
      metadata: { name: unique('rb') },
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [
        { kind: 'User', name: 'a' },
        { kind: 'ServiceAccount', name: 'b', namespace: 'c' },
      ],
    })

    expect(code).toBe(201)
    expect(body).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [
        { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'a' },
        { kind: 'ServiceAccount', name: 'b', namespace: 'c' },
      ],
    })
    expect(metaOf(body)).not.toHaveProperty('generation')
  })
}
