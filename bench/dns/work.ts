/** What is served, and what is asked: the same for everybody who is measured. A function of its size alone. */
export interface Work {
  /** Without the final dot. */
  readonly origin: string
  /** Below the origin, each with records. */
  readonly names: readonly Name[]
  /** All of it as a master file. */
  readonly zone: string
  /** Asked in this order, then again from the first. */
  readonly queries: readonly Query[]
  /** Of the queries, those for names that do not exist. */
  readonly noSuchNameShare: number
}

export type QueryType = 'A' | 'AAAA' | 'TXT' | 'SRV' | 'MX'

export interface Query {
  readonly name: string
  readonly type: QueryType
}

export type Kind = 'address' | 'dual' | 'alias' | 'text' | 'service' | 'mail'

export interface Name {
  readonly name: string
  readonly kind: Kind
  /** Master file lines without their owner. */
  readonly records: readonly string[]
}

/** Of a hundred names. */
const SHARES: Readonly<Record<Kind, number>> = {
  address: 64,
  dual: 20,
  alias: 8,
  text: 3,
  service: 3,
  mail: 2,
}
/** Of the queries; one half for names that do not exist, the other for types that a name does not have. */
const NEGATIVE_SHARE = 0.1
const LONGEST_CHAIN = 3
const ORIGIN = 'example.com'

/** So many names in one zone, and so many queries for them at random. */
export function makeWork({ names, queries }: { readonly names: number; readonly queries: number }): Work {
  const kinds = Array.from({ length: names }, (_, index) => kindOf(index))
  const addressed = kinds.flatMap((kind, index) => (kind === 'address' ? [index] : []))
  const links = { longest: LONGEST_CHAIN, last: undefined as number | undefined, length: 0 }
  const made = kinds.map((kind, index): Name => {
    const somewhere = workName(addressed[index % addressed.length]!) // some name has an address
    if (kind !== 'alias') return { name: workName(index), kind, records: recordsOf(kind, index, somewhere) }
    const isLink = links.last !== undefined && links.length < links.longest
    const target = isLink ? workName(links.last!) : somewhere // is a link
    links.length = isLink ? links.length + 1 : 1
    links.last = index
    return { name: workName(index), kind, records: [`CNAME ${target}`] }
  })
  const asked = askAll(made, queries)
  return { origin: ORIGIN, names: made, zone: zoneText(made), ...asked }
}

/** Names of the shape that a federation publishes, 75 octets on the wire each. */
export function workName(index: number): string {
  const service = String(index).padStart(6, '0')
  const namespace = String(index % 100).padStart(3, '0')
  return `svc-${service}.namespace-${namespace}.myfederation.svc.us-east1-b.us-east1.${ORIGIN}.`
}

function kindOf(index: number): Kind {
  let place = (Math.imul(index + 1, 0x9e37_79b1) >>> 0) % 100
  for (const [kind, share] of Object.entries(SHARES) as [Kind, number][]) {
    // its own keys
    if (place < share) return kind
    place -= share
  }
  return 'address'
}

function recordsOf(kind: Exclude<Kind, 'alias'>, index: number, somewhere: string): readonly string[] {
  const a = `A 10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
  switch (kind) {
    case 'address':
      return index % 5 === 0 ? [a, a.replace('A 10.', 'A 11.'), a.replace('A 10.', 'A 12.')] : [a]
    case 'dual':
      return [a, `AAAA 2001:db8::${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}`]
    case 'text':
      return [`TXT "heritage=external-dns,external-dns/owner=default" "index=${index}"`]
    case 'service':
      return [`SRV 0 10 443 ${somewhere}`]
    case 'mail':
      return [`MX 10 ${somewhere}`]
  }
}

function zoneText(names: readonly Name[]): string {
  const head = [
    `$ORIGIN ${ORIGIN}.`,
    '$TTL 30',
    '@ 3600 IN SOA ns1 hostmaster 1 3600 900 604800 15',
    '@ 3600 IN NS ns1',
    'ns1 3600 IN A 127.0.0.1',
  ]
  const lines = names.flatMap(({ name, records }) => records.map((record) => `${name} IN ${record}`))
  return `${[...head, ...lines].join('\n')}\n`
}

function askAll(names: readonly Name[], count: number): Pick<Work, 'queries' | 'noSuchNameShare'> {
  const random = newRandom()
  let noSuchNames = 0
  const queries = Array.from({ length: count }, (): Query => {
    const draw = random()
    const at = Math.floor(random() * names.length)
    if (draw < NEGATIVE_SHARE / 2) {
      noSuchNames += 1
      return { name: workName(names.length + at), type: 'A' }
    }
    if (draw < NEGATIVE_SHARE)
      return { name: addressedFrom(names, at).name, type: at % 4 === 0 ? 'TXT' : 'AAAA' }
    const { name, kind } = names[at]! // below the length
    return { name, type: typeOf(kind, random()) }
  })
  return { queries, noSuchNameShare: noSuchNames / count }
}

/** The first name from here on that has nothing but IPv4 addresses. */
function addressedFrom(names: readonly Name[], at: number): Name {
  return (
    names.slice(at, at + 100).find(({ kind }) => kind === 'address') ??
    names.find(({ kind }) => kind === 'address')!
  )
}

function typeOf(kind: Kind, draw: number): QueryType {
  switch (kind) {
    case 'address':
    case 'alias':
      return 'A'
    case 'dual':
      return draw < 0.5 ? 'A' : 'AAAA'
    case 'text':
      return 'TXT'
    case 'service':
      return 'SRV'
    case 'mail':
      return 'MX'
  }
}

/** Numbers from 0 to below 1, the same in every run. */
function newRandom(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
