import type { SceneAddresses } from './types.ts'

/** A block for each worker of the suite; one scene at a time in each. In the suite's own network namespace port 53 of all of them is free. */
export function sceneAddresses(): SceneAddresses {
  const block = 10 + Number(process.env['VITEST_POOL_ID'] ?? 1)
  const at = (last: number): string => `127.0.${block}.${last}`
  return { parents: at(2), waypost: at(4), provider: at(6), coredns: at(8), resolver: at(9) }
}
