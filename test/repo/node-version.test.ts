import { expect, it } from 'vitest'

it('npm test runs on Node 24, on a machine that has only Node 20 as well', () => {
  expect(Number(process.versions.node.split('.')[0])).toBe(24)
})

it('npm test runs on Node >= 22.19, the floor of package.json', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

  expect(major * 1000 + minor).toBeGreaterThanOrEqual(22_019)
})
