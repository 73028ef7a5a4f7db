import type { Nameserver } from '../../nameserver/server.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'

/** Make metrics of what is counted elsewhere: read when Prometheus asks, nothing is added to any path. */
export function observeControlPlane(
  metrics: Metrics,
  { controlPlane, nameserver }: { readonly controlPlane: ControlPlane; readonly nameserver: Nameserver },
): void {
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
  const counted = nameserver.counters()
  for (const name of Object.keys(counted)) {
    metrics.observed(
      'counter',
      {
        component: 'nameserver',
        what: snakeCase(name),
        unit: 'total',
        help: `DNS server: ${snakeCase(name).replaceAll('_', ' ')}.`,
      },
      () => [[{}, nameserver.counters()[name as keyof typeof counted]]],
    )
  }
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
}
