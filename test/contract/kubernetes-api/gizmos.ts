import type { Json } from '../../support/kubernetes-client.ts'
import { eventually, versionOf } from './context.ts'
import type { ContractContext } from './context.ts'

/** Path of all CRDs. */
export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** What a definition of gizmos has beside the properties of their spec. */
export interface GizmoOptions {
  readonly required?: readonly string[]
  readonly columns?: readonly Json[]
}

/**
 * The CRD of `gizmos`, with such a spec.
 * @param mark - default of a field of every gizmo: shows which definition is served
 */
export function gizmoCrd(group: string, properties: Json, mark: string, options: GizmoOptions = {}): Json {
  const spec = {
    type: 'object',
    properties: { ...properties, mark: { type: 'string', default: mark } },
    ...(options.required === undefined ? {} : { required: options.required }),
  }
  const status = { type: 'object', properties: { ok: { type: 'boolean' } } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gizmos.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'gizmos', kind: 'Gizmo' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
          subresources: { status: {} },
          ...(options.columns === undefined ? {} : { additionalPrinterColumns: options.columns }),
        },
      ],
    },
  }
}

/** Define gizmos, or define them anew, and wait until that is what the server serves. @returns the path of all in the namespace */
export async function defineGizmos(
  { api, group, namespace, unique }: ContractContext,
  properties: Json,
  options: GizmoOptions = {},
): Promise<string> {
  const mark = unique('mark')
  const crd = gizmoCrd(group, properties, mark, options)
  const there = await api.get(`${CRDS}/gizmos.${group}`)
  const written =
    there.code === 404
      ? await api.post(CRDS, crd)
      : await api.put(`${CRDS}/gizmos.${group}`, {
          ...crd,
          metadata: { name: `gizmos.${group}`, resourceVersion: versionOf(there) },
        })
  if (written.code >= 300) throw new Error(String(written.body['message']))
  const path = `/apis/${group}/v1/namespaces/${namespace}/gizmos`
  const probe = { apiVersion: `${group}/v1`, kind: 'Gizmo', metadata: { name: 'probe' } }
  const filled = Object.fromEntries((options.required ?? []).map((field) => [field, 'z']))
  await eventually(
    () => api.post(`${path}?dryRun=All`, { ...probe, spec: filled }),
    (reply) => (reply.body['spec'] as Json | undefined)?.['mark'] === mark,
  )
  return path
}
