import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TOOLS_FOLDER, builtFolder, cacheFolder } from '../../e2e/setup/cache.ts'
import { PINS } from '../../e2e/setup/pins.ts'

describe('the cache folder', () => {
  const rows = [
    {
      name: 'is named by the user',
      env: { WAYPOST_E2E_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' },
      want: '/c',
    },
    {
      name: 'else lies in the user’s cache',
      env: { XDG_CACHE_HOME: '/x', HOME: '/h' },
      want: '/x/waypost/e2e',
    },
    { name: 'else in that of the home folder', env: { HOME: '/h' }, want: '/h/.cache/waypost/e2e' },
    {
      name: 'is not named by an empty variable',
      env: { WAYPOST_E2E_CACHE: '', XDG_CACHE_HOME: '', HOME: '/h' },
      want: '/h/.cache/waypost/e2e',
    },
  ]
  it.each(rows)('$name', ({ env, want }) => {
    expect(cacheFolder(env)).toBe(want)
  })
})

describe('the folder of one version', () => {
  const env = { WAYPOST_E2E_CACHE: '/c' }
  let tools = ''
  beforeAll(() => {
    tools = mkdtempSync(join(tmpdir(), 'waypost-tools-'))
    cpSync(join(TOOLS_FOLDER, 'etcd'), join(tools, 'etcd'), { recursive: true })
  })
  afterAll(() => rmSync(tools, { recursive: true, force: true }))

  it('names component and version', () => {
    expect(builtFolder(PINS.etcd, env)).toMatch(/^\/c\/etcd-3\.6\.16-[0-9a-f]{12}$/)
  })

  it('is the same for the same pin, wherever the checkout lies', () => {
    expect(builtFolder(PINS.etcd, env, tools)).toBe(builtFolder(PINS.etcd, env))
  })

  it('is another when the flags of the build change', () => {
    const flagged = { ...PINS.etcd, ldflags: ['-X main.version=1'] }

    expect(builtFolder(flagged, env)).not.toBe(builtFolder(PINS.etcd, env))
  })

  it('is another when a line of go.sum changes', () => {
    const before = builtFolder(PINS.etcd, env, tools)

    appendFileSync(join(tools, 'etcd', 'go.sum'), 'example.com/x v1.0.0 h1:x=\n')

    expect(builtFolder(PINS.etcd, env, tools)).not.toBe(before)
  })
})
