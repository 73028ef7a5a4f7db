import type { Catalogue, Cluster } from '../resource/cluster.ts'
import { apiVersionOf } from '../resource/resource.ts'
import type { ResourceType, ResourceVersion } from '../resource/resource.ts'
import { byVersionPriority } from '../model/versions.ts'
import { discoveryVersionFor } from './accept.ts'
import { methodNotAllowed } from '../model/status.ts'
import { json, text } from './message.ts'
import type { ApiAnswer, ApiRequest } from './message.ts'

/** The release whose API this server speaks. */
const GIT_VERSION = 'v1.36.3'
const SUBRESOURCE_VERBS = ['get', 'patch', 'update']

/** One endpoint of a group version. */
interface Endpoint {
  readonly type: ResourceType
  readonly version: ResourceVersion
}

interface Group {
  readonly name: string
  /** The preferred first. */
  readonly versions: readonly string[]
}

/** Answer what is neither resource nor OpenAPI: discovery, version, health. Undefined: no such path. */
export function answerDiscovery(cluster: Cluster, request: ApiRequest): ApiAnswer | undefined {
  const health = healthAnswer(request)
  if (health !== undefined) return health
  const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path
  const { catalogue } = cluster
  switch (path) {
    case '/version':
      return onlyRead(request, json(200, versionInfo()))
    case '/':
      return json(200, { paths: rootPaths(catalogue) })
    case '/api':
      return aggregated(catalogue, request, true) ?? json(200, coreVersions(request))
    case '/apis':
      return aggregated(catalogue, request, false) ?? json(200, groupList(catalogue))
    default: {
      const answer = answerGroup(catalogue, path)
      return answer === undefined ? undefined : onlyRead(request, answer)
    }
  }
}

function onlyRead(request: ApiRequest, answer: ApiAnswer): ApiAnswer {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed()
  return answer
}

/** What the health of this server is made of. */
const CHECKS = ['ping', 'log', 'etcd']

function healthAnswer(request: ApiRequest): ApiAnswer | undefined {
  const [, name = '', check, ...more] = request.path.split('/')
  if (!['healthz', 'livez', 'readyz'].includes(name) || more.length > 0) return undefined
  if (check !== undefined) return CHECKS.includes(check) ? text(200, 'ok') : undefined
  if (!request.query.has('verbose')) return text(200, 'ok')
  return text(200, `${CHECKS.map((part) => `[+]${part} ok\n`).join('')}${name} check passed\n`)
}

function answerGroup(catalogue: Catalogue, path: string): ApiAnswer | undefined {
  const segments = path.split('/').slice(1)
  const [root = '', first = '', second] = segments
  if (root === 'api' && segments.length === 2) return resourceList(catalogue, '', first)
  if (root !== 'apis' || segments.length > 3) return undefined
  if (second !== undefined) return resourceList(catalogue, first, second)
  const group = groupsOf(catalogue).find((candidate) => candidate.name === first)
  return group === undefined
    ? undefined
    : json(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupInfo(group) })
}

function versionInfo(): unknown {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(GIT_VERSION) ?? []
  return {
    major,
    minor,
    gitVersion: GIT_VERSION,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: `${process.platform}/${process.arch}`,
  }
}

function rootPaths(catalogue: Catalogue): readonly string[] {
  const paths = groupsOf(catalogue).flatMap((group) =>
    group.name === ''
      ? ['/api', ...group.versions.map((version) => `/api/${version}`)]
      : [`/apis/${group.name}`, ...group.versions.map((version) => `/apis/${group.name}/${version}`)],
  )
  return [...paths, '/apis', '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'].toSorted()
}

function coreVersions(request: ApiRequest): unknown {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [
      {
        clientCIDR: '0.0.0.0/0',
        serverAddress: request.header(':authority') ?? request.header('host') ?? '',
      },
    ],
  }
}

function groupList(catalogue: Catalogue): unknown {
  const groups = groupsOf(catalogue).filter((group) => group.name !== '')
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupInfo) }
}

function groupInfo(group: Group): Record<string, unknown> {
  const versions = group.versions.map((version) => ({
    groupVersion: apiVersionOf(group.name, version),
    version,
  }))
  return { name: group.name, versions, preferredVersion: versions[0] }
}

function groupsOf(catalogue: Catalogue): readonly Group[] {
  const groups = new Map<string, Set<string>>()
  for (const type of catalogue.all()) {
    const versions = groups.get(type.group) ?? new Set()
    for (const { version } of type.versions) versions.add(version)
    groups.set(type.group, versions)
  }
  return [...groups].map(([name, versions]) => ({ name, versions: [...versions].sort(byVersionPriority) }))
}

function endpointsOf(catalogue: Catalogue, group: string, version: string): readonly Endpoint[] {
  return catalogue
    .all()
    .filter((type) => type.group === group)
    .flatMap((type) =>
      type.versions
        .filter((served) => served.version === version)
        .map((served) => ({ type, version: served })),
    )
    .toSorted((a, b) => (a.type.plural < b.type.plural ? -1 : 1))
}

function subresourcesOf({
  type,
  version,
}: Endpoint): readonly { readonly name: string; readonly kind: string; readonly verbs: readonly string[] }[] {
  return [
    ...(type.bucket === 'namespaces' ? [{ name: 'finalize', kind: type.kind, verbs: ['update'] }] : []),
    ...(version.scale === undefined ? [] : [{ name: 'scale', kind: 'Scale', verbs: SUBRESOURCE_VERBS }]),
    ...(version.status ? [{ name: 'status', kind: type.kind, verbs: SUBRESOURCE_VERBS }] : []),
  ]
}

function resourceList(catalogue: Catalogue, group: string, version: string): ApiAnswer | undefined {
  const endpoints = endpointsOf(catalogue, group, version)
  if (endpoints.length === 0) return undefined
  const resources = endpoints.flatMap((endpoint) => {
    const { type } = endpoint
    return [
      {
        name: type.plural,
        singularName: type.singular,
        namespaced: type.namespaced,
        kind: type.kind,
        verbs: type.verbs,
        ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
        ...(type.categories.length === 0 ? {} : { categories: type.categories }),
      },
      ...subresourcesOf(endpoint).map((sub) => ({
        name: `${type.plural}/${sub.name}`,
        singularName: '',
        namespaced: type.namespaced,
        ...(sub.kind === 'Scale' ? { group: 'autoscaling', version: 'v1' } : {}),
        kind: sub.kind,
        verbs: sub.verbs,
      })),
    ]
  })
  return json(200, {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(group, version),
    resources,
  })
}

/** The one-document form of discovery, which kubectl asks first; undefined when this client does not take it. */
function aggregated(catalogue: Catalogue, request: ApiRequest, core: boolean): ApiAnswer | undefined {
  const version = discoveryVersionFor(request.header('accept'))
  if (version === undefined) return undefined
  const items = groupsOf(catalogue)
    .filter((group) => (group.name === '') === core)
    .map((group) => ({
      metadata: group.name === '' ? {} : { name: group.name },
      versions: group.versions.map((served) => ({
        version: served,
        resources: endpointsOf(catalogue, group.name, served).map(discoveryEntry),
        freshness: 'Current',
      })),
    }))
  return {
    ...json(200, {
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items,
    }),
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    headers: { vary: 'Accept' },
  }
}

function discoveryEntry(endpoint: Endpoint): unknown {
  const { type, version } = endpoint
  // Kinds of built-in resources are told without group and version, as the real server does: kubectl takes those of the list.
  const responseKind = (kind: string) =>
    kind === 'Scale'
      ? { group: 'autoscaling', version: 'v1', kind }
      : type.builtin
        ? { group: '', version: '', kind }
        : { group: type.group, version: version.version, kind }
  const subresources = subresourcesOf(endpoint).map((sub) => ({
    subresource: sub.name,
    responseKind: responseKind(sub.kind),
    verbs: sub.verbs,
  }))
  return {
    resource: type.plural,
    responseKind: responseKind(type.kind),
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  }
}
