import { defineConfig } from 'vitest/config'

// Two cores: two forks. Timers in tests are fake; the generous limit is for a loaded machine, not for waiting.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    globalSetup: ['test/support/global-setup.ts'],
    reporters: process.env['CI'] === 'true' ? ['default', 'github-actions'] : ['default'],
  },
})
