import type { KubeObject } from '../../../api/object.ts'
import { formatLabels } from '../model/structured-selector.ts'
import { fieldsOf, listOf, numberOf, textOf, valueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import {
  AGE_COLUMN,
  CREATED_COLUMN,
  NAME_COLUMN,
  itemsAt,
  listWithMore,
  loadBalancerText,
  textAt,
  textColumn,
  wide,
} from './cells.ts'
import type { Column } from './column.ts'
import { ageOf } from './duration.ts'

/** Columns of kinds that have nothing more to show. */
export const PLAIN_COLUMNS: readonly Column[] = [NAME_COLUMN, AGE_COLUMN]

/** Columns of kinds that show when they were created. */
export const CREATED_COLUMNS: readonly Column[] = [NAME_COLUMN, CREATED_COLUMN]

export const NAMESPACE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Status', 'Active or Terminating', (namespace) => textAt(namespace, ['status', 'phase'])),
  AGE_COLUMN,
]

export const CONFIGMAP_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Data', 'Number of entries', (map) => keysOf(map['data']) + keysOf(map['binaryData'])),
  AGE_COLUMN,
]

export const SECRET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Type', 'What the data is for', (secret) => textAt(secret, ['type'])),
  textColumn('Data', 'Number of entries', (secret) => keysOf(secret['data'])),
  AGE_COLUMN,
]

function keysOf(value: unknown): number {
  return Object.keys(fieldsOf(value)).length
}

export const SERVICE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Type', 'How the service is reached', (service) => textAt(service, ['spec', 'type'])),
  textColumn(
    'Cluster-IP',
    'Address inside the cluster',
    (service) =>
      textOf(listOf(valueAt(service, ['spec', 'clusterIPs']))[0]) ||
      textAt(service, ['spec', 'clusterIP'], '<none>'),
  ),
  textColumn('External-IP', 'Addresses outside the cluster', externalIps),
  textColumn('Port(s)', 'Ports and protocols', (service) => servicePorts(service) || '<none>'),
  AGE_COLUMN,
  wide(
    textColumn(
      'Selector',
      'Labels of the pods behind it',
      (service) => formatLabels(valueAt(service, ['spec', 'selector'])) || '<none>',
    ),
  ),
]

function externalIps(service: KubeObject): string {
  const own = listOf(valueAt(service, ['spec', 'externalIPs'])).map(textOf)
  switch (textAt(service, ['spec', 'type'])) {
    case 'ClusterIP':
    case 'NodePort':
      return own.join(',') || '<none>'
    case 'LoadBalancer':
      return [loadBalancerText(service), ...own].filter((text) => text !== '').join(',') || '<pending>'
    case 'ExternalName':
      return textAt(service, ['spec', 'externalName'])
    default:
      return '<unknown>'
  }
}

function servicePorts(service: KubeObject): string {
  return itemsAt(service, 'spec', 'ports')
    .map((port) => {
      const nodePort = numberOf(port['nodePort'])
      const number = numberOf(port['port'])
      return `${nodePort > 0 ? `${number}:${nodePort}` : number}/${textOf(port['protocol'])}`
    })
    .join(',')
}

export const ENDPOINTS_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Endpoints', 'Ready addresses', (endpoints) => {
    if (itemsAt(endpoints, 'subsets').length === 0) return '<none>'
    const addresses = itemsAt(endpoints, 'subsets').flatMap(subsetAddresses)
    return addresses.length === 0 ? '' : listWithMore(addresses)
  }),
  AGE_COLUMN,
]

function subsetAddresses(subset: Readonly<Fields>): readonly string[] {
  const addresses = itemsAt(subset, 'addresses').map((address) => textOf(address['ip']))
  const ports = itemsAt(subset, 'ports').map((port) => numberOf(port['port']))
  if (ports.length === 0) return addresses
  return ports.flatMap((port) =>
    addresses.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
  )
}

export const ENDPOINT_SLICE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('AddressType', 'IPv4, IPv6 or FQDN', (slice) => textAt(slice, ['addressType'])),
  textColumn('Ports', 'Port numbers', (slice) => listWithMore(itemsAt(slice, 'ports').map(portText))),
  textColumn('Endpoints', 'Addresses', (slice) =>
    listWithMore(
      itemsAt(slice, 'endpoints').flatMap((endpoint) => listOf(endpoint['addresses']).map(textOf)),
    ),
  ),
  AGE_COLUMN,
]

function portText(port: Readonly<Fields>): string {
  return port['port'] === undefined ? textOf(port['name']) || '*' : String(numberOf(port['port']))
}

export const EVENT_COLUMNS: readonly Column[] = [
  textColumn('Last Seen', 'Time since it last happened', lastSeen),
  textColumn('Type', 'Normal or Warning', (event) => textAt(event, ['type'])),
  textColumn('Reason', 'Why, in one word', (event) => textAt(event, ['reason'])),
  textColumn('Object', 'What it is about', (event) => {
    const about = subjectOf(event)
    const kind = textOf(about['kind']).toLowerCase()
    return textOf(about['name']) === '' ? kind : `${kind}/${textOf(about['name'])}`
  }),
  wide(textColumn('Subobject', 'Part of the object', (event) => textOf(subjectOf(event)['fieldPath']))),
  wide(textColumn('Source', 'Who reported it', eventSource)),
  textColumn('Message', 'What happened', (event) =>
    (textAt(event, ['message']) || textAt(event, ['note'])).trim(),
  ),
  wide(textColumn('First Seen', 'Time since it first happened', firstSeen)),
  wide(
    textColumn('Count', 'How often it happened', (event) => {
      const series = numberOf(valueAt(event, ['series', 'count']))
      return series || numberOf(event['count'] ?? event['deprecatedCount']) || 1
    }),
  ),
  wide({ ...NAME_COLUMN }),
]

function subjectOf(event: KubeObject): Readonly<Fields> {
  return fieldsOf(event['involvedObject'] ?? event['regarding'])
}

function firstSeen(event: KubeObject, nowMs: number): string {
  return ageOf(event['firstTimestamp'] ?? event['deprecatedFirstTimestamp'] ?? event['eventTime'], nowMs)
}

function lastSeen(event: KubeObject, nowMs: number): string {
  const series = valueAt(event, ['series', 'lastObservedTime'])
  const last = series ?? event['lastTimestamp'] ?? event['deprecatedLastTimestamp']
  return last === undefined ? firstSeen(event, nowMs) : ageOf(last, nowMs)
}

function eventSource(event: KubeObject): string {
  const source = fieldsOf(event['source'] ?? event['deprecatedSource'])
  const component =
    textOf(source['component']) ||
    textAt(event, ['reportingComponent']) ||
    textAt(event, ['reportingController'])
  const instance = textOf(source['host']) || textAt(event, ['reportingInstance'])
  return instance === '' ? component : `${component}, ${instance}`
}

export const NODE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Status', 'Ready or not, and whether it takes pods', nodeStatus),
  textColumn('Roles', 'From its labels', (node) => nodeRoles(node) || '<none>'),
  AGE_COLUMN,
  textColumn('Version', 'Of the kubelet', (node) => nodeInfo(node, 'kubeletVersion')),
  wide(textColumn('Internal-IP', 'Address inside', (node) => nodeAddress(node, 'InternalIP'))),
  wide(textColumn('External-IP', 'Address outside', (node) => nodeAddress(node, 'ExternalIP'))),
  wide(textColumn('OS-Image', 'Operating system', (node) => nodeInfo(node, 'osImage') || '<unknown>')),
  wide(
    textColumn('Kernel-Version', 'Kernel', (node) => {
      const architecture = nodeInfo(node, 'architecture')
      return `${nodeInfo(node, 'kernelVersion') || '<unknown>'}${architecture === '' ? '' : ` (${architecture})`}`
    }),
  ),
  wide(
    textColumn(
      'Container-Runtime',
      'Runtime',
      (node) => nodeInfo(node, 'containerRuntimeVersion') || '<unknown>',
    ),
  ),
]

function nodeInfo(node: KubeObject, field: string): string {
  return textAt(node, ['status', 'nodeInfo', field])
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = itemsAt(node, 'status', 'addresses').find((address) => address['type'] === type)
  return textOf(found?.['address']) || '<none>'
}

function nodeStatus(node: KubeObject): string {
  const ready = itemsAt(node, 'status', 'conditions').find((condition) => condition['type'] === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady'
  return valueAt(node, ['spec', 'unschedulable']) === true ? `${state},SchedulingDisabled` : state
}

function nodeRoles(node: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/'
  return Object.entries(node.metadata?.labels ?? {})
    .map(([key, value]) =>
      key.startsWith(prefix) ? key.slice(prefix.length) : key === 'kubernetes.io/role' ? value : '',
    )
    .filter((role) => role !== '')
    .toSorted()
    .join(',')
}
