import type { AnswerSettings } from '../dns/answer/context.ts'
import { ServerCookies } from '../dns/answer/cookies.ts'
import type { DnsWorkerData } from './types.ts'

/** What the answers of a worker say of the server. */
export function answerSettings({
  identity: { serverId, version, cookieSecrets },
  tcpLimits,
}: Pick<DnsWorkerData, 'identity' | 'tcpLimits'>): AnswerSettings {
  return {
    ...(serverId === undefined ? {} : { serverId }),
    ...(version === undefined ? {} : { version }),
    ...(cookieSecrets.length === 0 ? {} : { cookies: new ServerCookies(cookieSecrets) }),
    tcpIdleMs: tcpLimits.idleMs,
  }
}

/** For HTTP, which has its own ways to say how long a connection is kept. */
export function withoutKeepalive(settings: AnswerSettings): AnswerSettings {
  const { tcpIdleMs: _, ...rest } = settings
  return rest
}
