import type { AnswerCount } from '../../kube/answer-book.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Sample } from '../../telemetry/observed-metrics.ts'

/** Closed: API servers answer little else. */
const HTTP_CODES = [
  ...['200', '201', '400', '401', '403', '404', '409', '410', '422', '429', '500', '503', '504'],
  'other',
] as const
const ANSWER_LABELS = {
  cluster: 'open',
  verb: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  code: HTTP_CODES,
} as const

/** A connection and what its API server has answered so far. */
interface Answering {
  readonly name: string
  readonly transport: { readonly answers: Iterable<AnswerCount> }
}

/** What is counted elsewhere. */
export interface Observed {
  readonly controlPlane: {
    readonly host: Answering
    readonly fleet: {
      connections(): readonly (Answering & { readonly session: { readonly up: boolean } })[]
    }
    readonly discovery: { readonly ledger: { readonly size: number } }
  }
}

/** Make metrics of what is counted elsewhere: read when Prometheus asks, nothing is added to any path. */
export function observeControlPlane(metrics: Metrics, { controlPlane }: Observed): void {
  const { host, fleet, discovery } = controlPlane
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
    'counter',
    {
      component: 'kube',
      what: 'answers',
      unit: 'total',
      help: 'Answers of API servers, by verb and HTTP status: 401 and 403 are missing rights.',
      labels: ANSWER_LABELS,
    },
    () => [host, ...fleet.connections()].flatMap((connection) => [...answersOf(connection)]),
  )
}

function* answersOf({ name, transport }: Answering): IterableIterator<Sample<typeof ANSWER_LABELS>> {
  for (const { verb, httpStatus, count } of transport.answers) {
    const code = HTTP_CODES.find((known) => known === String(httpStatus)) ?? 'other'
    yield [{ cluster: name, verb, code }, count]
  }
}
