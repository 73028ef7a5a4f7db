/** What changed about a key: columns, ascending and distinct, or everything. No column = only the time has come. */
export type Dirty<C extends number = number> = readonly C[] | 'all'

/** Columns gathered for one key; most keys have one, so that costs no object. */
export type DirtyCell<C extends number> = undefined | C | Set<C> | 'all'

/** The cell with more columns in it. */
export function soil<C extends number>(cell: DirtyCell<C>, dirty: C | Dirty<C>): DirtyCell<C> {
  if (cell === 'all' || dirty === 'all') return 'all'
  if (typeof dirty !== 'number') return dirty.reduce<DirtyCell<C>>((sum, column) => soil(sum, column), cell)
  if (cell === undefined || cell === dirty) return dirty
  return typeof cell === 'number' ? new Set([cell, dirty]) : cell.add(dirty)
}

/** Both cells' columns; neither cell may be used afterwards. */
export function mergeCells<C extends number>(left: DirtyCell<C>, right: DirtyCell<C>): DirtyCell<C> {
  if (right === undefined) return left
  return soil(left, right === 'all' || typeof right === 'number' ? right : [...right])
}

/** What a reconciler is given. */
export function dirtyOf<C extends number>(cell: DirtyCell<C>): Dirty<C> {
  if (cell === undefined) return []
  if (cell === 'all') return 'all'
  return typeof cell === 'number' ? [cell] : [...cell].sort((a, b) => a - b)
}
