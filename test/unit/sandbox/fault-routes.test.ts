import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Fault, Faults } from '../../../src/sandbox/apiserver/types.ts'
import { type RouteRequest, sandboxFaultRoutes } from '../../../src/sandbox/fault-routes.ts'

class FakeFaults implements Faults {
  current: Fault | undefined

  set(fault: Fault): void {
    this.current = fault
  }

  clear(): void {
    this.current = undefined
  }
}

const eastFault = '/sandbox/clusters/east/fault'

function newRoutes(current?: Fault) {
  const east = new FakeFaults()
  east.current = current
  const servers = new Map([
    ['host', { faults: new FakeFaults() }],
    ['east', { faults: east }],
  ])
  const routes = sandboxFaultRoutes(servers)
  return { east, ask: (method: string, path: string, body = '') => routes({ method, path, body }) }
}

describe('sandboxFaultRoutes', () => {
  const faults: readonly Fault[] = [
    { kind: 'hang' },
    { kind: 'reset' },
    { kind: 'down' },
    { kind: 'slow', delayMs: 2000 },
    { kind: 'status', code: 429, retryAfterSeconds: 5 },
    { kind: 'status', code: 401 },
    { kind: 'compact' },
    { kind: 'malformed' },
  ]
  it.each(faults)('PUT sets a fault: $kind', (fault) => {
    const { east, ask } = newRoutes()

    expect(ask('PUT', eastFault, JSON.stringify(fault))).toEqual({
      status: 200,
      body: { cluster: 'east', fault },
    })
    expect(east.current).toEqual(fault)
  })

  it('takes every fault that docs/sandbox.md shows', () => {
    const page = readFileSync(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8')
    const shown = [...page.matchAll(/^\| `(\{"kind".*?\})` \|/gm)].map(([, text]) => text ?? '')

    expect(shown.map((text) => newRoutes().ask('PUT', eastFault, text)?.status)).toEqual([
      200, 200, 200, 200, 200, 200, 200,
    ])
  })

  it('GET tells and DELETE clears', () => {
    const { east, ask } = newRoutes({ kind: 'hang' })

    expect(ask('GET', eastFault)).toEqual({ status: 200, body: { cluster: 'east', fault: { kind: 'hang' } } })
    expect(ask('DELETE', eastFault)).toEqual({ status: 200, body: { cluster: 'east', fault: null } })
    expect(east.current).toBeUndefined()
  })

  it('GET /sandbox/clusters tells them all', () => {
    expect(newRoutes({ kind: 'down' }).ask('GET', '/sandbox/clusters')).toEqual({
      status: 200,
      body: {
        clusters: [
          { name: 'host', fault: null },
          { name: 'east', fault: { kind: 'down' } },
        ],
      },
    })
  })

  const bad: readonly {
    name: string
    in: Pick<RouteRequest, 'method' | 'path'> & { body?: string }
    status: number
    error: RegExp
  }[] = [
    {
      name: 'a body that is no JSON',
      in: { method: 'PUT', path: eastFault, body: 'hang' },
      status: 400,
      error: /body is not JSON; send one of \{"kind":"hang"\}/,
    },
    {
      name: 'a fault that is none',
      in: { method: 'PUT', path: eastFault, body: '{"kind":"explode"}' },
      status: 400,
      error: /^kind: /,
    },
    {
      name: 'a delay below 1 ms',
      in: { method: 'PUT', path: eastFault, body: '{"kind":"slow","delayMs":0}' },
      status: 400,
      error: /^delayMs: Too small/,
    },
    {
      name: 'a status that the double does not know',
      in: { method: 'PUT', path: eastFault, body: '{"kind":"status","code":200}' },
      status: 400,
      error: /^code: /,
    },
    {
      name: 'a field too many',
      in: { method: 'PUT', path: eastFault, body: '{"kind":"hang","delayMs":5}' },
      status: 400,
      error: /delayMs/,
    },
    {
      name: 'a cluster that is not there',
      in: { method: 'GET', path: '/sandbox/clusters/west/fault' },
      status: 404,
      error: /there is no cluster "west"; there are host, east/,
    },
    {
      name: 'a cluster name with broken encoding',
      in: { method: 'GET', path: '/sandbox/clusters/%E0%A4%A/fault' },
      status: 404,
      error: /no cluster/,
    },
    {
      name: 'another method',
      in: { method: 'POST', path: eastFault },
      status: 405,
      error: /GET, PUT, DELETE/,
    },
    {
      name: 'another method on the list',
      in: { method: 'PUT', path: '/sandbox/clusters' },
      status: 405,
      error: /GET/,
    },
  ]
  it.each(bad)('refuses $name and leaves the fault as it was', ({ in: request, status, error }) => {
    const { east, ask } = newRoutes({ kind: 'reset' })

    const response = ask(request.method, request.path, request.body)

    expect(response?.status).toBe(status)
    expect(response?.body).toEqual({ error: expect.stringMatching(error) as string })
    expect(east.current).toEqual({ kind: 'reset' })
  })

  it('leaves other paths to others', () => {
    const { ask } = newRoutes()

    expect(ask('GET', '/healthz')).toBeUndefined()
    expect(ask('GET', '/sandbox/clusters/east/fault/more')).toBeUndefined()
  })
})
