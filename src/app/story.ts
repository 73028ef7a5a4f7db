import type { EndpointFacts, IngressFacts, ServiceFacts } from '../api/facts.ts'
import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import type { Member } from '../controllers/member-clusters.ts'
import type { IngressState } from '../controllers/publish-ingress.ts'
import type { ServiceState } from '../controllers/publish-service.ts'
import { describeShard } from '../core/discovery/memory.ts'
import type { Ledger } from '../core/discovery/types.ts'
import type { DomainName } from '../dns/names.ts'
import { sameAnswer, type Answer, type NameChange } from '../dns/records.ts'
import type { KeyListener } from '../kube/store-listeners.ts'

/** What happens, in lines for a person who watches the sandbox. */
export interface Story {
  /** Names were swapped in. */
  published(changes: readonly NameChange[]): void
  /** Begin to tell what is seen in members. */
  follow(source: StorySource): void
}

/** The part of the control plane that is told of. */
export interface StorySource {
  readonly members: ReadonlyMap<string, Member>
  readonly stores: {
    readonly services: StoryStore<ServiceFacts | undefined>
    readonly ingresses: StoryStore<IngressFacts | undefined>
    readonly endpoints: StoryStore<EndpointFacts>
  }
  readonly fleet: {
    nameOf(cluster: ClusterIndex): string | undefined
    onSession(
      listener: (cluster: ClusterIndex, session: { readonly up: boolean } | undefined) => void,
    ): unknown
  }
  readonly discovery: {
    readonly ledger: Pick<Ledger, 'get'>
    readonly services: ReadonlyMap<ObjectKey, ServiceState>
    readonly ingresses: ReadonlyMap<ObjectKey, IngressState>
  }
}

interface StoryStore<F> {
  get(key: ObjectKey, cluster: ClusterIndex): F
  onKey(listener: KeyListener): unknown
}

type Tell = (line: string) => void

/** A burst of more names than this is told of in one line more. */
const MAX_LINES_AT_ONCE = 40

/** Tells addresses that come and go, endpoints that come and go, and answers that change with the reason. */
export function createStory(tell: Tell): Story {
  const answers = new Map<DomainName, Answer>()
  let source: StorySource | undefined

  const lineOf = ({ name, answer }: NameChange): string | undefined => {
    const before = answers.get(name)
    if (sameAnswer(before, answer)) return undefined
    if (answer === undefined) answers.delete(name)
    else answers.set(name, answer)
    if (before !== undefined && shown(before) === shown(answer)) {
      const [old, now] = [ttlOf(before), ttlOf(answer)]
      return old === now ? undefined : `answer  ${name.slice(0, -1)}: ${shown(answer)}, TTL ${old} -> ${now}`
    }
    const why = source === undefined ? '' : reasonFor(name, source)
    const was = before === undefined ? '' : `${shown(before)} -> `
    return `answer  ${name.slice(0, -1)}: ${was}${shown(answer)}${why === '' ? '' : `  (${why})`}`
  }

  return {
    published(changes) {
      const lines = changes.map(lineOf).filter((line) => line !== undefined)
      for (const line of lines.slice(0, MAX_LINES_AT_ONCE)) tell(line)
      if (lines.length > MAX_LINES_AT_ONCE) tell(`answer  and ${lines.length - MAX_LINES_AT_ONCE} names more`)
    },
    follow(next) {
      source = next
      tellOfObjects(next, tell)
      tellOfSessions(next.fleet, tell)
    },
  }
}

/** Addresses, and the endpoints behind those that have one. */
function tellOfObjects({ stores, fleet }: StorySource, tell: Tell): void {
  const addresses = new Map<string, string>()
  const seen = (
    { kind, key, cluster }: Seen,
    facts: Pick<ServiceFacts, 'a' | 'aaaa' | 'hosts'> | undefined,
  ): void => {
    const at = cellOf({ kind, key, cluster })
    const now = [...(facts?.a ?? []), ...(facts?.aaaa ?? []), ...(facts?.hosts ?? [])].join(', ')
    if (now === (addresses.get(at) ?? '')) return
    if (now === '') addresses.delete(at)
    else addresses.set(at, now)
    const who = `${clusterName(fleet, cluster)}: ${kind} ${key}`
    tell(now === '' ? `seen    ${who} has no address any more` : `seen    ${who} has address ${now}`)
  }
  stores.services.onKey((key, cluster) =>
    seen({ kind: 'Service', key, cluster }, stores.services.get(key, cluster)),
  )
  stores.ingresses.onKey((key, cluster) =>
    seen({ kind: 'Ingress', key, cluster }, stores.ingresses.get(key, cluster)),
  )
  stores.endpoints.onKey((key, cluster) => {
    if (!addresses.has(cellOf({ kind: 'Service', key, cluster }))) return
    const { ready } = stores.endpoints.get(key, cluster)
    const count = `${ready} ready endpoint${ready === 1 ? '' : 's'}`
    tell(`seen    ${clusterName(fleet, cluster)}: Service ${key} has ${count}`)
  })
}

interface Seen {
  readonly kind: 'Service' | 'Ingress'
  readonly key: ObjectKey
  readonly cluster: ClusterIndex
}

function cellOf({ kind, key, cluster }: Seen): string {
  return [kind, String(cluster), key].join(' ')
}

function tellOfSessions(fleet: StorySource['fleet'], tell: Tell): void {
  fleet.onSession((cluster, session) => {
    const what =
      session === undefined
        ? 'is no member any more'
        : session.up
          ? 'is being watched'
          : 'cannot be seen; what was last known stays'
    tell(`cluster ${clusterName(fleet, cluster)} ${what}`)
  })
}

function clusterName(fleet: StorySource['fleet'], cluster: ClusterIndex): string {
  return fleet.nameOf(cluster) ?? `cluster ${cluster}`
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

function ttlOf(answer: Answer | undefined): number | undefined {
  return answer === undefined || answer.kind === 'records' ? undefined : answer.ttlSeconds
}

/** Clusters of the name's owner that are not fit, with the reason; empty when there are none. */
function reasonFor(name: DomainName, { discovery, members }: StorySource): string {
  const owner = discovery.ledger.get(name)?.owner
  if (owner === undefined) return ''
  const [kind, namespace = '', object = ''] = owner.split('/')
  const key = `${namespace}/${object}` as ObjectKey // an OwnerKey is a kind and an ObjectKey
  const state = kind === 'ServiceDNSRecord' ? discovery.services.get(key) : discovery.ingresses.get(key)
  if (state?.kind !== 'published') return ''
  const { memory } = state
  return [...members.values()]
    .map((member) => ({ member, shard: describeShard(memory, member.index) }))
    .filter(({ shard }) => shard.state !== 'Fit')
    .map(({ member, shard }) => `${member.name}: ${shard.reason}`)
    .sort()
    .join(', ')
}
