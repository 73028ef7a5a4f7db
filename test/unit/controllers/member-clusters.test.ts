import { describe, expect, it } from 'vitest'
import type { NodeFacts } from '../../../src/api/facts.ts'
import type { ClusterIndex, ObjectKey } from '../../../src/api/keys.ts'
import type { KubeFedCluster, KubeFedClusterStatus } from '../../../src/api/kubefed-cluster.ts'
import {
  reconcileMember,
  type Member,
  type MemberClustersDeps,
} from '../../../src/controllers/member-clusters.ts'
import { AppError } from '../../../src/errors.ts'
import { tokenCredentials, type ClusterAccess } from '../../../src/kube/access.ts'
import { at, FakeObjects, here, node } from './fakes.ts'

const key = here('east')

/** A host with one KubeFedCluster, its Secret, and a fleet that writes down what it is told. */
function setUp() {
  const clusters = new FakeObjects<KubeFedCluster, KubeFedClusterStatus>()
  const tokens = new Map<ObjectKey, string>([[here('east-token'), 'secret-1']])
  const world = {
    nodes: [] as readonly NodeFacts[],
    nodesListed: true,
    told: undefined as ReturnType<MemberClustersDeps['told']>,
    broken: undefined as Error | undefined,
  }
  const members = new Map<string, Member>()
  const calls: string[] = []
  const accesses: ClusterAccess[] = []
  const deps: MemberClustersDeps = {
    clusters,
    token: (secret) => tokens.get(secret),
    nodes: () => world.nodes,
    nodesListed: () => world.nodesListed,
    told: () => world.told,
    fleet: {
      add(name, access): ClusterIndex {
        calls.push(`add ${name} ${access.server}`)
        accesses.push(access)
        return at(7)
      },
      replace(name, access) {
        calls.push(`replace ${name} ${access.server}`)
        accesses.push(access)
      },
      remove: (name) => calls.push(`remove ${name}`),
    },
    access(cluster, token) {
      if (world.broken !== undefined) throw world.broken
      if (token === undefined) throw new AppError('no token', { code: 'CLUSTER_CONFIG_MALFORMED' })
      return { server: cluster.spec.apiEndpoint, skippedChecks: [], credentials: tokenCredentials(token) }
    },
    members,
    moved: () => calls.push('moved'),
    report: (name) => calls.push(`report ${name}`),
  }
  const put = (
    change: {
      readonly endpoint?: string
      readonly labels?: Record<string, string>
      readonly status?: KubeFedClusterStatus
    } = {},
  ): void => {
    const { endpoint = 'https://east:6443', labels = {}, status } = change
    const spec = { apiEndpoint: endpoint, secretRef: { name: 'east-token' } }
    clusters.put(
      key,
      { metadata: { name: 'east', labels }, spec },
      { metadata: { labels }, ...(status === undefined ? {} : { status }) },
    )
  }
  /** What was called by one run. */
  const run = (): readonly string[] => {
    calls.splice(0)
    expect(reconcileMember(key, deps)).toEqual({})
    return [...calls]
  }
  put()
  return { clusters, tokens, world, members, accesses, put, run, member: () => members.get('east') }
}

const REGION = 'topology.kubernetes.io/region'
const ZONE = 'topology.kubernetes.io/zone'

describe('a cluster that joins', () => {
  it('is connected, becomes a member where its labels say, and is reported on', () => {
    const { put, run, member } = setUp()
    put({ labels: { [REGION]: 'Us-East1', [ZONE]: 'us-east1-b' } })

    expect(run()).toEqual(['add east https://east:6443', 'moved', 'report east'])

    expect(member()).toMatchObject({
      name: 'east',
      key,
      index: 7,
      locality: { region: 'us-east1', zones: ['us-east1-b'], problems: [] },
    })
    expect(member()).not.toHaveProperty('complaint')
  })

  it('is where the records say it was, while nothing else tells of it', () => {
    const { put, run, member, world } = setUp()
    world.told = { region: 'r1', zones: ['z1'] }
    put({ status: { conditions: [] } })

    run()
    expect(member()?.locality).toMatchObject({ region: 'r1', zones: ['z1'] })

    world.nodes = [node('r2', 'z2')]
    run()
    expect(member()?.locality).toMatchObject({ region: 'r2', zones: ['z2'] })
  })

  it('is where its own status says, whatever the records say', () => {
    const { put, run, member, world } = setUp()
    world.told = { region: 'r1', zones: ['z1'] }
    put({ status: { region: 'r3', zones: ['z3'] } })

    run()

    expect(member()?.locality).toMatchObject({ region: 'r3', zones: ['z3'] })
  })

  it('is where its status says while nothing newer is seen', () => {
    const { put, run, member } = setUp()
    put({ status: { region: 'r1', zones: ['z1', 'z2'] } })

    run()

    expect(member()?.locality).toMatchObject({ region: 'r1', zones: ['z1', 'z2'] })
  })

  it('is where its status says although its KubeFedCluster cannot be used', () => {
    const { clusters, run, member } = setUp()
    clusters.reject(key, 'spec.apiEndpoint: has a port outside of 1 to 65535', {
      status: { region: 'r1', zones: ['z1'] },
    })

    expect(run()).toEqual(['add east https://127.0.0.1:1', 'moved', 'report east'])

    expect(member()?.locality).toMatchObject({ region: 'r1', zones: ['z1'] })
  })

  it('awaits its Nodes until they have been listed once', () => {
    const { world, run, member } = setUp()
    world.nodesListed = false
    run()
    expect(member()).toHaveProperty('awaitsNodes', true)

    world.nodesListed = true
    run()
    expect(member()).not.toHaveProperty('awaitsNodes')

    world.nodesListed = false
    run()
    expect(member()).not.toHaveProperty('awaitsNodes')
  })

  it('does nothing more when it is looked at again', () => {
    const { run, member } = setUp()
    run()
    const before = member()

    expect(run()).toEqual(['report east'])
    expect(member()).toEqual(before)
  })
})

describe('a cluster that cannot be connected', () => {
  const causes: readonly {
    readonly name: string
    readonly in: (of: ReturnType<typeof setUp>) => void
    readonly want: string
  }[] = [
    { name: 'has no Secret', in: ({ tokens }) => tokens.clear(), want: 'no token' },
    {
      name: 'breaks a rule of its kind',
      in: ({ clusters }) => clusters.reject(key, 'spec.apiEndpoint: is empty'),
      want: 'cannot be used as it is: spec.apiEndpoint: is empty',
    },
    {
      name: 'has a broken CA bundle',
      in: ({ world }) =>
        (world.broken = new AppError('caBundle is no PEM', {
          code: 'CLUSTER_CONFIG_MALFORMED',
          fields: { cluster: 'east' },
        })),
      want: 'caBundle is no PEM (cluster=east)',
    },
  ]
  for (const row of causes) {
    it(`is a member all the same, with access that is refused, when it ${row.name}`, async () => {
      const all = setUp()
      row.in(all)

      expect(all.run()).toEqual(['add east https://127.0.0.1:1', 'moved', 'report east'])

      const complaint = { reason: 'MalformedClusterConfig', message: row.want }
      expect(all.member()).toMatchObject({ fingerprint: '', complaint })
      await expect(all.accesses[0]!.credentials.get()).rejects.toMatchObject({
        code: 'CLUSTER_CONFIG_MALFORMED',
        message: row.want,
      })
    })

    it(`keeps the connection it has when it ${row.name} later, and uses the mended form at once`, () => {
      const all = setUp()
      all.run()
      const { fingerprint } = all.member()!
      row.in(all)

      expect(all.run()).toEqual(['report east'])
      expect(all.member()).toMatchObject({ fingerprint, complaint: { message: row.want } })
      all.world.broken = undefined
      all.tokens.set(here('east-token'), 'secret-2')
      all.put()

      expect(all.run()).toEqual(['replace east https://east:6443', 'report east'])
      expect(all.member()).not.toHaveProperty('complaint')
    })
  }

  it('is connected when it is mended', () => {
    const { tokens, run, member } = setUp()
    tokens.clear()
    run()

    tokens.set(here('east-token'), 'secret-1')

    expect(run()).toEqual(['replace east https://east:6443', 'report east'])
    expect(member()?.fingerprint).not.toBe('')
  })

  it('lets errors through that are not about it', () => {
    const { world, run } = setUp()
    world.broken = new TypeError('a mistake in the program')

    expect(run).toThrow(TypeError)
  })
})

describe('a member that changes', () => {
  it('gets other credentials with another token, and no new connection with the same', () => {
    const { tokens, run, put } = setUp()
    run()
    tokens.set(here('east-token'), 'secret-2')

    expect(run()).toEqual(['replace east https://east:6443', 'report east'])
    expect(run()).toEqual(['report east'])
    put({ endpoint: 'https://elsewhere' })
    expect(run()).toEqual(['replace east https://elsewhere', 'report east'])
  })

  it('moves with its labels, and only then', () => {
    const { run, put, member } = setUp()
    put({ labels: { [REGION]: 'r1', [ZONE]: 'z1' } })
    run()

    put({ labels: { [REGION]: 'r1', [ZONE]: 'z1', team: 'x' } })
    expect(run()).toEqual(['report east'])
    put({ labels: { [REGION]: 'r2', [ZONE]: 'z9' } })
    expect(run()).toEqual(['moved', 'report east'])

    expect(member()?.locality).toMatchObject({ region: 'r2', zones: ['z9'] })
  })

  it('moves with its Nodes, and stays where it was when they vanish', () => {
    const { run, world, member } = setUp()
    run()
    world.nodes = [node('r1', 'z1'), node('r1', 'z2')]
    expect(run()).toEqual(['moved', 'report east'])

    world.nodes = []

    expect(run()).toEqual(['report east'])
    expect(member()?.locality).toMatchObject({ region: 'r1', zones: ['z1', 'z2'] })
  })
})

describe('a cluster that leaves', () => {
  it('is disconnected, no member any more, and the names follow', () => {
    const { clusters, run, members } = setUp()
    run()
    clusters.remove(key)

    expect(run()).toEqual(['remove east', 'moved', 'report east'])
    expect(members.size).toBe(0)
    expect(run()).toEqual([])
  })

  it('may come back', () => {
    const { clusters, run, put } = setUp()
    run()
    clusters.remove(key)
    run()

    put()

    expect(run()).toEqual(['add east https://east:6443', 'moved', 'report east'])
  })
})
