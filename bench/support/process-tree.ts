import { readdirSync, readFileSync } from 'node:fs'

/** Of a process and all that descend from it and still run: CPU time of all their threads since they began. */
export function cpuMicrosOf(pid: number): number {
  let nanos = 0
  for (const each of treeOf(pid)) {
    for (const task of readdirSync(`/proc/${each}/task`)) {
      // The scheduler's own account, in nanoseconds; /proc/PID/stat counts in hundredths of a second.
      nanos += Number(readFileSync(`/proc/${each}/task/${task}/schedstat`, 'utf8').split(' ')[0])
    }
  }
  return nanos / 1000
}

/** Memory that a process and its descendants hold, what several share counted once. */
export function memoryBytesOf(pid: number): number {
  let kib = 0
  for (const each of treeOf(pid)) {
    kib += Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  }
  return kib * 1024
}

/** A process and its descendants, as they are now. */
export function treeOf(root: number): readonly number[] {
  const childrenOf = Map.groupBy(
    readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)),
    parentOf,
  )
  const tree = [root]
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []).map(Number)) // grows while it is walked
  return tree
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) // the name before may hold anything
  } catch {
    return 0 // ended meanwhile
  }
}
