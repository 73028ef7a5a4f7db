import type { KubeObject } from '../../../api/object.ts'
import { formatSelector } from '../model/structured-selector.ts'
import { fieldsOf, isFields, numberOf, textOf, valueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import {
  AGE_COLUMN,
  NAME_COLUMN,
  countColumn,
  itemsAt,
  loadBalancerText,
  textAt,
  textColumn,
  wide,
} from './cells.ts'
import type { Column } from './column.ts'
import { ageOf, humanDuration } from './duration.ts'

/** Containers, images and selector, as all workloads end with. */
const POD_TEMPLATE_COLUMNS: readonly Column[] = [
  wide(textColumn('Containers', 'Names of its containers', (workload) => containerField(workload, 'name'))),
  wide(textColumn('Images', 'Images of its containers', (workload) => containerField(workload, 'image'))),
  wide(
    textColumn(
      'Selector',
      'Labels of its pods',
      (workload) => formatSelector(valueAt(workload, ['spec', 'selector'])) || '<none>',
    ),
  ),
]

function containerField(workload: KubeObject, field: string): string {
  return itemsAt(workload, 'spec', 'template', 'spec', 'containers')
    .map((container) => textOf(container[field]))
    .join(',')
}

export const DEPLOYMENT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Ready', 'Ready pods of those wanted', (deployment) => {
    const ready = numberOf(valueAt(deployment, ['status', 'readyReplicas']))
    return `${ready}/${numberOf(valueAt(deployment, ['spec', 'replicas']))}`
  }),
  textColumn('Up-to-date', 'Pods of the present template', (deployment) =>
    numberOf(valueAt(deployment, ['status', 'updatedReplicas'])),
  ),
  textColumn('Available', 'Pods that are available', (deployment) =>
    numberOf(valueAt(deployment, ['status', 'availableReplicas'])),
  ),
  AGE_COLUMN,
  ...POD_TEMPLATE_COLUMNS,
]

export const REPLICASET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  countColumn('Desired', 'Pods wanted', ['spec', 'replicas']),
  countColumn('Current', 'Pods there', ['status', 'replicas']),
  countColumn('Ready', 'Pods that are ready', ['status', 'readyReplicas']),
  AGE_COLUMN,
  ...POD_TEMPLATE_COLUMNS,
]

export const JOB_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Status', 'State of the job', jobStatus),
  textColumn('Completions', 'Completed of those wanted', jobCompletions),
  textColumn('Duration', 'From start to completion', (job, nowMs) => {
    const startMs = Date.parse(textAt(job, ['status', 'startTime']))
    const endMs = Date.parse(textAt(job, ['status', 'completionTime']))
    return Number.isNaN(startMs) ? '' : humanDuration((Number.isNaN(endMs) ? nowMs : endMs) - startMs)
  }),
  AGE_COLUMN,
  ...POD_TEMPLATE_COLUMNS,
]

function jobStatus(job: KubeObject): string {
  const has = (type: string) =>
    itemsAt(job, 'status', 'conditions').some(
      (condition) => condition['type'] === type && condition['status'] === 'True',
    )
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if (job.metadata?.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running'
}

function jobCompletions(job: KubeObject): string {
  const succeeded = numberOf(valueAt(job, ['status', 'succeeded']))
  const wanted = valueAt(job, ['spec', 'completions'])
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`
  const parallelism = numberOf(valueAt(job, ['spec', 'parallelism']))
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

export const INGRESS_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Class', 'Which controller serves it', (ingress) =>
    textAt(ingress, ['spec', 'ingressClassName'], '<none>'),
  ),
  textColumn('Hosts', 'Host names it serves', (ingress) => hostsText(itemsAt(ingress, 'spec', 'rules'))),
  textColumn('Address', 'Addresses of the load balancer', loadBalancerText),
  textColumn('Ports', 'Ports it listens on', (ingress) =>
    itemsAt(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80',
  ),
  AGE_COLUMN,
]

function hostsText(rules: readonly Readonly<Fields>[]): string {
  const hosts = rules.map((rule) => textOf(rule['host'])).filter((host) => host !== '')
  if (hosts.length === 0) return '*'
  const shown = hosts.slice(0, 3).join(',')
  return hosts.length > 3 ? `${shown} + ${rules.length - 3} more...` : shown
}

export const INGRESS_CLASS_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Controller', 'Controller of the class', (ingressClass) =>
    textAt(ingressClass, ['spec', 'controller']),
  ),
  textColumn('Parameters', 'Object with its parameters', (ingressClass) => {
    const parameters = valueAt(ingressClass, ['spec', 'parameters'])
    if (!isFields(parameters)) return '<none>'
    const group = textOf(parameters['apiGroup'])
    const kind = textOf(parameters['kind'])
    return `${group === '' ? kind : `${kind}.${group}`}/${textOf(parameters['name'])}`
  }),
  AGE_COLUMN,
]

export const LEASE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Holder', 'Who holds it', (lease) => textAt(lease, ['spec', 'holderIdentity'])),
  AGE_COLUMN,
]

export const BINDING_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Role', 'What is granted', (binding) => {
    const role = fieldsOf(binding['roleRef'])
    return `${textOf(role['kind'])}/${textOf(role['name'])}`
  }),
  AGE_COLUMN,
  wide(textColumn('Users', 'Users it is granted to', (binding) => subjects(binding, 'User'))),
  wide(textColumn('Groups', 'Groups it is granted to', (binding) => subjects(binding, 'Group'))),
  wide(
    textColumn('ServiceAccounts', 'Service accounts it is granted to', (binding) =>
      subjects(binding, 'ServiceAccount'),
    ),
  ),
]

function subjects(binding: KubeObject, kind: string): string {
  return itemsAt(binding, 'subjects')
    .filter((subject) => subject['kind'] === kind)
    .map((subject) =>
      kind === 'ServiceAccount'
        ? `${textOf(subject['namespace'])}/${textOf(subject['name'])}`
        : textOf(subject['name']),
    )
    .join(', ')
}

export const POD_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Ready', 'Ready containers of all', (pod) => {
    const statuses = itemsAt(pod, 'status', 'containerStatuses')
    const ready = statuses.filter(
      (status) => status['ready'] === true && isFields(valueAt(status, ['state', 'running'])),
    )
    return `${ready.length}/${itemsAt(pod, 'spec', 'containers').length}`
  }),
  textColumn('Status', 'State of the pod', podStatus),
  textColumn('Restarts', 'Restarts of its containers', podRestarts),
  AGE_COLUMN,
  wide(
    textColumn(
      'IP',
      'Address of the pod',
      (pod) =>
        textOf(itemsAt(pod, 'status', 'podIPs')[0]?.['ip']) || textAt(pod, ['status', 'podIP'], '<none>'),
    ),
  ),
  wide(textColumn('Node', 'Node it runs on', (pod) => textAt(pod, ['spec', 'nodeName'], '<none>'))),
  wide(
    textColumn('Nominated Node', 'Node it may go to', (pod) =>
      textAt(pod, ['status', 'nominatedNodeName'], '<none>'),
    ),
  ),
  wide(textColumn('Readiness Gates', 'Gates that are open of all', podGates)),
]

/** The state of a pod in one word: its phase, unless a container has something more telling to say. */
function podStatus(pod: KubeObject): string {
  if (pod.metadata?.deletionTimestamp !== undefined) {
    const phase = textAt(pod, ['status', 'phase'])
    if (phase !== 'Succeeded' && phase !== 'Failed') return 'Terminating'
  }
  const states = itemsAt(pod, 'status', 'containerStatuses').map((status) => fieldsOf(status['state']))
  const telling = states.map(containerReason).find((reason) => reason !== '')
  return telling ?? (textAt(pod, ['status', 'reason']) || textAt(pod, ['status', 'phase']))
}

function containerReason(state: Readonly<Fields>): string {
  const { waiting, terminated } = state
  if (isFields(waiting)) return textOf(waiting['reason'])
  if (!isFields(terminated)) return ''
  const signal = numberOf(terminated['signal'])
  return (
    textOf(terminated['reason']) ||
    (signal === 0 ? `ExitCode:${numberOf(terminated['exitCode'])}` : `Signal:${signal}`)
  )
}

function podRestarts(pod: KubeObject, nowMs: number): string {
  const statuses = itemsAt(pod, 'status', 'containerStatuses')
  const restarts = statuses.reduce((sum, status) => sum + numberOf(status['restartCount']), 0)
  const last = statuses
    .map((status) => textOf(valueAt(status, ['lastState', 'terminated', 'finishedAt'])))
    .toSorted()
    .at(-1)
  return restarts === 0 || last === undefined || last === ''
    ? String(restarts)
    : `${restarts} (${ageOf(last, nowMs)} ago)`
}

function podGates(pod: KubeObject): string {
  const gates = itemsAt(pod, 'spec', 'readinessGates')
  if (gates.length === 0) return '<none>'
  const conditions = itemsAt(pod, 'status', 'conditions')
  const open = gates.filter((gate) =>
    conditions.some(
      (condition) => condition['type'] === gate['conditionType'] && condition['status'] === 'True',
    ),
  )
  return `${open.length}/${gates.length}`
}
