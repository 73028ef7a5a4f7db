import { describe, expect, it } from 'vitest'
import { objectKey, type ClusterIndex } from '../../../src/api/keys.ts'
import { createStory } from '../../../src/app/story.ts'
import { parseDomainName } from '../../../src/dns/names.ts'
import type { Answer, NameChange } from '../../../src/dns/records.ts'
import { at, ingress, ips, service, serviceOfHosts } from '../controllers/fakes.ts'
import { turns, WiredDiscovery } from './control-plane/wired-discovery.ts'

const web = objectKey('shop', 'web')
const edge = objectKey('shop', 'edge')
const www = parseDomainName('www.example.com')

/** A story over two wired members, whose sessions turn by hand. */
function setUp() {
  const wired = new WiredDiscovery()
  wired.domain('fed', { domain: 'example.com' })
  wired.member(0, 'east')
  wired.member(1, 'west')
  const lines: string[] = []
  const listeners: ((cluster: ClusterIndex, session: { readonly up: boolean } | undefined) => void)[] = []
  const story = createStory((line) => lines.push(line))
  const follow = (): void =>
    story.follow({
      ...{ members: wired.members, stores: wired.stores, discovery: wired.discovery },
      fleet: {
        nameOf: (cluster) => ['east', 'west'][cluster],
        onSession: (listener) => listeners.push(listener),
      },
    })
  const session = (cluster: ClusterIndex, up: boolean | undefined): void => {
    for (const listener of listeners) listener(cluster, up === undefined ? undefined : { up })
  }
  const told = (): readonly string[] => lines.splice(0)
  return { wired, story, follow, session, told }
}

const answer = (...texts: readonly string[]): Answer => ({
  kind: 'addresses',
  ttlSeconds: 30,
  a: ips(...texts),
  aaaa: [],
})
const says = (name: string, now?: Answer): NameChange => ({
  name: parseDomainName(name),
  urgent: false,
  ...(now === undefined ? {} : { answer: now }),
})

describe('answers', () => {
  const rows: readonly {
    readonly name: string
    readonly in: readonly (Answer | undefined)[]
    readonly want: readonly string[]
  }[] = [
    {
      name: 'another TTL is told as such, without a reason of clusters',
      in: [answer('192.0.2.1'), { kind: 'addresses', ttlSeconds: 60, a: ips('192.0.2.1'), aaaa: [] }],
      want: ['answer  www.example.com: 192.0.2.1', 'answer  www.example.com: 192.0.2.1, TTL 30 -> 60'],
    },
    {
      name: 'a name that appears',
      in: [answer('192.0.2.1', '192.0.2.2')],
      want: ['answer  www.example.com: 192.0.2.1, 192.0.2.2'],
    },
    {
      name: 'a name that changes, from what to what',
      in: [answer('192.0.2.1'), { kind: 'alias', ttlSeconds: 30, target: parseDomainName('a.example.com') }],
      want: [
        'answer  www.example.com: 192.0.2.1',
        'answer  www.example.com: 192.0.2.1 -> alias of a.example.com',
      ],
    },
    {
      name: 'a name that says nothing, and one that is withdrawn',
      in: [answer(), undefined],
      want: ['answer  www.example.com: no address', 'answer  www.example.com: no address -> nothing'],
    },
    {
      name: 'nothing when it says the same again',
      in: [answer('192.0.2.1'), answer('192.0.2.1')],
      want: ['answer  www.example.com: 192.0.2.1'],
    },
    { name: 'nothing of a name that never was', in: [undefined], want: [] },
    {
      name: 'zone data as such',
      in: [{ kind: 'records', sets: [] }],
      want: ['answer  www.example.com: zone data'],
    },
  ]
  for (const row of rows) {
    it(`tell of ${row.name}`, () => {
      const { story, told } = setUp()

      for (const now of row.in) story.published([says(www, now)])

      expect(told()).toEqual(row.want)
    })
  }

  it('tell a burst of more than forty names in one line more', () => {
    const { story, told } = setUp()

    story.published(Array.from({ length: 43 }, (_, i) => says(`n${i}.example.com`, answer('192.0.2.1'))))

    const lines = told()
    expect(lines).toHaveLength(41)
    expect(lines.at(-1)).toBe('answer  and 3 names more')
  })

  it('tell why, with every cluster that is not fit, sorted', async () => {
    const { wired, story, follow, told } = setUp()
    wired.member(2, 'a-third')
    follow()
    wired.serviceRecord(web)
    wired.service(web, 0, service('192.0.2.1'))
    wired.slice(web, 0, 1)
    wired.service(web, 1, service('192.0.2.2'))
    wired.discovery.start()
    await turns()
    told()

    story.published([says('web.shop.fed.svc.example.com', answer('192.0.2.1'))])

    expect(told()).toEqual([
      'answer  web.shop.fed.svc.example.com: 192.0.2.1  (a-third: NotFound, west: NoReadyEndpoints)',
    ])
  })

  it('tell no reason for names of nobody, and of records that publish nothing', async () => {
    const { wired, story, follow, told } = setUp()
    follow()
    wired.serviceRecord(web, { domainRef: 'none' })
    wired.discovery.start()
    await turns()

    story.published([says(www, answer('192.0.2.1'))])

    expect(told()).toEqual(['answer  www.example.com: 192.0.2.1'])
  })
})

describe('what is seen', () => {
  it('are addresses that come, change and go, each once', () => {
    const { wired, follow, told } = setUp()
    follow()
    wired.service(web, 0, service('192.0.2.1', '2001:db8::1'))
    wired.service(web, 0, service('192.0.2.1', '2001:db8::1'))
    wired.service(web, 0, serviceOfHosts('lb.example.net'))
    wired.ingress(edge, 1, ingress([], '198.51.100.1'))
    wired.service(web, 0, undefined)
    wired.service(objectKey('shop', 'inside'), 0, service())

    expect(told()).toEqual([
      'seen    east: Service shop/web has address 192.0.2.1, 2001:db8::1',
      'seen    east: Service shop/web has address lb.example.net.',
      'seen    west: Ingress shop/edge has address 198.51.100.1',
      'seen    east: Service shop/web has no address any more',
    ])
  })

  it('are ready endpoints of Services that have an address, and of no others', () => {
    const { wired, follow, told } = setUp()
    follow()
    wired.slice(web, 0, 2)
    wired.service(web, 0, service('192.0.2.1'))
    told()

    wired.slice(web, 0, 1)
    wired.slice(web, 0, 1)
    wired.slice(web, 0, 0)

    expect(told()).toEqual([
      'seen    east: Service shop/web has 1 ready endpoint',
      'seen    east: Service shop/web has 0 ready endpoints',
    ])
  })

  it('are clusters that turn', () => {
    const { follow, session, told } = setUp()
    follow()

    session(at(0), true)
    session(at(1), false)
    session(at(1), undefined)
    session(at(9), true)

    expect(told()).toEqual([
      'cluster east is being watched',
      'cluster west cannot be seen; what was last known stays',
      'cluster west is no member any more',
      'cluster cluster 9 is being watched',
    ])
  })
})
