import type { ServiceFacts } from '../api/facts.ts'
import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import { describeShard } from '../core/discovery/memory.ts'
import type { DomainName } from '../dns/names.ts'
import { sameAnswer, type Answer, type NameChange } from '../dns/records.ts'
import type { ControlPlane } from './control-plane.ts'

/** What happens, in lines for a person who watches the sandbox. */
export interface Story {
  /** Names were swapped in. */
  published(changes: readonly NameChange[]): void
  /** Begin to tell what is seen in members. */
  follow(controlPlane: ControlPlane): void
}

/** Lines are told one at a time; a burst of more names than this is told as one line. */
const MAX_LINES_AT_ONCE = 40

/** Tells addresses that come and go, endpoints that come and go, and answers that change with the reason. */
export function createStory(tell: (line: string) => void): Story {
  const answers = new Map<DomainName, Answer>()
  const addresses = new Map<string, string>()
  let plane: ControlPlane | undefined

  const clusterName = (cluster: ClusterIndex): string => plane?.fleet.nameOf(cluster) ?? `cluster ${cluster}`

  const seen = (
    kind: string,
    key: ObjectKey,
    cluster: ClusterIndex,
    facts: Pick<ServiceFacts, 'a' | 'aaaa' | 'hosts'> | undefined,
  ): void => {
    const at = [kind, String(cluster), key].join(' ')
    const now = [...(facts?.a ?? []), ...(facts?.aaaa ?? []), ...(facts?.hosts ?? [])].join(', ')
    const before = addresses.get(at) ?? ''
    if (now === before) return
    if (now === '') addresses.delete(at)
    else addresses.set(at, now)
    const who = `${clusterName(cluster)}: ${kind} ${key}`
    tell(now === '' ? `seen    ${who} has no address any more` : `seen    ${who} has address ${now}`)
  }

  const told = (change: NameChange): string | undefined => {
    const before = answers.get(change.name)
    if (sameAnswer(before, change.answer)) return undefined
    if (change.answer === undefined) answers.delete(change.name)
    else answers.set(change.name, change.answer)
    const why = reasonFor(change.name, plane)
    const was = before === undefined ? '' : `${shown(before)} -> `
    return `answer  ${change.name.slice(0, -1)}: ${was}${shown(change.answer)}${why === '' ? '' : `  (${why})`}`
  }

  return {
    published(changes) {
      const lines = changes.map(told).filter((line) => line !== undefined)
      for (const line of lines.slice(0, MAX_LINES_AT_ONCE)) tell(line)
      if (lines.length > MAX_LINES_AT_ONCE) tell(`answer  and ${lines.length - MAX_LINES_AT_ONCE} names more`)
    },
    follow(controlPlane) {
      plane = controlPlane
      const { stores, fleet } = controlPlane
      stores.services.onKey((key, cluster) =>
        seen('Service', key, cluster, stores.services.get(key, cluster)),
      )
      stores.ingresses.onKey((key, cluster) =>
        seen('Ingress', key, cluster, stores.ingresses.get(key, cluster)),
      )
      stores.endpoints.onKey((key, cluster) => {
        if (stores.services.get(key, cluster) === undefined) return
        if (!addresses.has(['Service', String(cluster), key].join(' '))) return
        const { ready } = stores.endpoints.get(key, cluster)
        tell(
          `seen    ${clusterName(cluster)}: Service ${key} has ${ready} ready endpoint${ready === 1 ? '' : 's'}`,
        )
      })
      fleet.onSession((cluster, session) => {
        const what =
          session === undefined
            ? 'is no member any more'
            : session.up
              ? 'is being watched'
              : 'cannot be seen; what was last known stays'
        tell(`cluster ${clusterName(cluster)} ${what}`)
      })
    },
  }
}

function shown(answer: Answer | undefined): string {
  if (answer === undefined) return 'nothing'
  switch (answer.kind) {
    case 'addresses': {
      const all = [...answer.a, ...answer.aaaa]
      return all.length === 0 ? 'no address' : all.join(', ')
    }
    case 'alias':
      return `alias of ${answer.target.slice(0, -1)}`
    case 'records':
      return 'zone data'
  }
}

/** Clusters of the name's owner that are not fit, with the reason. */
function reasonFor(name: DomainName, plane: ControlPlane | undefined): string {
  const owner = plane?.discovery.ledger.get(name)?.owner
  if (plane === undefined || owner === undefined) return ''
  const [kind, namespace = '', object = ''] = owner.split('/')
  const key = `${namespace}/${object}` as ObjectKey // an OwnerKey is a kind and an ObjectKey
  const state =
    kind === 'ServiceDNSRecord' ? plane.discovery.services.get(key) : plane.discovery.ingresses.get(key)
  if (state?.kind !== 'published') return ''
  const { memory } = state
  return [...plane.members.values()]
    .map((member) => ({ member, shard: describeShard(memory, member.index) }))
    .filter(({ shard }) => shard.state !== 'Fit')
    .map(({ member, shard }) => `${member.name}: ${shard.reason}`)
    .join(', ')
}
