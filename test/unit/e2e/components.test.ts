import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtFolder } from '../../e2e/setup/cache.ts'
import { findComponent, lookForComponent } from '../../e2e/setup/components.ts'
import type { ComponentName } from '../../e2e/setup/components.ts'
import { KUBERNETES, PINS } from '../../e2e/setup/pins.ts'
import { putProgram } from '../../support/stand-in-go.ts'

let folder = ''
const at = (...parts: string[]) => join(folder, ...parts)
/** A machine with folders of programs; the system's own folders are the real ones. */
const machine = () => ({
  WAYPOST_E2E_BIN: at('own'),
  KUBEBUILDER_ASSETS: at('assets'),
  WAYPOST_E2E_CACHE: at('cache'),
  PATH: at('path'),
})
const cached = (pin: (typeof KUBERNETES)['1.36']) => builtFolder(pin, machine())

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-components-'))
  for (const name of ['etcd', 'dig']) putProgram(at('own', name), '')
  for (const name of ['etcd', 'kube-apiserver']) putProgram(at('assets', name), '')
  for (const name of ['kube-apiserver', 'kube-controller-manager']) {
    putProgram(join(cached(KUBERNETES['1.36']), name), '')
    putProgram(join(cached(KUBERNETES['1.34']), name), '')
  }
  for (const name of ['dig', 'kdig', 'kubectl', 'coredns']) putProgram(at('path', name), '')
  mkdirSync(at('own', 'coredns'))
  putProgram(join(cached(PINS['external-dns']), 'external-dns'), '')
  chmodSync(join(cached(PINS['external-dns']), 'external-dns'), 0o644)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('where a component is found', () => {
  interface Row {
    readonly name: string
    readonly component: ComponentName
    readonly env?: NodeJS.ProcessEnv
    readonly want: () => { path: string; from: string } | undefined
  }
  const rows: readonly Row[] = [
    {
      name: 'the folder that the user names comes first',
      component: 'etcd',
      want: () => ({ path: at('own', 'etcd'), from: 'WAYPOST_E2E_BIN' }),
    },
    {
      name: 'what it lacks comes from the envtest folder',
      component: 'kube-apiserver',
      want: () => ({ path: at('assets', 'kube-apiserver'), from: 'KUBEBUILDER_ASSETS' }),
    },
    {
      name: 'what that lacks too comes from the cache',
      component: 'kube-controller-manager',
      want: () => ({ path: join(cached(KUBERNETES['1.36']), 'kube-controller-manager'), from: 'cache' }),
    },
    {
      name: 'the cache is asked for the release that is wanted',
      component: 'kube-controller-manager',
      env: { WAYPOST_E2E_KUBERNETES: '1.34' },
      want: () => ({ path: join(cached(KUBERNETES['1.34']), 'kube-controller-manager'), from: 'cache' }),
    },
    {
      name: 'an empty variable is no folder',
      component: 'kube-apiserver',
      env: { WAYPOST_E2E_BIN: '', KUBEBUILDER_ASSETS: '' },
      want: () => ({ path: join(cached(KUBERNETES['1.36']), 'kube-apiserver'), from: 'cache' }),
    },
    {
      name: 'a program of the distribution may lie in the named folder',
      component: 'dig',
      want: () => ({ path: at('own', 'dig'), from: 'WAYPOST_E2E_BIN' }),
    },
    {
      name: 'else it is on PATH',
      component: 'kdig',
      want: () => ({ path: at('path', 'kdig'), from: 'system' }),
    },
    {
      name: 'a kubectl of any version that lies on PATH is not taken',
      component: 'kubectl',
      want: () => undefined,
    },
    { name: 'a folder of that name is no program', component: 'coredns', want: () => undefined },
    {
      name: 'a file that may not be executed is no program',
      component: 'external-dns',
      want: () => undefined,
    },
  ]
  it.each(rows)('$name', ({ component, env, want }) => {
    expect(lookForComponent(component, { ...machine(), ...env })).toEqual(want())
  })
})

describe('what is missing', () => {
  it('names the command that builds it', () => {
    expect(() => findComponent('coredns', machine())).toThrow('coredns is missing: npm run e2e:setup')
  })

  it('refuses a release that nobody pinned, with those there are', () => {
    const env = { ...machine(), WAYPOST_E2E_KUBERNETES: '1.20' }

    expect(() => findComponent('kubectl', env)).toThrow('no Kubernetes 1.20 here: 1.36 or 1.34')
  })
})
