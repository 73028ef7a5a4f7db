import type { KubeObject } from '../../../api/object.ts'
import type { Target } from '../resource/resource.ts'
import type { Cell } from './column.ts'

/** A `meta.k8s.io/v1` Table. */
export interface Table {
  readonly kind: 'Table'
  readonly apiVersion: 'meta.k8s.io/v1'
  readonly metadata: Readonly<Record<string, unknown>>
  readonly columnDefinitions: readonly Readonly<Record<string, unknown>>[]
  readonly rows: readonly { readonly cells: readonly Cell[]; readonly object: unknown }[]
}

/** What a table shows beside its objects. */
export interface TableRequest {
  readonly target: Target
  readonly includeObject: 'None' | 'Metadata' | 'Object'
  readonly nowMs: number
}

/** Print objects as a table. */
export function tableOf(
  request: TableRequest,
  metadata: Readonly<Record<string, unknown>>,
  objects: readonly KubeObject[],
): Table {
  const { columns } = request.target.version
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, type, format, description, priority }) => ({
      ...{ name, type, format, description, priority },
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, request.nowMs)),
      object: rowObject(request, object),
    })),
  }
}

function rowObject(request: TableRequest, object: KubeObject): unknown {
  switch (request.includeObject) {
    case 'None':
      return null
    case 'Object':
      return object
    case 'Metadata':
      return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
  }
}
