import type { Metrics } from '../../telemetry/metrics.ts'
import { textReply, type HttpReply, type HttpRoute } from './http-server.ts'

/** What is at a path, for GET and HEAD. */
export type Routes = Readonly<Record<string, (query: URLSearchParams) => HttpReply | Promise<HttpReply>>>

export interface Health {
  /** Names are answered. */
  readonly isServing: () => boolean
  /** The process has been told to end. */
  readonly isLeaving: () => boolean
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>
}

/** Alive, ready, and what Prometheus reads. */
export function healthRoutes({ isServing, isLeaving, metrics }: Health): Routes {
  return {
    '/healthz': () => textReply(200, 'ok'),
    '/readyz': () => {
      if (isLeaving()) return textReply(503, 'shutting down')
      return isServing() ? textReply(200, 'ok') : textReply(503, 'not serving yet')
    },
    '/metrics': async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() }),
  }
}

/** Routes by path. */
export function routeOf(routes: Routes): HttpRoute {
  return ({ method, path, query }) => {
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) return undefined
    return method === 'GET' || method === 'HEAD' ? route(query) : textReply(405, 'use GET')
  }
}
