import { describe, expect, it } from 'vitest'
import { rightOf } from '../../../src/kube/right.ts'
import type { AskedFor } from '../../../src/kube/right.ts'

const NAMES = '/apis/multiclusterdns.kubefed.io/v1alpha1/namespaces/web/servicednsrecords'

describe('rightOf', () => {
  const rows: readonly { readonly name: string; readonly in: AskedFor; readonly want: string }[] = [
    { name: 'a list', in: { path: '/api/v1/services', query: { limit: 5 } }, want: 'list services' },
    { name: 'a watch', in: { path: '/api/v1/services', query: { watch: true } }, want: 'watch services' },
    { name: 'an object', in: { path: '/api/v1/namespaces/kube-system' }, want: 'get namespaces' },
    {
      name: 'a list of one namespace, in a group',
      in: { path: NAMES },
      want: 'list servicednsrecords of multiclusterdns.kubefed.io',
    },
    {
      name: 'a status',
      in: { method: 'PATCH', path: `${NAMES}/nginx/status` },
      want: 'patch servicednsrecords/status of multiclusterdns.kubefed.io',
    },
    {
      name: 'creation',
      in: { method: 'POST', path: '/api/v1/namespaces/web/events' },
      want: 'create events',
    },
    {
      name: 'replacement',
      in: { method: 'PUT', path: `${NAMES}/nginx` },
      want: 'update servicednsrecords of multiclusterdns.kubefed.io',
    },
    { name: 'deletion', in: { method: 'DELETE', path: '/api/v1/nodes/n-1' }, want: 'delete nodes' },
    { name: 'what is no resource', in: { path: '/healthz' }, want: 'get /healthz' },
  ]

  it.each(rows)('$name: $want', (row) => {
    expect(rightOf(row.in)).toBe(row.want)
  })
})
