import { randomBytes } from 'node:crypto'
import type { ControllerConfig, DnsConfig } from '../config/config.ts'
import { readVersion } from '../config/version.ts'
import { COOKIE_SECRET_BYTES } from '../dns/answer/cookies.ts'
import { PRIVATE_NETWORKS } from '../nameserver/rate-limit/rate-limits.ts'
import type { NameserverOptions } from '../nameserver/server.ts'

/** What a DNS server tells of itself, and how it stands up to abuse. */
export type Answering = Required<Pick<NameserverOptions, 'identity' | 'rateLimits'>>

type AnsweringConfig = Pick<
  ControllerConfig & DnsConfig,
  'serverId' | 'showVersion' | 'cookieSecrets' | 'rateLimit' | 'rateLimitSlip' | 'rateLimitExempt'
>

/** As the options of `waypost dns` and `waypost controller` say. */
export function answeringOf(config: AnsweringConfig): Answering {
  const { serverId, showVersion, cookieSecrets, rateLimit, rateLimitSlip, rateLimitExempt } = config
  return {
    identity: {
      ...(serverId === undefined ? {} : { serverId }),
      ...(showVersion ? { version: `Waypost ${readVersion()}` } : {}),
      cookieSecrets: cookieSecrets ?? [Uint8Array.from(randomBytes(COOKIE_SECRET_BYTES))],
    },
    rateLimits: {
      responsesPerSecond: rateLimit,
      slip: rateLimitSlip,
      exempt: rateLimitExempt.flatMap((network) => (network === 'private' ? PRIVATE_NETWORKS : [network])),
    },
  }
}

/** For a server on loopback: nobody is limited. */
export function answeringLocally(): Answering {
  return answeringOf({
    serverId: undefined,
    showVersion: false,
    cookieSecrets: undefined,
    rateLimit: 0,
    rateLimitSlip: 2,
    rateLimitExempt: [],
  })
}
