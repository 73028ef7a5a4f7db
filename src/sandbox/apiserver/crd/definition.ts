import type { KubeObject } from '../../../api/object.ts'
import { fieldsOf, listOf, textOf } from '../model/values.ts'
import { timestamp } from '../resource/cluster.ts'
import type { Rules } from '../resource/resource.ts'
import { approvalOf } from './approval.ts'
import { unrecognizedFormats } from './formats.ts'
import { crdProblems } from './validation.ts'
import { versionsOf } from './versions.ts'

/** Defaults of a CRD: names that follow from others, no conversion. */
export function defaultCrd(crd: KubeObject): KubeObject {
  const spec = fieldsOf(crd['spec'])
  const names = fieldsOf(spec['names'])
  const kind = textOf(names['kind'])
  return {
    ...crd,
    spec: {
      ...spec,
      names: {
        ...names,
        singular: textOf(names['singular']) || kind.toLowerCase(),
        listKind: textOf(names['listKind']) || (kind === '' ? '' : `${kind}List`),
      },
      conversion: spec['conversion'] ?? { strategy: 'None' },
    },
  }
}

/** CRD: accepted at once, unless it cannot be served. */
export const CRD_RULES: Rules = {
  onCreate: (crd, context) => established(crd, undefined, context.nowMs),
  onUpdate: (crd, old, context) => established(crd, old, context.nowMs),
  validate: crdProblems,
  warnings: (crd) =>
    [...new Set(versionsOf(crd).flatMap(({ schema }) => unrecognizedFormats(schema)))]
      .toSorted()
      .map((format) => `unrecognized format ${JSON.stringify(format)}`),
}

/** The real server sets these a moment later; here a CRD is served when its create is answered. */
function established(crd: KubeObject, old: KubeObject | undefined, nowMs: number): KubeObject {
  const spec = fieldsOf(crd['spec'])
  const before = fieldsOf(old?.['status'])
  const storage = versionsOf(crd).find((version) => version.storage)?.name
  const stored = listOf(before['storedVersions']).map(textOf)
  const at = timestamp(nowMs)
  const conditions = [
    {
      type: 'NamesAccepted',
      status: 'True',
      lastTransitionTime: at,
      reason: 'NoConflicts',
      message: 'no conflicts found',
    },
    {
      type: 'Established',
      status: 'True',
      lastTransitionTime: at,
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    },
    ...approvalConditions(crd, at),
  ]
  return {
    ...crd,
    status: {
      conditions: before['conditions'] ?? conditions,
      acceptedNames: spec['names'],
      storedVersions: storage === undefined || stored.includes(storage) ? stored : [...stored, storage],
    },
  }
}

/** Only groups of the Kubernetes project itself need an approval. */
function approvalConditions(crd: KubeObject, at: string): readonly unknown[] {
  const approval = approvalOf(textOf(fieldsOf(crd['spec'])['group']), crd)
  if (approval === undefined) return []
  const type = 'KubernetesAPIApprovalPolicyConformant'
  const isApproved = approval.kind === 'approved'
  return [
    {
      type,
      status: isApproved ? 'True' : 'False',
      lastTransitionTime: at,
      reason: isApproved ? 'ApprovedAnnotation' : 'UnapprovedAnnotation',
      message: isApproved
        ? `approved in ${approval.words}`
        : `not approved: ${JSON.stringify(approval.words)}`,
    },
  ]
}
