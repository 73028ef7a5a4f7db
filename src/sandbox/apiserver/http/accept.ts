import { failure } from '../model/status.ts'

/** The form in which a client wants objects. */
export type Representation = 'object' | 'table' | 'metadata'

/** What an answer will be, and the name the real server's errors have for it. */
export interface AnswerShape {
  readonly isList: boolean
  /** `*core.ConfigMapList` */
  readonly goType: string
}

interface MediaRange {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Choose how to answer, from an `Accept` header: the first range that this server can serve.
 * @param answer - what will be answered, where that is known: metadata of one object is not served of a list, nor the other way
 * @throws StatusError 406
 */
export function representationFor(accept: string | undefined, answer?: AnswerShape): Representation {
  if (accept === undefined || accept.trim() === '') return 'object'
  const ranges = rangesOf(accept)
  for (const range of ranges) {
    const found = served(range)
    if (found === undefined) continue
    const as = range.parameters.get('as') ?? ''
    if (found === 'metadata' && answer !== undefined) checkShape(as, answer)
    return found
  }
  const known = ranges.some((range) => range.type.startsWith('application/'))
  throw known
    ? failure(406, 'NotAcceptable', 'only the following media types are accepted: application/json')
    : failure(
        406,
        'NotAcceptable',
        '406: Not Acceptable\n\nAvailable representations: application/json, application/json;stream=watch',
        { details: {} },
      )
}

function checkShape(as: string, { isList, goType }: AnswerShape): void {
  if (isList === as.endsWith('List')) return
  const what = isList ? 'a list' : 'not a list'
  throw failure(406, 'NotAcceptable', `you requested ${as}, but the requested object is ${what} (${goType})`)
}

function served(range: MediaRange): Representation | undefined {
  if (!['application/json', 'application/*', '*/*'].includes(range.type)) return undefined
  const as = range.parameters.get('as')
  if (as === undefined) return 'object'
  if (range.parameters.get('g') !== 'meta.k8s.io' || range.parameters.get('v') !== 'v1') return undefined
  if (as === 'Table') return 'table'
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList' ? 'metadata' : undefined
}

/** The version of the aggregated discovery document a client takes, and whether it takes one at all. */
export function discoveryVersionFor(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const range of rangesOf(accept ?? '')) {
    if (range.type !== 'application/json') continue
    const version = range.parameters.get('v')
    if (range.parameters.get('as') === undefined) return undefined
    const wanted =
      range.parameters.get('g') === 'apidiscovery.k8s.io' &&
      range.parameters.get('as') === 'APIGroupDiscoveryList'
    if (wanted && (version === 'v2' || version === 'v2beta1')) return version
  }
  return undefined
}

function rangesOf(accept: string): readonly MediaRange[] {
  return accept
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
      return {
        type: type.toLowerCase(),
        parameters: new Map(
          parameters.map((parameter): [string, string] => {
            const at = parameter.indexOf('=')
            return at === -1 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)]
          }),
        ),
      }
    })
    .filter((range) => range.type !== '')
}
