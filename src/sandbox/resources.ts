import type { KubeObject, ResourceId } from '../api/object.ts'
import { BUILTIN_RESOURCES } from './apiserver/builtin/resources.ts'

/** A resource with the kind its objects carry and whether they live in namespaces. */
export interface ResourceKind extends ResourceId {
  readonly kind: string
  readonly namespaced: boolean
}

function resource(apiVersion: string, kind: string, plural: string, namespaced = true): ResourceKind {
  const slash = apiVersion.indexOf('/')
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    plural,
    kind,
    namespaced,
  }
}

export const NAMESPACES = resource('v1', 'Namespace', 'namespaces', false)
export const NODES = resource('v1', 'Node', 'nodes', false)
export const PODS = resource('v1', 'Pod', 'pods')
export const SERVICES = resource('v1', 'Service', 'services')
export const DEPLOYMENTS = resource('apps/v1', 'Deployment', 'deployments')
export const REPLICA_SETS = resource('apps/v1', 'ReplicaSet', 'replicasets')
export const INGRESSES = resource('networking.k8s.io/v1', 'Ingress', 'ingresses')
export const ENDPOINT_SLICES = resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices')
export const CUSTOM_RESOURCE_DEFINITIONS = resource(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
)

/** Every kind that a sandbox's API servers know without CustomResourceDefinitions. */
export const BUILT_IN_KINDS: readonly ResourceKind[] = BUILTIN_RESOURCES.flatMap(
  ({ group, plural, kind, namespaced, versions }) =>
    versions.map(({ version }) => ({ group, version, plural, kind, namespaced })),
)

/** `v1`, `apps/v1`. */
export function apiVersionOf(resource: ResourceId): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** The custom kinds that a CustomResourceDefinition serves, one for each version; none when it is no such object. */
export function kindsOfDefinition(definition: KubeObject): readonly ResourceKind[] {
  if (definition.kind !== CUSTOM_RESOURCE_DEFINITIONS.kind) return []
  const spec = definition['spec'] as
    | {
        readonly group?: string
        readonly scope?: string
        readonly names?: { readonly kind?: string; readonly plural?: string }
        readonly versions?: readonly { readonly name?: string; readonly served?: boolean }[]
      }
    | undefined // its shape is the API server's to check; what is missing gives no kind
  const { kind, plural } = spec?.names ?? {}
  if (spec?.group === undefined || kind === undefined || plural === undefined) return []
  return (spec.versions ?? [])
    .filter((version) => version.name !== undefined && version.served !== false)
    .map((version) => resource(`${spec.group}/${version.name}`, kind, plural, spec.scope !== 'Cluster'))
}
