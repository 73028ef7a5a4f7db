import type { NetworkInterfaceInfo } from 'node:os'
import type { ListenAddress } from './types.ts'

/**
 * One entry for every address that a wildcard stands for. A UDP response must come from the address that was asked
 * (RFC 2181, 4); a socket bound to the wildcard leaves that choice to the system, which on a machine with several
 * addresses gets it wrong. Link-local addresses are left out: they need a scope.
 * @param interfaces - os.networkInterfaces()
 */
export function expandListen(
  listen: readonly ListenAddress[],
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): readonly ListenAddress[] {
  const own = Object.values(interfaces).flatMap((infos) => infos ?? [])
  return listen.flatMap(({ host, port }) => {
    const family = host === '0.0.0.0' ? 'IPv4' : host === '::' ? 'IPv6' : undefined
    if (family === undefined) return [{ host, port }]
    const hosts = own
      .filter((info) => info.family === family && !/^fe80:/i.test(info.address))
      .map((info) => info.address)
    return hosts.length === 0
      ? [{ host, port }]
      : [...new Set(hosts)].map((address) => ({ host: address, port }))
  })
}
