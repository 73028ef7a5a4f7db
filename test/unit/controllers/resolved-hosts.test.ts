import { describe, expect, it } from 'vitest'
import { objectKey } from '../../../src/api/keys.ts'
import {
  createResolvedHosts,
  hostUserName,
  parseHostUser,
  type HostUser,
} from '../../../src/controllers/resolved-hosts.ts'
import { parseDomainName, type DomainName } from '../../../src/dns/names.ts'
import type { HostAddresses } from '../../../src/resolver/host-addresses.ts'
import { at, service, serviceOfHosts, targets } from './fakes.ts'

const user: HostUser = { kind: 'service', key: objectKey('shop', 'web'), cluster: at(2) }
const one = parseDomainName('lb-1.example.net')
const two = parseDomainName('lb-2.example.net')

function setUp(known: Readonly<Record<string, HostAddresses>> = {}) {
  const calls: (readonly [string, readonly DomainName[]])[] = []
  const hosts = createResolvedHosts({
    retain: (name, of) => calls.push([name, of]),
    addressesOf: (host) => known[host],
  })
  return { hosts, calls }
}

describe('resolve', () => {
  it('gives facts without host names back as they are, and asks nobody', () => {
    const { hosts, calls } = setUp()
    const facts = service('192.0.2.1')

    expect(hosts.resolve(user, facts)).toBe(facts)
    expect(calls).toEqual([])
  })

  it('adds the addresses of all hosts to those of the load balancer, sorted and distinct', () => {
    const known = { [one]: targets('198.51.100.9', '2001:db8::1'), [two]: targets('192.0.2.1', '10.0.0.1') }
    const { hosts, calls } = setUp(known)
    const facts = { ...serviceOfHosts(one, two), ...targets('192.0.2.1') }

    expect(hosts.resolve(user, facts)).toEqual({
      ...facts,
      ...targets('10.0.0.1', '192.0.2.1', '198.51.100.9', '2001:db8::1'),
    })
    expect(calls).toEqual([['service 2 shop/web', [one, two]]])
  })

  it('adds nothing for a host that has not been looked up yet', () => {
    expect(setUp().hosts.resolve(user, serviceOfHosts(one))).toEqual(serviceOfHosts(one))
  })

  it('lets go of the hosts of a user that has none any more', () => {
    const { hosts, calls } = setUp()
    hosts.resolve(user, serviceOfHosts(one))

    hosts.resolve(user, service('192.0.2.1'))
    hosts.resolve(user, service('192.0.2.1'))

    expect(calls.slice(1)).toEqual([['service 2 shop/web', []]])
  })
})

describe('release', () => {
  it('is told to the resolver once, and only of users that have hosts', () => {
    const { hosts, calls } = setUp()
    hosts.release(user)
    hosts.resolve(user, serviceOfHosts(one))

    hosts.release(user)
    hosts.release(user)

    expect(calls).toEqual([
      ['service 2 shop/web', [one]],
      ['service 2 shop/web', []],
    ])
  })
})

describe('names of users', () => {
  const users: readonly HostUser[] = [user, { kind: 'ingress', key: objectKey('n', 'a.b'), cluster: at(0) }]
  for (const each of users) {
    it(`go both ways: ${hostUserName(each)}`, () => expect(parseHostUser(hostUserName(each))).toEqual(each))
  }
})
