import { fieldsOf } from '../model/values.ts'
import { parseObject } from './body.ts'
import { json } from './message.ts'
import type { ApiAnswer, ApiRequest } from './message.ts'
import type { ResourcePath } from './path.ts'

/** The token of this server may do everything, so that every access review says yes. */
export function handleReview(request: ApiRequest, path: ResourcePath): ApiAnswer | undefined {
  const isReview =
    path.group === 'authorization.k8s.io' &&
    path.version === 'v1' &&
    path.plural === 'selfsubjectaccessreviews' &&
    path.name === '' &&
    request.method === 'POST'
  if (!isReview) return undefined
  const { value } = parseObject(request, 'SelfSubjectAccessReview')
  return json(201, {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: fieldsOf(fieldsOf(value)['spec']),
    status: { allowed: true },
  })
}
