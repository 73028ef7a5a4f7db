import type { KubeObject } from '../../../api/object.ts'

/** One value of a table row. */
export type Cell = string | number | boolean | null

/** One column of a kind's table. */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format: string
  readonly description: string
  /** 0: always shown; above: `-o wide` only. */
  readonly priority: number
  readonly cell: (object: KubeObject, nowMs: number) => Cell
}
