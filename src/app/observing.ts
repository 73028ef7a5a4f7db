import { hostname } from 'node:os'
import type { ControllerConfig, DnsConfig } from '../config/config.ts'
import { readVersion } from '../config/version.ts'
import type { ObserveSettings } from '../nameserver/observe/settings.ts'

export type ObservingConfig = Pick<
  ControllerConfig & DnsConfig,
  'queryLog' | 'queryLogSample' | 'dnstap' | 'dnstapIdentity' | 'dnstapVersion' | 'serverId'
>

/** Words of --query-log that are no file. */
const STREAMS: Readonly<Record<string, 1 | 2>> = { '-': 1, stderr: 2 }

/** What is told of single queries, as the options say. */
export function observingOf(config: ObservingConfig): ObserveSettings {
  const { queryLog, queryLogSample: oneIn, dnstap: target, dnstapIdentity, dnstapVersion, serverId } = config
  return {
    ...(queryLog === undefined ? {} : { queryLog: { target: STREAMS[queryLog] ?? queryLog, oneIn } }),
    ...(target === undefined
      ? {}
      : {
          dnstap: {
            target,
            identity: dnstapIdentity ?? serverId ?? hostname(),
            version: dnstapVersion ?? `Waypost ${readVersion()}`,
          },
        }),
  }
}

/** True where there is something to begin anew at SIGHUP. */
export function writesFiles({ queryLog, dnstap }: ObserveSettings): boolean {
  return typeof queryLog?.target === 'string' || dnstap?.target.kind === 'file'
}
