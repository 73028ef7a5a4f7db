import { EDNS_OPTION, MAX_TCP_BYTES } from '../protocol.ts'
import type { Edns, EdnsOption } from '../wire/message.ts'
import { presentClientSubnet, readClientSubnet, type ClientSubnet } from './client-subnet.ts'
import { isEncrypted, isStream, type AnswerContext } from './context.ts'
import { COOKIE_BYTES, isCookieLength, type CookieProof } from './cookies.ts'
import type { ExtendedError } from './reply.ts'

/** What the options of a query ask for; those that we do not know are passed over (RFC 6891, 6.1.2). */
export interface AskedOptions {
  readonly cookie?: { readonly proof: CookieProof; readonly data: Uint8Array }
  readonly serverId: boolean
  readonly subnet?: ClientSubnet
  readonly keepalive: boolean
  readonly padding: boolean
}

const NOTHING: AskedOptions = { serverId: false, keepalive: false, padding: false }

/** A response over TLS is as long as others: a multiple of this (RFC 8467, 4.1). */
const PADDED_BYTES = 468
/** Code and length before the data of an option. */
const OPTION_HEADER_BYTES = 4
const KEEPALIVE_UNIT_MS = 100

/** @returns undefined where an option cannot be understood, which makes the query a format error */
export function readOptions(edns: Edns | undefined, context: AnswerContext): AskedOptions | undefined {
  if (edns === undefined || edns.options.length === 0) return NOTHING
  const has = (code: number): boolean => edns.options.some((option) => option.code === code)
  const cookie = edns.options.find(({ code }) => code === EDNS_OPTION.COOKIE) // the first one counts (RFC 7873, 5.2)
  const subnet = edns.options.find(({ code }) => code === EDNS_OPTION.CLIENT_SUBNET)
  const readSubnet = subnet === undefined ? undefined : readClientSubnet(subnet.data)
  if (subnet !== undefined && readSubnet === undefined) return undefined
  if (cookie !== undefined && !isCookieLength(cookie.data.length)) return undefined
  return {
    ...(cookie === undefined ? {} : cookieOf(cookie, context)),
    ...(readSubnet === undefined ? {} : { subnet: readSubnet }),
    serverId: has(EDNS_OPTION.NSID),
    keepalive: has(EDNS_OPTION.TCP_KEEPALIVE),
    padding: has(EDNS_OPTION.PADDING),
  }
}

function cookieOf(
  { data }: EdnsOption,
  { settings, requester }: AnswerContext,
): Pick<AskedOptions, 'cookie'> {
  const { cookies } = settings
  if (cookies === undefined) return {}
  const proof = cookies.read(data, 0, { length: data.length, requester })
  const answer = new Uint8Array(COOKIE_BYTES)
  cookies.write(answer, 0)
  return { cookie: { proof, data: answer } }
}

/** The options of a response, in the order in which they are written; padding comes last, and later. */
export function responseOptions(
  asked: AskedOptions,
  context: AnswerContext,
  { scopePrefix, error }: { readonly scopePrefix: number; readonly error?: ExtendedError | undefined },
): readonly EdnsOption[] {
  const { settings, transport } = context
  const options: EdnsOption[] = []
  if (asked.cookie !== undefined) options.push({ code: EDNS_OPTION.COOKIE, data: asked.cookie.data })
  if (asked.serverId && settings.serverId !== undefined)
    options.push({ code: EDNS_OPTION.NSID, data: Buffer.from(settings.serverId) })
  if (asked.subnet !== undefined)
    options.push({
      code: EDNS_OPTION.CLIENT_SUBNET,
      data: presentClientSubnet(asked.subnet, asked.subnet.sourcePrefix === 0 ? 0 : scopePrefix),
    })
  if (asked.keepalive && isStream(transport) && settings.tcpIdleMs !== undefined)
    options.push({ code: EDNS_OPTION.TCP_KEEPALIVE, data: keepalive(settings.tcpIdleMs) })
  if (error !== undefined) options.push({ code: EDNS_OPTION.EXTENDED_ERROR, data: errorData(error) })
  return options
}

/** Without what explains an error: the first thing to be left out where space is short (RFC 8914, 3). */
export function withoutError(options: readonly EdnsOption[]): readonly EdnsOption[] {
  return options.filter(({ code }) => code !== EDNS_OPTION.EXTENDED_ERROR)
}

/** Whether a response is padded: on request, and where nobody else sees it (RFC 7830, 4 and 6). */
export function isPadded(asked: AskedOptions, context: AnswerContext): boolean {
  return asked.padding && isEncrypted(context.transport)
}

/** @param bytes - of the message without padding; @returns the option that makes it as long as others */
export function paddingFor(bytes: number): EdnsOption {
  const used = bytes + OPTION_HEADER_BYTES
  const length = (PADDED_BYTES - (used % PADDED_BYTES)) % PADDED_BYTES
  return {
    code: EDNS_OPTION.PADDING,
    data: new Uint8Array(Math.max(0, Math.min(length, MAX_TCP_BYTES - used))),
  }
}

function keepalive(idleMs: number): Uint8Array {
  const units = Math.min(0xffff, Math.floor(idleMs / KEEPALIVE_UNIT_MS))
  return Uint8Array.of(units >> 8, units & 0xff)
}

function errorData({ code, text = '' }: ExtendedError): Uint8Array {
  return Buffer.concat([Uint8Array.of(code >> 8, code & 0xff), Buffer.from(text)])
}
