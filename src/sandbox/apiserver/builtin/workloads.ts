import type { KubeObject } from '../../../api/object.ts'
import { labelProblems } from '../model/names.ts'
import { selectorMatches } from '../model/structured-selector.ts'
import {
  fieldsOf,
  isFields,
  listOf,
  numberOf,
  sameValue,
  setField,
  textOf,
  valueAt,
  withValueAt,
} from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { Rules } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { missing, notNegative, portProblems, refused, twice, wrong } from './problems.ts'

const POD_SPEC_DEFAULTS: Readonly<Fields> = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
}

function withDefaults(value: Readonly<Fields>, defaults: Readonly<Fields>): Fields {
  const result: Fields = { ...value }
  for (const name of Object.keys(defaults))
    if (result[name] === undefined) setField(result, name, defaults[name])
  return result
}

/** A pod's spec with the defaults that users see. */
function defaultPodSpec(spec: unknown): Fields {
  const given = withDefaults(fieldsOf(spec), POD_SPEC_DEFAULTS)
  for (const list of ['containers', 'initContainers']) {
    if (given[list] !== undefined) given[list] = listOf(given[list]).map(defaultContainer)
  }
  if (given['volumes'] !== undefined) given['volumes'] = listOf(given['volumes']).map(defaultVolume)
  return given
}

/** A volume that names no source is an empty directory. */
function defaultVolume(volume: unknown): Fields {
  const given = fieldsOf(volume)
  return Object.keys(given).every((name) => name === 'name') ? { ...given, emptyDir: {} } : { ...given }
}

function defaultContainer(container: unknown): Fields {
  const given = fieldsOf(container)
  const image = textOf(given['image'])
  const tag = /:([^/@]+)$/.exec(image)?.[1]
  const latest = image !== '' && !image.includes('@') && (tag === undefined || tag === 'latest')
  return withDefaults(
    {
      ...given,
      ...(given['ports'] === undefined
        ? {}
        : { ports: listOf(given['ports']).map((port) => withDefaults(fieldsOf(port), { protocol: 'TCP' })) }),
    },
    {
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    },
  )
}

/** Defaults of a Pod. */
export function defaultPod(pod: KubeObject): KubeObject {
  return { ...pod, spec: withDefaults(defaultPodSpec(pod['spec']), { enableServiceLinks: true }) }
}

function defaultTemplate(spec: Readonly<Fields>): Fields {
  const template = fieldsOf(spec['template'])
  return { ...template, metadata: fieldsOf(template['metadata']), spec: defaultPodSpec(template['spec']) }
}

/** Defaults of a Deployment. */
export function defaultDeployment(deployment: KubeObject): KubeObject {
  const given = fieldsOf(deployment['spec'])
  const strategy = fieldsOf(given['strategy'])
  const type = textOf(strategy['type']) || 'RollingUpdate'
  const rollingUpdate = withDefaults(fieldsOf(strategy['rollingUpdate']), {
    maxUnavailable: '25%',
    maxSurge: '25%',
  })
  const spec = withDefaults(
    {
      ...given,
      template: defaultTemplate(given),
      strategy: { ...strategy, type, ...(type === 'RollingUpdate' ? { rollingUpdate } : {}) },
    },
    { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  )
  return { ...deployment, spec, status: fieldsOf(deployment['status']) }
}

/** Defaults of a ReplicaSet. */
export function defaultReplicaSet(replicaSet: KubeObject): KubeObject {
  const given = fieldsOf(replicaSet['spec'])
  const spec = withDefaults({ ...given, template: defaultTemplate(given) }, { replicas: 1 })
  return { ...replicaSet, spec, status: withDefaults(fieldsOf(replicaSet['status']), { replicas: 0 }) }
}

/** Defaults of a Job. */
export function defaultJob(job: KubeObject): KubeObject {
  const given = fieldsOf(job['spec'])
  const alone = given['completions'] === undefined && given['parallelism'] === undefined
  const spec = withDefaults(
    { ...given, template: defaultTemplate(given) },
    {
      ...(alone ? { completions: 1 } : {}),
      parallelism: 1,
      backoffLimit: 6,
      manualSelector: false,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
    },
  )
  return { ...job, spec, status: fieldsOf(job['status']) }
}

/** Pod: status of a new one, what may not change, validation. */
export const POD_RULES: Rules = {
  onCreate: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: 'BestEffort' } }),
  validate: (pod, old) => [
    ...podSpecProblems(pod['spec'], 'spec'),
    ...(old === undefined || sameValue(mutable(pod), mutable(old)) ? [] : [POD_SPEC_FROZEN]),
  ],
  selectable: (pod) => ({
    'spec.nodeName': textOf(valueAt(pod, ['spec', 'nodeName'])),
    'spec.restartPolicy': textOf(valueAt(pod, ['spec', 'restartPolicy'])),
    'spec.schedulerName': textOf(valueAt(pod, ['spec', 'schedulerName'])),
    'spec.serviceAccountName': textOf(valueAt(pod, ['spec', 'serviceAccountName'])),
    'spec.hostNetwork': String(valueAt(pod, ['spec', 'hostNetwork']) === true),
    'status.phase': textOf(valueAt(pod, ['status', 'phase'])),
    'status.podIP': textOf(valueAt(pod, ['status', 'podIP'])),
    'status.nominatedNodeName': textOf(valueAt(pod, ['status', 'nominatedNodeName'])),
  }),
  selectableFields: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
}

const POD_SPEC_FROZEN = refused(
  'spec',
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
)

/** A pod's spec without the fields that an update may change. A pod without a node may be bound to one. */
function mutable(pod: KubeObject): unknown {
  const {
    activeDeadlineSeconds: _a,
    tolerations: _t,
    nodeName: _n,
    terminationGracePeriodSeconds: _g,
    ...spec
  } = fieldsOf(pod['spec'])
  const withoutImages = (list: unknown) =>
    listOf(list).map((container) => ({ ...fieldsOf(container), image: undefined }))
  return {
    ...spec,
    containers: withoutImages(spec['containers']),
    initContainers: withoutImages(spec['initContainers']),
  }
}

/** Deployment: validation and the fields that never change. */
export const DEPLOYMENT_RULES: Rules = {
  onCreate: (deployment) => ({ ...deployment, status: {} }),
  validate: workloadProblems,
}

/** ReplicaSet: likewise. */
export const REPLICASET_RULES: Rules = {
  onCreate: (replicaSet) => ({ ...replicaSet, status: { replicas: 0 } }),
  validate: workloadProblems,
  selectable: (replicaSet) => ({
    'status.replicas': String(numberOf(valueAt(replicaSet, ['status', 'replicas']))),
  }),
  selectableFields: ['status.replicas'],
}

/** Job: the selector and labels that tie it to its pods. */
export const JOB_RULES: Rules = {
  onCreate: (job) => withJobLabels({ ...job, status: {} }),
  validate: (job) => podSpecProblems(valueAt(job, ['spec', 'template', 'spec']), 'spec.template.spec'),
  selectable: (job) => ({ 'status.successful': String(numberOf(valueAt(job, ['status', 'succeeded']))) }),
  selectableFields: ['status.successful'],
}

function withJobLabels(job: KubeObject): KubeObject {
  if (valueAt(job, ['spec', 'manualSelector']) === true) return job
  const { uid, name } = job.metadata
  const ties = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  }
  const template = ['spec', 'template', 'metadata', 'labels']
  const labelled = withValueAt(job, template, { ...fieldsOf(valueAt(job, template)), ...ties })
  return withValueAt(labelled, ['spec', 'selector'], {
    matchLabels: { 'batch.kubernetes.io/controller-uid': uid },
  })
}

function workloadProblems(workload: KubeObject, old: KubeObject | undefined): readonly FieldProblem[] {
  const spec = fieldsOf(workload['spec'])
  return [
    ...notNegative('spec.replicas', spec['replicas']),
    ...notNegative('spec.minReadySeconds', spec['minReadySeconds']),
    ...selectorProblems(spec),
    ...podSpecProblems(valueAt(spec, ['template', 'spec']), 'spec.template.spec'),
    ...(old === undefined || sameValue(spec['selector'], valueAt(old, ['spec', 'selector']))
      ? []
      : [wrong('spec.selector', spec['selector'], 'field is immutable')]),
  ]
}

function selectorProblems(spec: Readonly<Fields>): readonly FieldProblem[] {
  const selector = spec['selector']
  const labels = valueAt(spec, ['template', 'metadata', 'labels'])
  const mismatch = wrong(
    'spec.template.metadata.labels',
    labels,
    '`selector` does not match template `labels`',
  )
  if (!isFields(selector)) return [missing('spec.selector'), mismatch]
  const empty =
    Object.keys(fieldsOf(selector['matchLabels'])).length === 0 &&
    listOf(selector['matchExpressions']).length === 0
  if (empty) return [wrong('spec.selector', selector, 'empty selector is invalid for deployment'), mismatch]
  return selectorMatches(selector, fieldsOf(labels)) ? [] : [mismatch]
}

function podSpecProblems(spec: unknown, field: string): readonly FieldProblem[] {
  const containers = listOf(valueAt(spec, ['containers'])).map(fieldsOf)
  if (containers.length === 0) return [missing(`${field}.containers`)]
  const names = containers.map((container) => textOf(container['name']))
  return containers.flatMap((container, index) => {
    const at = `${field}.containers[${index}]`
    const name = names[index] ?? ''
    return [
      ...(name === ''
        ? [missing(`${at}.name`)]
        : labelProblems(name).map((detail) => wrong(`${at}.name`, name, detail))),
      ...(name !== '' && names.indexOf(name) < index ? [twice(`${at}.name`, name)] : []),
      ...(textOf(container['image']) === '' ? [missing(`${at}.image`)] : []),
      ...listOf(container['ports']).flatMap((port, position) =>
        portProblems(`${at}.ports[${position}].containerPort`, fieldsOf(port)['containerPort']),
      ),
    ]
  })
}
