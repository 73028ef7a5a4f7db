import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Address } from '../../src/dns/address.ts'
import { BalancerFleet } from '../../src/sandbox/cloud/network/balancer-fleet.ts'
import { type LoadBalancer, loadBalancerId } from '../../src/sandbox/cloud/network/load-balancers.ts'

const fleets: BalancerFleet[] = []

afterEach(async () => {
  await Promise.all(fleets.splice(0).map((fleet) => fleet.close()))
})

function newFleet(ownListeners?: number): BalancerFleet {
  const fleet = new BalancerFleet(ownListeners === undefined ? {} : { ownListeners })
  fleets.push(fleet)
  return fleet
}

const balancer = (over: Partial<LoadBalancer> = {}): LoadBalancer => ({
  cluster: 'east',
  kind: 'Service',
  namespace: 'ns',
  name: 'web',
  addresses: ['192.0.2.1' as Address],
  ports: [80],
  ready: true,
  ...over,
})

/** Body of the answer, or the code of the error that the client got. */
async function ask(fleet: BalancerFleet, address: string, port: number): Promise<string | undefined> {
  const endpoint = fleet.listenerOf(address, port)
  if (endpoint === undefined) return undefined
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(endpoint.port, endpoint.host, () =>
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    )
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    socket.on('end', () =>
      resolve(text.split('\r\n').at(0) + ' ' + (/east\/.*|shared/.exec(text)?.[0] ?? '')),
    )
  })
}

describe('load balancer listeners', () => {
  it('answer on each TCP port with the name of what they serve', async () => {
    const fleet = newFleet()
    fleet.put(balancer({ addresses: ['192.0.2.1' as Address, '2001:db8:1::1' as Address], ports: [80, 443] }))
    await fleet.settled()

    expect(await ask(fleet, '192.0.2.1', 80)).toBe('HTTP/1.1 200 OK east/ns/web')
    expect(await ask(fleet, '2001:db8:1::1', 443)).toBe('HTTP/1.1 200 OK east/ns/web')
    expect(Object.keys(fleet.listeners())).toEqual([
      '192.0.2.1:80',
      '192.0.2.1:443',
      '[2001:db8:1::1]:80',
      '[2001:db8:1::1]:443',
    ])
    expect(fleet.listeners()['192.0.2.1:80']).toBe(`127.0.0.1:${fleet.listenerOf('192.0.2.1', 80)?.port}`)
  })

  it('are unknown for other addresses and ports', async () => {
    const fleet = newFleet()
    fleet.put(balancer())
    await fleet.settled()

    expect(fleet.listenerOf('192.0.2.1', 81)).toBeUndefined()
    expect(fleet.listenerOf('192.0.2.2', 80)).toBeUndefined()
  })

  it('refuse connections while nothing behind them is ready, and come back on the same port', async () => {
    const fleet = newFleet()
    fleet.put(balancer({ ready: false }))
    await fleet.settled()
    const port = fleet.listenerOf('192.0.2.1', 80)?.port
    const unready = await ask(fleet, '192.0.2.1', 80)
    fleet.put(balancer({ ready: true }))
    await fleet.settled()
    const ready = await ask(fleet, '192.0.2.1', 80)
    fleet.put(balancer({ ready: false }))
    await fleet.settled()

    expect([unready, ready, await ask(fleet, '192.0.2.1', 80)]).toEqual([
      'ECONNREFUSED',
      'HTTP/1.1 200 OK east/ns/web',
      'ECONNREFUSED',
    ])
    expect(fleet.listenerOf('192.0.2.1', 80)?.port).toBe(port)
  })

  it('cut the connections that are open when the last backend goes', async () => {
    const fleet = newFleet()
    fleet.put(balancer())
    await fleet.settled()
    const endpoint = fleet.listenerOf('192.0.2.1', 80)
    const socket = connect(endpoint?.port ?? 0, '127.0.0.1')
    // an answer shows that the listener has the connection
    await new Promise((resolve) => {
      socket.once('data', resolve)
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    })
    const cut = new Promise((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      socket.on('end', () => resolve('end'))
    })

    fleet.put(balancer({ ready: false }))

    expect(await cut).toBe('ECONNRESET')
  })

  it('follow a change of address and ports, and go with the load balancer', async () => {
    const fleet = newFleet()
    fleet.put(balancer())
    await fleet.settled()
    const before = fleet.listenerOf('192.0.2.1', 80)
    fleet.put(balancer({ addresses: ['192.0.2.2' as Address], ports: [80, 8080] }))
    await fleet.settled()

    expect(fleet.listenerOf('192.0.2.1', 80)).toBeUndefined()
    expect(fleet.listenerOf('192.0.2.2', 80)).toEqual(before)
    expect(await ask(fleet, '192.0.2.2', 8080)).toBe('HTTP/1.1 200 OK east/ns/web')

    fleet.remove(loadBalancerId(balancer()))
    expect(fleet.listenerOf('192.0.2.2', 80)).toBeUndefined()
    expect(fleet.listeners()).toEqual({})
  })

  it('are shared beyond the limit, and still tell ready from not ready', async () => {
    const fleet = newFleet(1)
    fleet.put(balancer())
    fleet.put(balancer({ name: 'up', addresses: ['192.0.2.2' as Address] }))
    fleet.put(balancer({ name: 'down', addresses: ['192.0.2.3' as Address], ready: false }))
    await fleet.settled()

    expect(await ask(fleet, '192.0.2.1', 80)).toBe('HTTP/1.1 200 OK east/ns/web')
    expect(await ask(fleet, '192.0.2.2', 80)).toBe('HTTP/1.1 200 OK shared')
    expect(await ask(fleet, '192.0.2.3', 80)).toBe('ECONNRESET')
  })

  it('know the addresses behind host names', () => {
    const fleet = newFleet()
    const hostname = 'web.ns.east.lb.example.net'
    fleet.put(balancer({ hostname }))

    const known = [fleet.lookup(hostname), fleet.lookup('WEB.ns.east.lb.example.net.'), fleet.lookup('other')]
    fleet.put(balancer())

    expect(known).toEqual([['192.0.2.1'], ['192.0.2.1'], undefined])
    expect(fleet.lookup(hostname)).toBeUndefined()
  })

  it('listen nowhere after close', async () => {
    const fleet = newFleet()
    fleet.put(balancer())
    await fleet.settled()
    const endpoint = fleet.listenerOf('192.0.2.1', 80)

    await fleet.close()

    const code = await new Promise((resolve) => {
      connect(endpoint?.port ?? 0, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code),
      )
    })
    expect(code).toBe('ECONNREFUSED')
  })
})
