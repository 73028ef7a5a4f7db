import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { bindError } from '../../../src/nameserver/bind-error.ts'
import { expandListen } from '../../../src/nameserver/listen.ts'
import { describeError } from '../../../src/errors.ts'

const info = (address: string, family: 'IPv4' | 'IPv6'): NetworkInterfaceInfo => ({
  address,
  netmask: '',
  mac: '',
  internal: false,
  cidr: null,
  ...(family === 'IPv4' ? { family } : { family, scopeid: 0 }),
})

const interfaces = {
  lo: [info('127.0.0.1', 'IPv4'), info('::1', 'IPv6')],
  eth0: [info('192.0.2.10', 'IPv4'), info('2001:db8::10', 'IPv6'), info('fe80::10', 'IPv6')],
  eth1: [info('192.0.2.10', 'IPv4')],
}

describe('expandListen', () => {
  it.each([
    { name: 'an address stands for itself', host: '127.0.0.1', want: ['127.0.0.1'] },
    {
      name: 'the IPv4 wildcard for every IPv4 address, once',
      host: '0.0.0.0',
      want: ['127.0.0.1', '192.0.2.10'],
    },
    {
      name: 'the IPv6 wildcard for every one that needs no scope',
      host: '::',
      want: ['::1', '2001:db8::10'],
    },
  ])('$name', ({ host, want }) => {
    expect(expandListen([{ host, port: 53 }], interfaces)).toEqual(
      want.map((each) => ({ host: each, port: 53 })),
    )
  })

  it('localhost stands for the loopback address of each family that there is', () => {
    expect(expandListen([{ host: 'localhost', port: 53 }], interfaces)).toEqual([
      { host: '127.0.0.1', port: 53 },
      { host: '::1', port: 53 },
    ])
    expect(expandListen([{ host: 'localhost', port: 53 }], {})).toEqual([{ host: '127.0.0.1', port: 53 }])
  })

  it('listens once where a place is given twice, by itself or within a wildcard', () => {
    const twice = [
      { host: '127.0.0.1', port: 53 },
      { host: '127.0.0.1', port: 53 },
      { host: '127.0.0.1', port: 5300 },
      { host: '0.0.0.0', port: 53 },
    ]
    expect(expandListen(twice, interfaces)).toEqual([
      { host: '127.0.0.1', port: 53 },
      { host: '127.0.0.1', port: 5300 },
      { host: '192.0.2.10', port: 53 },
    ])
  })

  it('port 0 is a port of its own each time', () => {
    const listen = [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 0 },
    ]
    expect(expandListen(listen, interfaces)).toEqual(listen)
  })

  it('keeps a wildcard that stands for nothing, so that binding it says so', () => {
    expect(expandListen([{ host: '::', port: 53 }], {})).toEqual([{ host: '::', port: 53 }])
  })
})

describe('bindError', () => {
  it.each([
    { errno: 'EADDRINUSE', code: 'DNS_PORT_IN_USE' },
    { errno: 'EACCES', code: 'DNS_BIND_DENIED' },
    { errno: 'EADDRNOTAVAIL', code: 'DNS_ADDRESS_UNAVAILABLE' },
    { errno: 'EMFILE', code: 'DNS_BIND_FAILED' },
  ])('$errno is $code, with the address', ({ errno, code }) => {
    const error = bindError({ host: '192.0.2.1', port: 53, transport: 'udp', errno })

    expect(error).toMatchObject({
      code,
      retry: 'never',
      fields: { host: '192.0.2.1', port: 53, transport: 'udp', errno },
    })
    expect(describeError(error)).toContain('host=192.0.2.1 port=53')
  })
})
