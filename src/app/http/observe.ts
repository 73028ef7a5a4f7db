import type { Metrics } from '../../telemetry/metrics.ts'

/** What is counted elsewhere. */
export interface Observed {
  readonly controlPlane: {
    readonly fleet: { connections(): readonly { readonly session: { readonly up: boolean } }[] }
    readonly discovery: { readonly ledger: { readonly size: number } }
  }
  readonly nameserver: {
    readonly writer: { usage(): { readonly usedBytes: number } }
    counters(): Readonly<Record<string, number>>
  }
}

/** Make metrics of what is counted elsewhere: read when Prometheus asks, nothing is added to any path. */
export function observeControlPlane(metrics: Metrics, { controlPlane, nameserver }: Observed): void {
  const { fleet, discovery } = controlPlane
  metrics.observed(
    'gauge',
    { component: 'discovery', what: 'published', unit: 'names', help: 'DNS names in service.' },
    () => [[{}, discovery.ledger.size]],
  )
  metrics.observed(
    'gauge',
    {
      component: 'kube',
      what: 'member',
      unit: 'clusters',
      help: 'Member clusters, by whether they can be seen.',
      labels: { state: ['up', 'down'] },
    },
    () => {
      const up = fleet.connections().filter(({ session }) => session.up).length
      return [
        [{ state: 'up' }, up],
        [{ state: 'down' }, fleet.connections().length - up],
      ]
    },
  )
  metrics.observed(
    'gauge',
    {
      component: 'nameserver',
      what: 'zone_store_used',
      unit: 'bytes',
      help: 'Bytes of the zone store in use.',
    },
    () => [[{}, nameserver.writer.usage().usedBytes]],
  )
  for (const name of Object.keys(nameserver.counters())) {
    metrics.observed(
      'counter',
      {
        component: 'nameserver',
        what: snakeCase(name),
        unit: 'total',
        help: `DNS server: ${snakeCase(name).replaceAll('_', ' ')}.`,
      },
      () => [[{}, nameserver.counters()[name] ?? 0]],
    )
  }
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
}
