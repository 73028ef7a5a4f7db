import { readdirSync, readFileSync } from 'node:fs'
import { parse, parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/api/object.ts'

/** The two folders of deploy/manifests: what goes into the host, what into each member. */
export type Side = 'host' | 'member'

const MANIFESTS = new URL('../../deploy/manifests/', import.meta.url)

/** One object of deploy/manifests and where it stands. */
export interface Manifest {
  /** Such as `host/rbac.yaml`. */
  readonly path: string
  readonly object: KubeObject
}

/** Files of one side, kustomization.yaml among them, by name. */
export function manifestFiles(side: Side): readonly string[] {
  return readdirSync(new URL(`${side}/`, MANIFESTS), 'utf8').sort()
}

/** The text of a file such as `host/rbac.yaml`. */
export function manifestText(path: string): string {
  return readFileSync(new URL(path, MANIFESTS), 'utf8')
}

/** Files that one side applies, in the order of its kustomization. */
export function appliedFiles(side: Side): readonly string[] {
  const kustomization: unknown = parse(manifestText(`${side}/kustomization.yaml`))
  return (kustomization as { readonly resources: readonly string[] }).resources
}

/** What one side applies, in that order. @throws for what is no YAML */
export function manifests(side: Side): readonly Manifest[] {
  return appliedFiles(side).flatMap((file) => {
    const path = `${side}/${file}`
    return parseAllDocuments(manifestText(path)).map((document) => {
      if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join('; ')}`)
      return { path, object: document.toJS() as KubeObject }
    })
  })
}

/** One rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1 PolicyRule). */
export interface PolicyRule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly verbs: readonly string[]
}

/** The rules of a Role or ClusterRole; none for other kinds. */
export function rulesOf(object: KubeObject): readonly PolicyRule[] {
  return (object as { readonly rules?: readonly PolicyRule[] }).rules ?? []
}

/** The smallest thing that can be granted: one verb on one resource, or on one URL. */
export interface Right {
  readonly side: Side
  readonly role: 'Role' | 'ClusterRole'
  /** Of a Role: it holds there only. */
  readonly namespace: string | undefined
  /** Undefined for a URL. */
  readonly group: string | undefined
  /** With its subresource, or the URL. */
  readonly resource: string
  /** Of this object only. */
  readonly objectName: string | undefined
  readonly verb: string
}

/** `patch domains/status of multiclusterdns.kubefed.io`, `get /version`. */
export function describeRight({
  verb,
  resource,
  group,
  objectName,
}: Pick<Right, 'verb' | 'resource' | 'group' | 'objectName'>): string {
  const what = objectName === undefined ? resource : `${resource} ${objectName}`
  return group === undefined || group === '' ? `${verb} ${what}` : `${verb} ${what} of ${group}`
}

/** All that one side's roles grant. */
export function rights(side: Side): readonly Right[] {
  return manifests(side).flatMap(({ object }) =>
    rulesOf(object).flatMap((rule) => rightsOf(side, object, rule)),
  )
}

function rightsOf(side: Side, object: KubeObject, rule: PolicyRule): readonly Right[] {
  const role = object.kind === 'Role' ? 'Role' : 'ClusterRole'
  const at = { side, role, namespace: object.metadata.namespace } as const
  const urls = (rule.nonResourceURLs ?? []).map((resource) => ({ group: undefined, resource }))
  const resources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).map((resource) => ({ group, resource })),
  )
  return [...urls, ...resources].flatMap((what) =>
    rule.verbs.flatMap((verb) =>
      (rule.resourceNames ?? [undefined]).map((objectName) => ({ ...at, ...what, objectName, verb })),
    ),
  )
}

/** A role's rules without one right. Rules that grant nothing any more are left out. */
export function rulesWithout(rules: readonly PolicyRule[], gone: Right): readonly PolicyRule[] {
  return rules.flatMap((rule) => {
    const field = gone.group === undefined ? 'nonResourceURLs' : 'resources'
    const names = rule[field] ?? []
    const isHere =
      names.includes(gone.resource) &&
      rule.verbs.includes(gone.verb) &&
      (gone.group === undefined || rule.apiGroups?.includes(gone.group) === true)
    if (!isHere) return [rule]
    const others = names.filter((name) => name !== gone.resource)
    const verbs = rule.verbs.filter((verb) => verb !== gone.verb)
    return [
      ...(others.length === 0 ? [] : [{ ...rule, [field]: others }]),
      ...(verbs.length === 0 ? [] : [{ ...rule, [field]: [gone.resource], verbs }]),
    ]
  })
}

/** A request as RBAC sees it (Kubernetes, "Determine the Request Verb"). */
export interface AskedFor {
  readonly verb: string
  /** Undefined for a URL. */
  readonly group: string | undefined
  readonly resource: string
  readonly namespace: string | undefined
  readonly objectName: string | undefined
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** What a request asks for. @param path - with its query */
export function askedFor(method: string, path: string): AskedFor {
  const { pathname, searchParams } = new URL(path, 'https://api')
  const found =
    /^\/(?:api\/v1|apis\/(?<group>[^/]+)\/[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>[a-z]+))?$/.exec(
      pathname,
    )?.groups
  if (found === undefined)
    return {
      verb: method.toLowerCase(),
      group: undefined,
      resource: pathname,
      namespace: undefined,
      objectName: undefined,
    }
  const { group = '', namespace, plural = '', name, sub } = found
  const read = name === undefined ? (searchParams.get('watch') === 'true' ? 'watch' : 'list') : 'get'
  return {
    verb: VERBS[method] ?? read,
    group,
    resource: sub === undefined ? plural : `${plural}/${sub}`,
    namespace,
    objectName: name,
  }
}

/** Whether a right allows a request. */
export function allows(right: Right, asked: AskedFor): boolean {
  return (
    right.verb === asked.verb &&
    right.group === asked.group &&
    right.resource === asked.resource &&
    (right.role === 'ClusterRole' || right.namespace === asked.namespace) &&
    (right.objectName === undefined || right.objectName === asked.objectName)
  )
}
