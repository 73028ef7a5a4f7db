import type { NetworkInterfaceInfo } from 'node:os'
import type { ListenAddress } from './types.ts'

/**
 * One entry for every address that a wildcard or `localhost` stands for, and one for what is given twice. A UDP response must come
 * from the address that was asked (RFC 2181, 4); a socket bound to the wildcard leaves that choice to the system, which on a machine
 * with several addresses gets it wrong. Link-local addresses are left out: they need a scope.
 * @param interfaces - os.networkInterfaces()
 */
export function expandListen(
  listen: readonly ListenAddress[],
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): readonly ListenAddress[] {
  const own = Object.values(interfaces).flatMap((infos) => infos ?? [])
  const all = listen.flatMap(({ host, port }) => hostsOf(host, own).map((each) => ({ host: each, port })))
  return all.filter(
    ({ host, port }, at) => port === 0 || at === all.findIndex((a) => a.host === host && a.port === port),
  )
}

function hostsOf(host: string, own: readonly NetworkInterfaceInfo[]): readonly string[] {
  if (host === 'localhost')
    return own.some(({ address }) => address === '::1') ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  const family = host === '0.0.0.0' ? 'IPv4' : host === '::' ? 'IPv6' : undefined
  if (family === undefined) return [host]
  const hosts = own
    .filter((info) => info.family === family && !/^fe80:/i.test(info.address))
    .map(({ address }) => address)
  return hosts.length === 0 ? [host] : [...new Set(hosts)]
}
