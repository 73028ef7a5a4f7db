import { badRequest, failure, qualified } from '../model/status.ts'
import type { ResourceRequest } from './asked.ts'
import { text } from './message.ts'
import type { ApiAnswer } from './message.ts'

const SUBRESOURCE_WORDS: Readonly<Record<string, string>> = { POST: 'create', DELETE: 'delete' }

/**
 * A real server has two routers, and the one for custom resources refuses in other words.
 * @returns an answer that is no Status, or undefined when the request is not refused
 * @throws StatusError 400 (a collection cannot be replaced), 405
 */
export function refusedCustom({ request: { method }, path, target }: ResourceRequest): ApiAnswer | undefined {
  const { type } = target
  if (type.builtin) return undefined
  if (path.name === '' && path.namespace === '' && type.namespaced && method !== 'GET') {
    return text(404, '404 page not found\n')
  }
  if (path.name === '' && (method === 'PUT' || method === 'PATCH')) throw badRequest('name must be provided')
  const verb = SUBRESOURCE_WORDS[method]
  if (path.subresource === '' || verb === undefined) return undefined
  const details = { group: type.group, kind: type.plural }
  const words = `${verb} is not supported on resources of kind "${qualified(type)}"`
  throw failure(405, 'MethodNotAllowed', words, { details })
}
