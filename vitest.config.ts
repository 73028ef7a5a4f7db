import { defineConfig } from 'vitest/config'

/** Pure code and code with its surroundings handed in: nothing is left behind, so files share a process and its modules. */
const PURE = ['test/unit/**/*.test.ts', 'test/conformance/**/*.test.ts']
/** What measures a process wants one of its own, and so does what is a whole program. */
const ALONE = [
  'test/!(unit|conformance|e2e)/**/*.test.ts',
  'test/*.test.ts',
  'test/unit/memory-guard.test.ts',
  'test/unit/kube/memory.test.ts',
]

// Two cores, and tests that often wait: three forks. Timers in tests are fake; the generous limit is for a loaded machine, not for waiting.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    globalSetup: ['test/support/global-setup.ts'],
    reporters: process.env['CI'] === 'true' ? ['default', 'github-actions'] : ['default'],
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'pure', include: PURE, exclude: ALONE, isolate: false } },
    ],
  },
})
