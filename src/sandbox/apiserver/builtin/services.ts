import type { KubeObject } from '../../../api/object.ts'
import { label1035Problems, labelProblems } from '../model/names.ts'
import { labelsProblems } from '../model/metadata.ts'
import { fieldsOf, isFields, listOf, numberOf, textOf, valueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { RuleContext, Rules } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { isReachedFromOutside, withoutOldType } from './service-type.ts'
import { ipProblems, missing, portNameProblems, portProblems, refused, twice, wrong } from './problems.ts'

type Family = 'IPv4' | 'IPv6'

const NODE_PORTS = { min: 30_000, max: 32_767 }

/** Service: defaults, addresses and node ports, validation. */
export const SERVICE_RULES: Rules = {
  onCreate: (service, context) => withStatus(allocated(service, undefined, context)),
  onUpdate: (service, old, context) => allocated(withoutOldType(carried(service, old), old), old, context),
  validate: serviceProblems,
  selectable: (service) => ({
    'spec.clusterIP': textOf(valueAt(service, ['spec', 'clusterIP'])),
    'spec.type': textOf(valueAt(service, ['spec', 'type'])),
  }),
  selectableFields: ['spec.clusterIP', 'spec.type'],
}

/** Defaults that do not depend on the cluster. */
export function defaultService(service: KubeObject): KubeObject {
  const given = fieldsOf(service['spec'])
  const type = textOf(given['type']) || 'ClusterIP'
  const affinity = textOf(given['sessionAffinity']) || 'None'
  const external = isReachedFromOutside(given)
  const spec: Fields = {
    ...given,
    ...(given['ports'] === undefined ? {} : { ports: listOf(given['ports']).map(defaultPort) }),
    type,
    sessionAffinity: affinity,
    ...affinityConfig(affinity, given['sessionAffinityConfig']),
    ...(external ? { externalTrafficPolicy: textOf(given['externalTrafficPolicy']) || 'Cluster' } : {}),
    ...(type === 'LoadBalancer'
      ? { allocateLoadBalancerNodePorts: given['allocateLoadBalancerNodePorts'] ?? true }
      : {}),
    ...(type === 'ExternalName'
      ? {}
      : { internalTrafficPolicy: textOf(given['internalTrafficPolicy']) || 'Cluster' }),
  }
  const ingress = listOf(valueAt(service, ['status', 'loadBalancer', 'ingress'])).filter(isFields)
  if (ingress.length === 0) return { ...service, spec }
  return {
    ...service,
    spec,
    status: { ...fieldsOf(service['status']), loadBalancer: { ingress: ingress.map(defaultIngress) } },
  }
}

/** Without affinity there is nothing to configure. */
function affinityConfig(affinity: string, given: unknown): Fields {
  if (affinity === 'None') return { sessionAffinityConfig: undefined }
  if (given !== undefined || affinity !== 'ClientIP') return {}
  return { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } }
}

function defaultPort(port: unknown): Fields {
  const given = fieldsOf(port)
  const { nodePort, ...rest } = {
    ...given,
    protocol: textOf(given['protocol']) || 'TCP',
    port: numberOf(given['port']),
  } as Fields
  const target = given['targetPort']
  const hasTarget = target !== undefined && target !== 0 && target !== ''
  return {
    ...rest,
    targetPort: hasTarget ? target : numberOf(given['port']),
    ...(nodePort === 0 || nodePort === undefined ? {} : { nodePort }),
  }
}

function defaultIngress(ingress: Readonly<Fields>): Fields {
  const hasIp = textOf(ingress['ip']) !== ''
  return hasIp && ingress['ipMode'] === undefined ? { ...ingress, ipMode: 'VIP' } : { ...ingress }
}

function withStatus(service: KubeObject): KubeObject {
  return { ...service, status: { loadBalancer: {} } }
}

/** An update that leaves out what was allocated keeps it. */
function carried(service: KubeObject, old: KubeObject): KubeObject {
  const spec = fieldsOf(service['spec'])
  const before = fieldsOf(old['spec'])
  if (spec['type'] === 'ExternalName' || before['type'] === 'ExternalName') return service
  const keptNames = ['ipFamilies', 'ipFamilyPolicy'].filter(
    (name) => spec[name] === undefined && before[name] !== undefined,
  )
  const kept = Object.fromEntries(keptNames.map((name) => [name, before[name]]))
  const address = textOf(spec['clusterIP'])
  const addresses =
    address === '' || address === before['clusterIP']
      ? { clusterIP: before['clusterIP'], clusterIPs: spec['clusterIPs'] ?? before['clusterIPs'] }
      : {}
  return { ...service, spec: { ...spec, ...kept, ...addresses } }
}

function allocated(service: KubeObject, old: KubeObject | undefined, context: RuleContext): KubeObject {
  const spec = fieldsOf(service['spec'])
  if (spec['type'] === 'ExternalName') return service
  return { ...service, spec: { ...withAddresses(spec, context), ...withNodePorts(spec, old, context) } }
}

function withAddresses(spec: Readonly<Fields>, context: RuleContext): Fields {
  const policy =
    textOf(spec['ipFamilyPolicy']) ||
    (listOf(spec['ipFamilies']).length > 1 ? 'RequireDualStack' : 'SingleStack')
  const families = familiesOf(spec, policy)
  const common = { ...spec, ipFamilies: families, ipFamilyPolicy: policy }
  if (spec['clusterIP'] === 'None') return { ...common, clusterIPs: ['None'] }
  const given = listOf(spec['clusterIPs']).map(textOf)
  const first = textOf(spec['clusterIP']) || given[0]
  const addresses = families.map(
    (family, index) => (index === 0 ? first : given[index]) || context.clusterIps.address(family),
  )
  return { ...common, clusterIP: addresses[0], clusterIPs: addresses }
}

function familiesOf(spec: Readonly<Fields>, policy: string): readonly Family[] {
  const given = listOf(spec['ipFamilies']).filter(
    (family): family is Family => family === 'IPv4' || family === 'IPv6',
  )
  const address = textOf(spec['clusterIP'])
  const first = given[0] ?? (address.includes(':') ? 'IPv6' : 'IPv4')
  if (policy === 'SingleStack') return [first]
  return [first, given[1] ?? (first === 'IPv4' ? 'IPv6' : 'IPv4')]
}

function withNodePorts(spec: Readonly<Fields>, old: KubeObject | undefined, context: RuleContext): Fields {
  if (spec['ports'] === undefined) return {}
  const ports = listOf(spec['ports']).map(fieldsOf)
  const wanted =
    spec['type'] === 'NodePort' ||
    (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false)
  if (!wanted) {
    const kept = spec['type'] === 'LoadBalancer'
    return { ports: kept ? ports : ports.map(withoutNodePort) }
  }
  const before = listOf(valueAt(old, ['spec', 'ports'])).map(fieldsOf)
  return {
    ports: ports.map((port) => {
      if (numberOf(port['nodePort']) > 0) return port
      const same = before.find(
        (other) => other['port'] === port['port'] && other['protocol'] === port['protocol'],
      )
      return { ...port, nodePort: numberOf(same?.['nodePort']) || context.clusterIps.nodePort() }
    }),
  }
}

function withoutNodePort(port: Readonly<Fields>): Fields {
  const { nodePort: _nodePort, ...rest } = port
  return rest
}

function serviceProblems(service: KubeObject, old: KubeObject | undefined): readonly FieldProblem[] {
  const spec = fieldsOf(service['spec'])
  return [
    ...portsProblems(spec),
    ...labelsProblems(spec['selector'], 'spec.selector'),
    ...addressProblems(spec, old),
    ...externalNameProblems(spec),
    ...loadBalancerProblems(service),
  ]
}

function portsProblems(spec: Readonly<Fields>): readonly FieldProblem[] {
  const ports = listOf(spec['ports']).map(fieldsOf)
  const headless = spec['clusterIP'] === 'None'
  if (ports.length === 0 && !headless && spec['type'] !== 'ExternalName') return [missing('spec.ports')]
  const problems = ports.flatMap((port, index) =>
    portEntryProblems(port, `spec.ports[${index}]`, ports.length > 1),
  )
  const seen = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const name = textOf(port['name'])
    if (name !== '' && ports.findIndex((other) => other['name'] === name) < index)
      problems.push(twice(`spec.ports[${index}].name`, name))
    const key = `${String(port['protocol'])}/${String(port['port'])}`
    if (seen.has(key))
      problems.push(twice(`spec.ports[${index}]`, { protocol: port['protocol'], port: port['port'] }))
    seen.add(key)
  }
  return problems
}

function portEntryProblems(port: Readonly<Fields>, field: string, needsName: boolean): FieldProblem[] {
  const name = textOf(port['name'])
  const target = port['targetPort']
  const nodePort = numberOf(port['nodePort'])
  return [
    ...(name === '' && needsName ? [missing(`${field}.name`)] : []),
    ...(name === '' ? [] : labelProblems(name).map((detail) => wrong(`${field}.name`, name, detail))),
    ...portProblems(`${field}.port`, port['port']),
    ...(typeof target === 'string'
      ? portNameProblems(`${field}.targetPort`, target)
      : portProblems(`${field}.targetPort`, target)),
    ...(nodePort !== 0 && (nodePort < NODE_PORTS.min || nodePort > NODE_PORTS.max)
      ? [
          wrong(
            `${field}.nodePort`,
            nodePort,
            `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.min}-${NODE_PORTS.max}`,
          ),
        ]
      : []),
  ]
}

function addressProblems(spec: Readonly<Fields>, old: KubeObject | undefined): readonly FieldProblem[] {
  if (spec['type'] === 'ExternalName') return []
  const addresses = listOf(spec['clusterIPs'])
  const problems = addresses.flatMap((address, index) =>
    address === 'None' ? [] : ipProblems(`spec.clusterIPs[${index}]`, address),
  )
  const before = valueAt(old, ['spec', 'clusterIPs'])
  const changed = valueAt(old, ['spec', 'type']) !== 'ExternalName' && listOf(before)[0] !== addresses[0]
  if (old !== undefined && changed && listOf(before).length > 0) {
    problems.push(wrong('spec.clusterIPs[0]', addresses, 'may not change once set'))
  }
  if (spec['clusterIP'] === 'None' && (spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer')) {
    problems.push(
      wrong('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec['type']} services`),
    )
  }
  return [
    ...problems,
    ...listOf(spec['externalIPs']).flatMap((address, index) =>
      ipProblems(`spec.externalIPs[${index}]`, address),
    ),
  ]
}

function externalNameProblems(spec: Readonly<Fields>): readonly FieldProblem[] {
  if (spec['type'] !== 'ExternalName') return []
  const name = textOf(spec['externalName']).replace(/\.$/, '')
  if (name === '') return [missing('spec.externalName')]
  const addresses =
    textOf(spec['clusterIP']) === ''
      ? []
      : [refused('spec.clusterIPs', 'may not be set for ExternalName services')]
  return [
    ...addresses,
    ...name
      .split('.')
      .flatMap((label) =>
        labelProblems(label.toLowerCase()).length > 0
          ? [wrong('spec.externalName', name, labelProblems(label)[0] ?? '')]
          : [],
      ),
  ]
}

function loadBalancerProblems(service: KubeObject): readonly FieldProblem[] {
  return listOf(valueAt(service, ['status', 'loadBalancer', 'ingress']))
    .map(fieldsOf)
    .flatMap((ingress, index) => {
      const field = `status.loadBalancer.ingress[${index}]`
      const ip = textOf(ingress['ip'])
      const hostname = textOf(ingress['hostname'])
      return [
        ...(ip === '' ? [] : ipProblems(`${field}.ip`, ip)),
        ...(ip === '' && ingress['ipMode'] !== undefined
          ? [refused(`${field}.ipMode`, 'may not be used when `ip` is not set')]
          : []),
        ...(hostname === '' ? [] : hostnameProblems(`${field}.hostname`, hostname)),
      ]
    })
}

function hostnameProblems(field: string, hostname: string): readonly FieldProblem[] {
  const bad = hostname.split('.').find((label) => label1035Problems(label.replace(/^\d/, 'a')).length > 0)
  return bad === undefined ? [] : [wrong(field, hostname, 'must be a DNS name')]
}
