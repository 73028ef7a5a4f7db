import type { KubeObject } from '../../../api/object.ts'
import type { Column } from '../print/column.ts'
import {
  CONFIGMAP_COLUMNS,
  CREATED_COLUMNS,
  ENDPOINTS_COLUMNS,
  ENDPOINT_SLICE_COLUMNS,
  EVENT_COLUMNS,
  NAMESPACE_COLUMNS,
  NODE_COLUMNS,
  PLAIN_COLUMNS,
  SECRET_COLUMNS,
  SERVICE_COLUMNS,
} from '../print/core.ts'
import {
  BINDING_COLUMNS,
  DEPLOYMENT_COLUMNS,
  INGRESS_CLASS_COLUMNS,
  INGRESS_COLUMNS,
  JOB_COLUMNS,
  LEASE_COLUMNS,
  POD_COLUMNS,
  REPLICASET_COLUMNS,
} from '../print/workloads.ts'
import type { NameRule, ResourceType, Rules } from '../resource/resource.ts'
import { CRD_RULES, defaultCrd } from '../crd/definition.ts'
import {
  CONFIGMAP_RULES,
  ENDPOINTS_RULES,
  ENDPOINT_SLICE_RULES,
  LEASE_RULES,
  NAMESPACE_RULES,
  NODE_RULES,
  SECRET_RULES,
  defaultNamespace,
  defaultEndpointSlice,
  defaultEndpoints,
  defaultNode,
  defaultSecret,
} from './core.ts'
import { EVENT_RULES, NEW_EVENT_RULES, defaultEvent, eventFromStored, eventToStored } from './events.ts'
import { BINDING_RULES, INGRESS_RULES, defaultBinding } from './networking.ts'
import { SERVICE_RULES, defaultService } from './services.ts'
import {
  DEPLOYMENT_RULES,
  JOB_RULES,
  POD_RULES,
  REPLICASET_RULES,
  defaultDeployment,
  defaultJob,
  defaultPod,
  defaultReplicaSet,
} from './workloads.ts'

/** One built-in kind: what differs from the usual. */
export interface BuiltinKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  /** Name of its OpenAPI definition. */
  readonly definition: string
  readonly columns: readonly Column[]
  readonly rules?: Rules
  readonly defaults?: (object: KubeObject) => KubeObject
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly clusterScoped?: true
  readonly status?: true
  readonly scale?: true
  readonly counted?: true
  readonly counts?: readonly ('labels' | 'annotations')[]
  /** Beside what its schema says, what is always written of it. */
  readonly zeros?: Readonly<Record<string, unknown>>
  /** Beside spec, what a write of `/status` leaves as it is. */
  readonly statusKeeps?: readonly (readonly string[])[]
  readonly statusOnCreate?: true
  readonly createOnUpdate?: true
  readonly needsVersion?: true
  readonly deleteAnswer?: ResourceType['deleteAnswer']
  readonly defaultDeletionPolicy?: NonNullable<ResourceType['defaultDeletionPolicy']>
  readonly names?: NameRule
  readonly deprecationWarning?: string
  /** Stored with another resource's objects. */
  readonly storedAs?: {
    readonly bucket: string
    readonly apiVersion: string
    readonly toStored: (object: KubeObject) => KubeObject
    readonly fromStored: (object: KubeObject) => KubeObject
  }
  readonly withoutDeleteCollection?: true
}

const core = (kind: string, plural: string, more: Partial<BuiltinKind>): BuiltinKind => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  definition: `io.k8s.api.core.v1.${kind}`,
  columns: PLAIN_COLUMNS,
  ...more,
})

const inGroup =
  (group: string, path: string) =>
  (kind: string, plural: string, more: Partial<BuiltinKind>): BuiltinKind => ({
    group,
    version: 'v1',
    kind,
    plural,
    definition: `io.k8s.api.${path}.v1.${kind}`,
    columns: PLAIN_COLUMNS,
    ...more,
  })

const apps = inGroup('apps', 'apps')
const networking = inGroup('networking.k8s.io', 'networking')
const rbac = inGroup('rbac.authorization.k8s.io', 'rbac')

const NO_EVENT = {
  ...{ eventTime: null, firstTimestamp: null, lastTimestamp: null, source: {} },
  ...{ reportingComponent: '', reportingInstance: '' },
}

/** The built-in kinds, in the order in which discovery names their groups. */
export const BUILTIN_KINDS: readonly BuiltinKind[] = [
  core('ConfigMap', 'configmaps', { columns: CONFIGMAP_COLUMNS, rules: CONFIGMAP_RULES, shortNames: ['cm'] }),
  core('Endpoints', 'endpoints', {
    columns: ENDPOINTS_COLUMNS,
    rules: ENDPOINTS_RULES,
    defaults: defaultEndpoints,
    shortNames: ['ep'],
    createOnUpdate: true,
    deprecationWarning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  }),
  core('Event', 'events', {
    columns: EVENT_COLUMNS,
    rules: EVENT_RULES,
    defaults: defaultEvent,
    zeros: NO_EVENT,
    shortNames: ['ev'],
    createOnUpdate: true,
    defaultDeletionPolicy: 'none',
  }),
  core('Namespace', 'namespaces', {
    columns: NAMESPACE_COLUMNS,
    rules: NAMESPACE_RULES,
    defaults: defaultNamespace,
    shortNames: ['ns'],
    clusterScoped: true,
    status: true,
    names: 'label',
    withoutDeleteCollection: true,
  }),
  core('Node', 'nodes', {
    columns: NODE_COLUMNS,
    rules: NODE_RULES,
    defaults: defaultNode,
    shortNames: ['no'],
    clusterScoped: true,
    status: true,
    statusOnCreate: true,
  }),
  core('Pod', 'pods', {
    columns: POD_COLUMNS,
    rules: POD_RULES,
    defaults: defaultPod,
    shortNames: ['po'],
    categories: ['all'],
    status: true,
    statusKeeps: [
      ['metadata', 'deletionTimestamp'],
      ['metadata', 'ownerReferences'],
    ],
    counted: true,
    deleteAnswer: 'object',
  }),
  core('Secret', 'secrets', { columns: SECRET_COLUMNS, rules: SECRET_RULES, defaults: defaultSecret }),
  core('ServiceAccount', 'serviceaccounts', { shortNames: ['sa'], deleteAnswer: 'object' }),
  core('Service', 'services', {
    columns: SERVICE_COLUMNS,
    rules: SERVICE_RULES,
    defaults: defaultService,
    shortNames: ['svc'],
    categories: ['all'],
    status: true,
    createOnUpdate: true,
    deleteAnswer: 'object',
    names: 'label',
  }),
  apps('Deployment', 'deployments', {
    columns: DEPLOYMENT_COLUMNS,
    rules: DEPLOYMENT_RULES,
    defaults: defaultDeployment,
    shortNames: ['deploy'],
    categories: ['all'],
    status: true,
    statusKeeps: [['metadata', 'labels']],
    scale: true,
    counted: true,
    counts: ['annotations'],
  }),
  apps('ReplicaSet', 'replicasets', {
    columns: REPLICASET_COLUMNS,
    rules: REPLICASET_RULES,
    defaults: defaultReplicaSet,
    shortNames: ['rs'],
    categories: ['all'],
    status: true,
    scale: true,
    counted: true,
  }),
  inGroup('events.k8s.io', 'events')('Event', 'events', {
    columns: EVENT_COLUMNS,
    rules: NEW_EVENT_RULES,
    shortNames: ['ev'],
    createOnUpdate: true,
    defaultDeletionPolicy: 'none',
    storedAs: {
      bucket: 'events',
      apiVersion: 'v1',
      toStored: (event) => defaultEvent(eventToStored(event)),
      fromStored: eventFromStored,
    },
  }),
  inGroup('batch', 'batch')('Job', 'jobs', {
    columns: JOB_COLUMNS,
    rules: JOB_RULES,
    defaults: defaultJob,
    categories: ['all'],
    status: true,
    counted: true,
    deleteAnswer: 'object',
    defaultDeletionPolicy: 'Orphan',
  }),
  networking('IngressClass', 'ingressclasses', {
    columns: INGRESS_CLASS_COLUMNS,
    clusterScoped: true,
    counted: true,
  }),
  networking('Ingress', 'ingresses', {
    columns: INGRESS_COLUMNS,
    rules: INGRESS_RULES,
    shortNames: ['ing'],
    status: true,
    counted: true,
  }),
  rbac('ClusterRoleBinding', 'clusterrolebindings', {
    columns: BINDING_COLUMNS,
    rules: BINDING_RULES,
    defaults: defaultBinding,
    clusterScoped: true,
    createOnUpdate: true,
    names: 'path',
  }),
  rbac('ClusterRole', 'clusterroles', {
    columns: CREATED_COLUMNS,
    clusterScoped: true,
    createOnUpdate: true,
    names: 'path',
  }),
  rbac('RoleBinding', 'rolebindings', {
    columns: BINDING_COLUMNS,
    rules: BINDING_RULES,
    defaults: defaultBinding,
    createOnUpdate: true,
    names: 'path',
  }),
  rbac('Role', 'roles', { columns: CREATED_COLUMNS, createOnUpdate: true, names: 'path' }),
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    definition: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
    columns: CREATED_COLUMNS,
    rules: CRD_RULES,
    defaults: defaultCrd,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    clusterScoped: true,
    status: true,
    counted: true,
    needsVersion: true,
  },
  inGroup('coordination.k8s.io', 'coordination')('Lease', 'leases', {
    columns: LEASE_COLUMNS,
    rules: LEASE_RULES,
    createOnUpdate: true,
    needsVersion: true,
  }),
  inGroup('discovery.k8s.io', 'discovery')('EndpointSlice', 'endpointslices', {
    columns: ENDPOINT_SLICE_COLUMNS,
    rules: ENDPOINT_SLICE_RULES,
    defaults: defaultEndpointSlice,
    counted: true,
    counts: ['labels'],
  }),
]
