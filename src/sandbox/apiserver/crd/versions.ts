import type { KubeObject } from '../../../api/object.ts'
import { fieldsOf, listOf, textOf } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { StructuralSchema } from './structural.ts'

/** One version of a CRD, as its spec has it. */
export interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly schema: StructuralSchema
  readonly subresources: Readonly<Fields>
  readonly printerColumns: unknown
  readonly selectable: readonly string[]
  readonly deprecationWarning: string | undefined
}

/** The versions of a CRD that was validated. */
export function versionsOf(crd: KubeObject): readonly CrdVersion[] {
  return listOf(fieldsOf(crd['spec'])['versions'])
    .map(fieldsOf)
    .map((version) => ({
      name: textOf(version['name']),
      served: version['served'] === true,
      storage: version['storage'] === true,
      schema: fieldsOf(fieldsOf(version['schema'])['openAPIV3Schema']) as StructuralSchema, // validated with the CRD
      subresources: fieldsOf(version['subresources']),
      printerColumns: version['additionalPrinterColumns'],
      selectable: listOf(version['selectableFields']).map((field) => textOf(fieldsOf(field)['jsonPath'])),
      deprecationWarning: deprecationOf(crd, version),
    }))
}

function deprecationOf(crd: KubeObject, version: Readonly<Fields>): string | undefined {
  if (version['deprecated'] !== true) return undefined
  const { group, names } = fieldsOf(crd['spec'])
  return (
    textOf(version['deprecationWarning']) ||
    `${textOf(group)}/${textOf(version['name'])} ${textOf(fieldsOf(names)['kind'])} is deprecated`
  )
}
