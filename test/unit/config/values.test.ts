import { describe, expect, it } from 'vitest'
import {
  readChoice,
  readCount,
  readDnstapTarget,
  readListen,
  readNamespace,
  readNetworks,
  readNotifyPeer,
  readPort,
  readShortText,
  readSwitch,
  readText,
  readSecondaryZone,
  readTransferPeer,
  readUpdatePeer,
} from '../../../src/config/values.ts'

const ok = (value: unknown) => ({ kind: 'ok', value })
const wrong = (what: string) => ({ kind: 'wrong', what })
const NOT_A_NETWORK = 'is no network: write it like 192.0.2.0/24, 2001:db8::/32 or private'
const NOT_TCP = 'is not tcp:HOST:PORT: write it like tcp:127.0.0.1:6000 or tcp:[::1]:6000'
const NOT_A_PEER = 'is no peer: write it like 192.0.2.0/24, key:NAME or 192.0.2.0/24+key:NAME'
const NOT_A_SECONDARY =
  'is not ORIGIN=HOST:PORT: write it like example.com=192.0.2.1:53 or example.com=192.0.2.1:53+key:NAME'
const NOT_A_SERVER = 'is no server: write it like 192.0.2.1:53, [2001:db8::1]:53 or 192.0.2.1:53+key:NAME'
const NOT_A_PORT = 'is not a port: give a number from 0 to 65535'
const NOT_HOST_PORT = 'is not HOST:PORT: write it like 127.0.0.1:5300 or [::1]:5300'

describe('values', () => {
  it.each([
    { name: 'a port', got: readPort('5300'), want: ok(5300) },
    { name: 'port 0', got: readPort('0'), want: ok(0) },
    { name: 'the last port', got: readPort('65535'), want: ok(65535) },
    { name: 'a port too high', got: readPort('65536'), want: wrong(`"65536" ${NOT_A_PORT}`) },
    { name: 'a negative port', got: readPort('-1'), want: wrong(`"-1" ${NOT_A_PORT}`) },
    { name: 'no port', got: readPort(''), want: wrong(`"" ${NOT_A_PORT}`) },
    { name: 'a port in another base', got: readPort('0x10'), want: wrong(`"0x10" ${NOT_A_PORT}`) },
    { name: 'a count', got: readCount(1, 64)('64'), want: ok(64) },
    {
      name: 'a count too low',
      got: readCount(1, 64)('0'),
      want: wrong('"0" is not a count: give a number from 1 to 64'),
    },
    {
      name: 'half a count',
      got: readCount(1, 64)('1.5'),
      want: wrong('"1.5" is not a count: give a number from 1 to 64'),
    },
    {
      name: 'an IPv4 address and a port',
      got: readListen('0.0.0.0:53'),
      want: ok({ host: '0.0.0.0', port: 53 }),
    },
    { name: 'an IPv6 address and a port', got: readListen('[::1]:0'), want: ok({ host: '::1', port: 0 }) },
    {
      name: 'a name and a port',
      got: readListen('localhost:5300'),
      want: ok({ host: 'localhost', port: 5300 }),
    },
    {
      name: 'an IPv6 address without brackets',
      got: readListen('::1:53'),
      want: wrong(`"::1:53" ${NOT_HOST_PORT}`),
    },
    {
      name: 'a name to listen at, which may stand for any address',
      got: readListen('nosuch.invalid:53'),
      want: wrong('"nosuch.invalid" is no address: give one of this machine, or localhost'),
    },
    {
      name: 'half an address',
      got: readListen('127.1:53'),
      want: wrong('"127.1" is no address: give one of this machine, or localhost'),
    },
    {
      name: 'a port in brackets with a name',
      got: readListen('[face]:53'),
      want: wrong('"face" is no address: give one of this machine, or localhost'),
    },
    {
      name: 'a receiver by its name',
      got: readDnstapTarget('tcp:collector.example:6000'),
      want: ok({ kind: 'tcp', host: 'collector.example', port: 6000 }),
    },
    { name: 'a port alone', got: readListen(':53'), want: wrong(`":53" ${NOT_HOST_PORT}`) },
    { name: 'a host alone', got: readListen('127.0.0.1'), want: wrong(`"127.0.0.1" ${NOT_HOST_PORT}`) },
    {
      name: 'a host with a port too high',
      got: readListen('127.0.0.1:70000'),
      want: wrong(`"70000" ${NOT_A_PORT}`),
    },
    {
      name: 'a receiver at a socket',
      got: readDnstapTarget('unix:/run/tap.sock'),
      want: ok({ kind: 'unix', path: '/run/tap.sock' }),
    },
    {
      name: 'a receiver as CoreDNS writes it',
      got: readDnstapTarget('unix:///run/tap.sock'),
      want: ok({ kind: 'unix', path: '/run/tap.sock' }),
    },
    {
      name: 'no socket',
      got: readDnstapTarget('unix:'),
      want: wrong('"unix:" names no socket: write it like unix:/run/dnstap.sock'),
    },
    {
      name: 'a receiver over TCP',
      got: readDnstapTarget('tcp://[::1]:6000'),
      want: ok({ kind: 'tcp', host: '::1', port: 6000 }),
    },
    {
      name: 'a receiver over TCP without a port',
      got: readDnstapTarget('tcp:127.0.0.1'),
      want: wrong(`"tcp:127.0.0.1" ${NOT_TCP}`),
    },
    {
      name: 'a receiver at port 0',
      got: readDnstapTarget('tcp:127.0.0.1:0'),
      want: wrong(`"tcp:127.0.0.1:0" ${NOT_TCP}`),
    },
    {
      name: 'a file for dnstap',
      got: readDnstapTarget('tap.fstrm'),
      want: ok({ kind: 'file', path: 'tap.fstrm' }),
    },
    { name: 'nothing for dnstap', got: readDnstapTarget(' '), want: wrong('" " is empty: give a value') },
    { name: 'a network', got: readNetworks('192.0.2.0/24'), want: ok('192.0.2.0/24') },
    { name: 'an address as a network', got: readNetworks('2001:db8::1'), want: ok('2001:db8::1') },
    { name: 'networks by a word', got: readNetworks('private'), want: ok('private') },
    {
      name: 'a network with too many bits',
      got: readNetworks('192.0.2.0/33'),
      want: wrong(`"192.0.2.0/33" ${NOT_A_NETWORK}`),
    },
    { name: 'no network', got: readNetworks('example.com'), want: wrong(`"example.com" ${NOT_A_NETWORK}`) },
    {
      name: 'a peer by its network',
      got: readTransferPeer('10.0.0.0/8'),
      want: ok({ prefix: '10.0.0.0/8', signs: false }),
    },
    {
      name: 'who may change zones',
      got: readUpdatePeer('10.0.0.0/8+key:update'),
      want: ok({ prefix: '10.0.0.0/8', key: 'update' }),
    },
    {
      name: 'nobody who may change zones',
      got: readUpdatePeer('example.com'),
      want: wrong(`"example.com" ${NOT_A_PEER}`),
    },
    {
      name: 'who may change zones does not sign them',
      got: readUpdatePeer('::1+signs'),
      want: wrong('"::1+signs" names +signs, which is for transfers: leave it out'),
    },
    {
      name: 'a zone of another primary',
      got: readSecondaryZone('example.com=192.0.2.1:5353'),
      want: ok({ origin: 'example.com', host: '192.0.2.1', port: 5353 }),
    },
    {
      name: 'with a key, at the usual port',
      got: readSecondaryZone('example.com.=192.0.2.1+key:xfr'),
      want: ok({ origin: 'example.com.', host: '192.0.2.1', port: 53, key: 'xfr' }),
    },
    {
      name: 'of a primary with IPv6',
      got: readSecondaryZone('example.com=[2001:db8::1]'),
      want: ok({ origin: 'example.com', host: '2001:db8::1', port: 53 }),
    },
    ...[
      '',
      'example.com',
      '=192.0.2.1',
      'example.com=ns.example.net:53',
      'example.com=192.0.2.1:0',
      'example.com=192.0.2.1+key:',
      'example.com=2001:db8::1',
    ].map((text) => ({
      name: `no zone of another primary: "${text}"`,
      got: readSecondaryZone(text),
      want: wrong(`"${text}" ${NOT_A_SECONDARY}`),
    })),
    {
      name: 'a peer by its address',
      got: readTransferPeer('::1'),
      want: ok({ prefix: '::1', signs: false }),
    },
    { name: 'a peer by its key', got: readTransferPeer('key:a.b'), want: ok({ key: 'a.b', signs: false }) },
    {
      name: 'a peer by both, which signs',
      got: readTransferPeer('10.0.0.1+key:xfr+signs'),
      want: ok({ prefix: '10.0.0.1', key: 'xfr', signs: true }),
    },
    ...[
      '',
      '+signs',
      'key:',
      '10.0.0.0/33',
      'example.com',
      'private',
      '10.0.0.1+xfr',
      '10.0.0.1+key:',
      'key:a+key:b',
    ].map((text) => ({
      name: `no peer: "${text}"`,
      got: readTransferPeer(text),
      want: wrong(`"${text}" ${NOT_A_PEER}`),
    })),
    { name: 'a server', got: readNotifyPeer('192.0.2.1:53'), want: ok({ host: '192.0.2.1', port: 53 }) },
    {
      name: 'a server with a key',
      got: readNotifyPeer('[2001:db8::1]:5353+key:xfr'),
      want: ok({ host: '2001:db8::1', port: 5353, key: 'xfr' }),
    },
    ...[
      '',
      '192.0.2.1',
      'ns.example.com:53',
      '192.0.2.1:0',
      '192.0.2.1:70000',
      '192.0.2.1:53+xfr',
      '192.0.2.1:53+key:',
    ].map((text) => ({
      name: `no server: "${text}"`,
      got: readNotifyPeer(text),
      want: wrong(`"${text}" ${NOT_A_SERVER}`),
    })),
    { name: 'a short text', got: readShortText(3)('äb'), want: ok('äb') },
    {
      name: 'a text too long in octets',
      got: readShortText(3)('äöü'),
      want: wrong('"äöü" is too long: give at most 3 octets'),
    },
    { name: 'a choice', got: readChoice(['a', 'b'])('b'), want: ok('b') },
    {
      name: 'no choice',
      got: readChoice(['a', 'b'])('c'),
      want: wrong('"c" is not one of a, b: use one of them'),
    },
    { name: 'a text', got: readText('x y'), want: ok('x y') },
    { name: 'blanks', got: readText('  '), want: wrong('"  " is empty: give a value') },
    { name: 'a namespace', got: readNamespace('kube-federation-system'), want: ok('kube-federation-system') },
    {
      name: 'a namespace in capitals',
      got: readNamespace('Kube'),
      want: wrong(
        '"Kube" is not the name of a namespace: use at most 63 lower-case letters, digits and inner hyphens',
      ),
    },
    { name: 'yes', got: readSwitch('True'), want: ok(true) },
    { name: 'no', got: readSwitch('0'), want: ok(false) },
    {
      name: 'neither',
      got: readSwitch('maybe'),
      want: wrong('"maybe" is neither yes nor no: write true or false'),
    },
    {
      name: 'a long value, shortened',
      got: readPort('x'.repeat(100)),
      want: wrong(`"${'x'.repeat(77)}…" ${NOT_A_PORT}`),
    },
  ])('$name', (row) => {
    expect(row.got).toEqual(row.want)
  })
})
