import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { SlowFiles } from './slow-files.ts'

const TEST_WITHIN_MS = 180_000

// Two workers: each scene has its own block of loopback addresses by the worker's number, and two cores carry two fleets.
// No retries: a test that fails once in ten runs has found something.
export default defineConfig({
  root: join(import.meta.dirname, '../../..'),
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    pool: 'forks',
    maxWorkers: 2,
    retry: 0,
    testTimeout: TEST_WITHIN_MS,
    hookTimeout: TEST_WITHIN_MS,
    teardownTimeout: 60_000,
    globalSetup: ['test/support/global-setup.ts'],
    reporters: [process.env['CI'] === 'true' ? 'verbose' : 'default', new SlowFiles()],
  },
})
