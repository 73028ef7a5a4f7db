import type { KubeObject } from './object.ts'
import type { PrinterColumn, ResourceDefinition } from './resource-definition.ts'

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) that serves a kind. */
export function toCustomResourceDefinition(definition: ResourceDefinition): KubeObject {
  const { group, version, plural, annotations } = definition
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      group,
      names: names(definition),
      scope: definition.namespaced ? 'Namespaced' : 'Cluster',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: definition.schema },
          ...subresources(definition),
          ...columns(definition.printerColumns),
        },
      ],
    },
  }
}

function names({ kind, listKind, plural, singular, shortNames, categories }: ResourceDefinition) {
  return {
    kind,
    listKind,
    plural,
    singular,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  }
}

function subresources({ subresources: { status, scale } }: ResourceDefinition) {
  if (!status && scale === undefined) return {}
  return { subresources: { ...(status ? { status: {} } : {}), ...(scale === undefined ? {} : { scale }) } }
}

function columns(printerColumns: readonly PrinterColumn[]) {
  return printerColumns.length === 0 ? {} : { additionalPrinterColumns: printerColumns }
}
