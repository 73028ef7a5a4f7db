import { describe, expect, it } from 'vitest'
import { KINDS } from '../../src/api/kinds.ts'
import { createProgram } from '../../src/cli/program.ts'
import { SUBCOMMANDS } from '../../src/cli/run.ts'
import type { Asked } from '../../src/cli/program.ts'
import { readConfig, type ControllerConfig } from '../../src/config/config.ts'
import { readVersion } from '../../src/config/version.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import { apiVersionOf, BUILT_IN_KINDS } from '../../src/sandbox/resources.ts'
import { BUILTIN_RESOURCES } from '../../src/sandbox/apiserver/builtin/resources.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import {
  appliedFiles,
  describeRight,
  manifestFiles,
  manifests,
  manifestText,
  rights,
  rulesOf,
  rulesWithout,
  type Right,
  type Side,
} from '../support/deploy-manifests.ts'

const SIDES: readonly Side[] = ['host', 'member']
const all = SIDES.flatMap(manifests)
const allRights = SIDES.flatMap(rights)

describe.each(SIDES)('deploy/manifests/%s', (side) => {
  it('applies every file by its kustomization', () => {
    const files = manifestFiles(side).filter((file) => file !== 'kustomization.yaml')

    expect(appliedFiles(side).toSorted()).toEqual(files)
  })

  it('is taken in this order by an API server that refuses fields it does not know', async () => {
    const server = await startApiServer({ name: side, clock: systemClock })
    try {
      for (const { object } of manifests(side)) {
        const resource = BUILT_IN_KINDS.find(
          (known) => known.kind === object.kind && apiVersionOf(known) === object.apiVersion,
        )
        expect(resource, `${object.apiVersion} ${object.kind}`).toBeDefined()
        expect(() => resource && server.objects.create(resource, object)).not.toThrow()
      }
    } finally {
      await server.close()
    }
  })
})

it.each(
  all.map(({ path, object }) => ({ path, object, name: `${path}: ${object.kind} ${object.metadata.name}` })),
)('$name says what it belongs to', ({ object }) => {
  expect(object.metadata.labels).toMatchObject({
    'app.kubernetes.io/name': 'waypost',
    'app.kubernetes.io/part-of': 'waypost',
  })
})

describe('roles', () => {
  it('grant something at all', () => {
    expect(allRights.length).toBeGreaterThan(30)
  })

  it.each(allRights.map((right) => ({ right, name: `${right.side}: ${describeRight(right)}` })))(
    '$name is a right on what there is',
    ({ right }) => {
      expect(problemOf(right)).toBeUndefined()
    },
  )

  it.each([
    { verb: 'get', group: '', resource: 'servces', want: 'no such resource' },
    { verb: 'get', group: 'apps', resource: 'services', want: 'no such resource' },
    { verb: '*', group: '', resource: 'services', want: 'no such verb' },
    { verb: 'get', group: '', resource: '*', want: 'no such resource' },
    { verb: 'patch', group: '', resource: 'configmaps/status', want: 'no such subresource' },
    { verb: 'list', group: '', resource: 'services/status', want: 'no such verb' },
    { verb: 'get', group: undefined, resource: '/healthz/*', want: 'no such URL' },
    { verb: 'post', group: undefined, resource: '/healthz', want: 'no such verb' },
  ])('$verb $resource of "$group" would be none: $want', ({ want, ...right }) => {
    const full: Right = {
      side: 'host',
      role: 'ClusterRole',
      namespace: undefined,
      objectName: undefined,
      ...right,
    }

    expect(problemOf(full)).toBe(want)
  })

  it('grant nothing twice', () => {
    const names = allRights.map((right) => `${right.side} ${right.role} ${describeRight(right)}`)

    expect(names.length).toBe(new Set(names).size)
  })

  it('change nothing in a member', () => {
    const verbs = rights('member').map(({ verb }) => verb)

    expect(new Set(verbs)).toEqual(new Set(['get', 'list', 'watch']))
  })

  it('give no Secret but those of the control plane', () => {
    const secrets = allRights.filter(({ resource }) => resource === 'secrets')

    expect(secrets.map(({ side, role, namespace }) => ({ side, role, namespace }))).toEqual(
      secrets.map(() => ({ side: 'host', role: 'Role', namespace: 'kube-federation-system' })),
    )
    expect(secrets).not.toEqual([])
  })

  it.each(SIDES)('of the %s are bound to its one ServiceAccount', (side) => {
    const objects = manifests(side).map(({ object }) => object)
    const account = objects.find(({ kind }) => kind === 'ServiceAccount')?.metadata
    const subjects = [{ kind: 'ServiceAccount', name: account?.name, namespace: account?.namespace }]

    const bound = objects
      .filter(({ kind }) => kind.endsWith('Binding'))
      .map(({ metadata, ...binding }) => ({
        namespace: metadata.namespace,
        roleRef: binding['roleRef'],
        subjects: binding['subjects'],
      }))
    const roles = objects
      .filter((object) => rulesOf(object).length > 0)
      .map(({ kind, metadata }) => ({
        namespace: metadata.namespace,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
        subjects,
      }))
    expect(bound).toEqual(roles)
    expect(account).toBeDefined()
  })

  it.each(allRights.map((right) => ({ right, name: `${right.side}: ${describeRight(right)}` })))(
    'without $name grant exactly the others',
    ({ right }) => {
      const rules = manifests(right.side)
        .filter(({ object }) => object.kind === right.role)
        .flatMap(({ object }) => rulesOf(object))

      expect(pairs(rulesWithout(rules, right))).toEqual(
        pairs(rules).filter((pair) => pair !== pairOf(right.group, right.resource, right.verb)),
      )
    },
  )
})

describe('the Deployment', () => {
  const pod = deployment().spec.template
  const [container] = pod.spec.containers

  it('starts a command that is understood, with nothing but a ServiceAccount', () => {
    const config = controllerConfig(
      container.args.map((arg) => arg.replace('$(POD_NAMESPACE)', 'kube-federation-system')),
    )

    expect(config).toMatchObject({
      kubeconfig: [],
      pod: { host: '10.96.0.1', port: '443' },
      kubefedNamespace: 'kube-federation-system',
      dnsListen: [{ host: '0.0.0.0', port: container.ports[0]?.containerPort }],
      httpListen: { host: '0.0.0.0', port: container.ports[2]?.containerPort },
    })
  })

  it('offers DNS over UDP and TCP at a port that needs no privilege, and says where', () => {
    const port = container.ports[0]?.containerPort ?? 0

    expect(
      container.ports.map(({ name, protocol, containerPort }) => [name, protocol, containerPort]),
    ).toEqual([
      ['dns', 'UDP', port],
      ['dns-tcp', 'TCP', port],
      ['http', 'TCP', 8053],
    ])
    expect(port).toBeGreaterThan(1023)
  })

  it('is found by the Service, which asks at 53', () => {
    const service = find('Service') as ServiceShape

    expect(pod.metadata.labels).toMatchObject(service.spec.selector)
    expect(deployment().spec.selector.matchLabels).toEqual(service.spec.selector)
    expect(service.spec.ports.map(({ port, targetPort, protocol }) => [port, targetPort, protocol])).toEqual([
      [53, 'dns', 'UDP'],
      [53, 'dns-tcp', 'TCP'],
    ])
  })

  it('is asked whether it is alive and whether it answers', () => {
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' })
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' })
  })

  it('runs without privileges over a file system that it cannot write', () => {
    expect(pod.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  it('is one controller, as there is no election yet, and of this version', () => {
    expect(deployment().spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
    expect(container.image.split(':').at(-1)).toBe(readVersion())
    expect(manifestText('host/kustomization.yaml')).toContain(`newTag: ${readVersion()}\n`)
  })
})

interface DeploymentShape {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: { readonly securityContext: unknown; readonly containers: readonly [ContainerShape] }
    }
  }
}

interface ContainerShape {
  readonly image: string
  readonly args: readonly string[]
  readonly ports: readonly {
    readonly name: string
    readonly protocol: string
    readonly containerPort: number
  }[]
  readonly livenessProbe: { readonly httpGet: unknown }
  readonly readinessProbe: { readonly httpGet: unknown }
  readonly securityContext: unknown
}

interface ServiceShape {
  readonly spec: {
    readonly selector: Readonly<Record<string, string>>
    readonly ports: readonly {
      readonly port: number
      readonly targetPort: string
      readonly protocol: string
    }[]
  }
}

function find(kind: string): unknown {
  return all.find(({ object }) => object.kind === kind)?.object
}

function deployment(): DeploymentShape {
  return find('Deployment') as DeploymentShape // the fields that are looked at are there, or a test fails
}

/** What the program makes of these arguments inside a Pod. */
function controllerConfig(args: readonly string[]): ControllerConfig {
  let asked: Asked | undefined
  const program = createProgram({
    subcommands: SUBCOMMANDS,
    writeOut: () => {},
    version: '',
    onAsked: (found) => (asked = found),
  })
  program.parse([...args], { from: 'user' })
  expect(asked?.subcommand.name).toBe('controller')
  const env = { HOME: '/nonexistent', KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
  return readConfig('controller', { flags: asked?.flags ?? {}, env })
}

/** Subresources that are granted, and what may be done with them. */
const SUBRESOURCE_VERBS: Readonly<Record<string, readonly string[]>> = {
  status: ['get', 'patch', 'update'],
  finalizers: ['update'],
}
const URLS = ['/healthz', '/livez', '/readyz', '/version']
const OBJECT_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** What is wrong with a right: it names what no API server has. */
function problemOf({ group, resource, verb }: Right): string | undefined {
  if (group === undefined) {
    if (!URLS.includes(resource)) return 'no such URL'
    return verb === 'get' ? undefined : 'no such verb'
  }
  const [plural = '', subresource] = resource.split('/')
  const own = KINDS.some(({ definition }) => definition.group === group && definition.plural === plural)
  const builtin = BUILTIN_RESOURCES.find((known) => known.group === group && known.plural === plural)
  if (!own && builtin === undefined) return 'no such resource'
  if (subresource === undefined) return OBJECT_VERBS.includes(verb) ? undefined : 'no such verb'
  const verbs = SUBRESOURCE_VERBS[subresource]
  const hasStatus = own || builtin?.versions.some(({ status }) => status)
  if (verbs === undefined || (subresource === 'status' && hasStatus !== true)) return 'no such subresource'
  return verbs.includes(verb) ? undefined : 'no such verb'
}

function pairs(rules: ReturnType<typeof rulesOf>): readonly string[] {
  return rules
    .flatMap((rule) => [
      ...(rule.nonResourceURLs ?? []).flatMap((url) =>
        rule.verbs.map((verb) => pairOf(undefined, url, verb)),
      ),
      ...(rule.apiGroups ?? []).flatMap((group) =>
        (rule.resources ?? []).flatMap((resource) => rule.verbs.map((verb) => pairOf(group, resource, verb))),
      ),
    ])
    .toSorted()
}

function pairOf(group: string | undefined, resource: string, verb: string): string {
  return `${group ?? 'URL'} ${resource} ${verb}`
}
