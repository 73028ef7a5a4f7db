import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { tsigKeys, type TsigKey, type TsigKeys } from '../../dns/tsig/keys.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { Admission } from './admission.ts'
import { ControlEnd } from './control-end.ts'
import { FORWARD_LIMITS, Forwarder, type ControlPort } from './forwarder.ts'
import type { RequestFrontOptions } from './request-front.ts'
import type { ControlHandler, ControlRules, ToMain, ToWorker } from './types.ts'

/** Keys of other servers, and who answers what workers do not answer alone. */
export interface RequestOptions {
  /** For signatures of any request. */
  readonly keys: readonly TsigKey[]
  /** Without: transfers are refused, NOTIFY and UPDATE not implemented. */
  readonly handler?: ControlHandler
}

/** The same for one worker. */
export interface WorkerRequests {
  readonly keys: readonly TsigKey[]
  readonly control?: { readonly port: MessagePort; readonly rules: ControlRules }
}

/** What one worker gets, its port to be transferred, and how to close our end of it. */
export function openRequests(
  { keys, handler }: RequestOptions,
  logger: Logger,
): { readonly data: WorkerRequests; close(): void } {
  if (handler === undefined) return { data: { keys }, close: () => {} }
  const { port1, port2 } = new MessageChannel()
  const end = new ControlEnd(port1, handler, logger)
  port1.unref() // a channel is no reason to go on
  return { data: { keys, control: { port: port2, rules: handler.rules } }, close: () => end.close() }
}

/** What the readers of a worker need. All of them look at the same: other keys hold from the next request on. */
export interface LiveRequests extends RequestFrontOptions {
  keys: TsigKeys
}

/** What the readers of a worker need, at its start. */
export function requestsOf({ keys, control }: WorkerRequests): LiveRequests {
  if (control === undefined) return { keys: tsigKeys(keys) }
  const { port, rules } = control
  const forwarder = new Forwarder(port satisfies ControlPort<ToMain, ToWorker>, FORWARD_LIMITS, () =>
    performance.now(),
  )
  port.unref()
  return { keys: tsigKeys(keys), control: { admission: new Admission(rules), forwarder } }
}
