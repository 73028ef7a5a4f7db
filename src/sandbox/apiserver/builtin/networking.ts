import type { KubeObject } from '../../../api/object.ts'
import { subdomainProblems } from '../model/names.ts'
import { fieldsOf, isFields, listOf, numberOf, textOf, valueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { Rules } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { ipProblems, missing, portProblems, refused, wrong } from './problems.ts'

/** Ingress: rules, paths and backends. */
export const INGRESS_RULES: Rules = {
  onCreate: (ingress) => ({ ...ingress, status: { loadBalancer: {} } }),
  validate: (ingress) => {
    const spec = fieldsOf(ingress['spec'])
    const rules = listOf(spec['rules']).map(fieldsOf)
    return [
      ...(rules.length === 0 && spec['defaultBackend'] === undefined
        ? [wrong('spec', spec, 'either `defaultBackend` or `rules` must be specified')]
        : []),
      ...(spec['defaultBackend'] === undefined
        ? []
        : backendProblems(spec['defaultBackend'], 'spec.defaultBackend')),
      ...rules.flatMap((rule, index) => ruleProblems(rule, `spec.rules[${index}]`)),
      ...listOf(valueAt(ingress, ['status', 'loadBalancer', 'ingress'])).flatMap((item, index) => {
        const ip = textOf(fieldsOf(item)['ip'])
        return ip === '' ? [] : ipProblems(`status.loadBalancer.ingress[${index}].ip`, ip)
      }),
    ]
  },
}

function ruleProblems(rule: Readonly<Fields>, at: string): readonly FieldProblem[] {
  const paths = valueAt(rule, ['http', 'paths'])
  return [
    ...hostProblems(textOf(rule['host']), `${at}.host`),
    ...(rule['http'] !== undefined && listOf(paths).length === 0 ? [missing(`${at}.http.paths`)] : []),
    ...listOf(paths).flatMap((path, index) => pathProblems(fieldsOf(path), `${at}.http.paths[${index}]`)),
  ]
}

function hostProblems(host: string, field: string): readonly FieldProblem[] {
  if (host === '') return []
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return [wrong(field, host, 'must be a DNS name, not an IP address')]
  const name = host.startsWith('*.') ? host.slice(2) : host
  return subdomainProblems(name).map((detail) => wrong(field, host, detail))
}

function pathProblems(path: Readonly<Fields>, at: string): readonly FieldProblem[] {
  const type = textOf(path['pathType'])
  const text = textOf(path['path'])
  const rooted = type === 'Exact' || type === 'Prefix' || text !== ''
  return [
    ...(type === '' ? [missing(`${at}.pathType`, 'pathType must be specified')] : []),
    ...(rooted && !text.startsWith('/') ? [wrong(`${at}.path`, text, 'must be an absolute path')] : []),
    ...backendProblems(path['backend'], `${at}.backend`),
  ]
}

function backendProblems(backend: unknown, at: string): readonly FieldProblem[] {
  const { service, resource } = fieldsOf(backend)
  if (isFields(resource))
    return isFields(service) ? [wrong(at, '', 'cannot set both resource and service backends')] : []
  if (!isFields(service)) return [wrong(at, '', 'resource or service backend is required')]
  const name = textOf(service['name'])
  const port = fieldsOf(service['port'])
  const number = numberOf(port['number'])
  const portName = textOf(port['name'])
  return [
    ...(name === '' ? [missing(`${at}.service.name`)] : []),
    ...(number === 0 && portName === '' ? [missing(at, 'port name or number is required')] : []),
    ...(number !== 0 && portName !== ''
      ? [refused(`${at}.service.port`, 'cannot set both port name & port number')]
      : []),
    ...(number === 0 ? [] : portProblems(`${at}.service.port.number`, number)),
  ]
}

/** Subjects of a role binding know their API group by their kind. */
export function defaultBinding(binding: KubeObject): KubeObject {
  const group = 'rbac.authorization.k8s.io'
  const roleRef = fieldsOf(binding['roleRef'])
  const subjects = listOf(binding['subjects']).map((subject) => {
    const given = fieldsOf(subject)
    return given['kind'] === 'ServiceAccount' || textOf(given['apiGroup']) !== ''
      ? given
      : { ...given, apiGroup: group }
  })
  return {
    ...binding,
    ...(binding['subjects'] === undefined ? {} : { subjects }),
    roleRef: { ...roleRef, apiGroup: textOf(roleRef['apiGroup']) || group },
  }
}

/** A role binding keeps its role. */
export const BINDING_RULES: Rules = {
  validate: (binding, old) => {
    const role = fieldsOf(binding['roleRef'])
    const before = fieldsOf(old?.['roleRef'])
    const same = old === undefined || (role['kind'] === before['kind'] && role['name'] === before['name'])
    return [
      ...(textOf(role['name']) === '' ? [missing('roleRef.name')] : []),
      ...(same ? [] : [wrong('roleRef', role, 'cannot change roleRef')]),
    ]
  },
}
