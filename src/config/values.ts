import { isIP } from 'node:net'

/** A text turned into a value, or what is wrong with it and what to write instead. */
export type Read<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'wrong'; readonly what: string }

/** Where to listen. Port 0 picks a free one. */
export interface Listen {
  /** An address, or `localhost`; IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

const ok = <T>(value: T): Read<T> => ({ kind: 'ok', value })
const wrong = (text: string, what: string): Read<never> => ({ kind: 'wrong', what: `${shown(text)} ${what}` })

/** A TCP or UDP port; 0 picks a free one. */
export function readPort(text: string): Read<number> {
  const port = wholeNumber(text)
  return port === undefined || port > 65_535
    ? wrong(text, 'is not a port: give a number from 0 to 65535')
    : ok(port)
}

/** A whole number within bounds, both included. */
export function readCount(min: number, max: number): (text: string) => Read<number> {
  return (text) => {
    const count = wholeNumber(text)
    return count === undefined || count < min || count > max
      ? wrong(text, `is not a count: give a number from ${min} to ${max}`)
      : ok(count)
  }
}

/** HOST:PORT of this machine: an address, IPv6 in brackets, or `localhost`. */
export function readListen(text: string): Read<Listen> {
  const place = readPlace(text)
  if (place.kind === 'wrong' || place.value.host === 'localhost' || isIP(place.value.host) !== 0) return place
  return wrong(place.value.host, 'is no address: give one of this machine, or localhost')
}

/** HOST:PORT; IPv6 in brackets. */
function readPlace(text: string): Read<Listen> {
  const [, six, other, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]+)$/.exec(text) ?? []
  const host = six ?? other
  if (host === undefined || port === undefined)
    return wrong(text, 'is not HOST:PORT: write it like 127.0.0.1:5300 or [::1]:5300')
  const number = readPort(port)
  return number.kind === 'ok' ? ok({ host, port: number.value }) : number
}

/** A zone and the master file that holds it. */
export interface ZoneFileSource {
  /** As given: a domain name, with or without the final dot. */
  readonly origin: string
  readonly file: string
}

/** ORIGIN=FILE. */
export function readZoneSource(text: string): Read<ZoneFileSource> {
  const [, origin, file] = /^([^=\s]+)=(.+)$/.exec(text) ?? []
  if (origin === undefined || file === undefined)
    return wrong(text, 'is not ORIGIN=FILE: write it like example.com=example.com.zone')
  return ok({ origin, file })
}

/** One of a closed list of words. */
export function readChoice<const T extends string>(choices: readonly T[]): (text: string) => Read<T> {
  return (text) => {
    const found = choices.find((choice) => choice === text)
    return found === undefined
      ? wrong(text, `is not one of ${choices.join(', ')}: use one of them`)
      : ok(found)
  }
}

/** Any text but an empty one. */
export function readText(text: string): Read<string> {
  return text.trim() === '' ? wrong(text, 'is empty: give a value') : ok(text)
}

/** A text of at most so many octets. */
export function readShortText(maxBytes: number): (text: string) => Read<string> {
  return (text) =>
    Buffer.byteLength(text) > maxBytes
      ? wrong(text, `is too long: give at most ${maxBytes} octets`)
      : readText(text)
}

/** Networks that a word stands for, or one as ADDRESS/BITS. */
export function readNetworks(text: string): Read<string> {
  if (text === 'private') return ok(text)
  const [, address = '', bits] = /^([0-9A-Fa-f.:]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  const isPrefix = family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128))
  return isPrefix
    ? ok(text)
    : wrong(text, 'is no network: write it like 192.0.2.0/24, 2001:db8::/32 or private')
}

/** Who takes frames of dnstap. */
export type DnstapTarget =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'file'; readonly path: string }

/** unix:PATH, tcp:HOST:PORT (IPv6 in brackets), with or without //, or the path of a file. */
export function readDnstapTarget(text: string): Read<DnstapTarget> {
  const [, scheme, rest = ''] = /^(unix|tcp):(?:\/\/)?(.*)$/.exec(text) ?? []
  if (scheme === undefined) {
    const path = readText(text)
    return path.kind === 'ok' ? ok({ kind: 'file', path: path.value }) : path
  }
  if (scheme === 'unix')
    return rest === ''
      ? wrong(text, 'names no socket: write it like unix:/run/dnstap.sock')
      : ok({ kind: 'unix', path: rest })
  const listen = readPlace(rest)
  return listen.kind === 'ok' && listen.value.port > 0
    ? ok({ kind: 'tcp', ...listen.value })
    : wrong(text, 'is not tcp:HOST:PORT: write it like tcp:127.0.0.1:6000 or tcp:[::1]:6000')
}

/** Another DNS server that may have zones: all that is given must hold. */
export interface TransferPeer {
  /** ADDRESS or ADDRESS/BITS. */
  readonly prefix?: string
  /** The name of the key that it signs with. */
  readonly key?: string
  /** It signs what it gets. */
  readonly signs: boolean
}

/** PREFIX, key:NAME, or PREFIX+key:NAME; with +signs at its end. */
export function readTransferPeer(text: string): Read<TransferPeer> {
  const [, all = '', signs] = /^(.*?)(\+signs)?$/.exec(text) ?? []
  const [, prefix, key] = /^([^+]*?)(?:(?:^|\+)key:([^+]+))?$/.exec(all) ?? []
  const isPeer = (prefix !== undefined && prefix !== '') || key !== undefined
  if (!isPeer || (prefix !== '' && readNetworks(prefix ?? '').kind === 'wrong') || prefix === 'private')
    return wrong(text, 'is no peer: write it like 192.0.2.0/24, key:NAME or 192.0.2.0/24+key:NAME')
  return ok({
    ...(prefix === '' || prefix === undefined ? {} : { prefix }),
    ...(key === undefined ? {} : { key }),
    signs: signs !== undefined,
  })
}

/** Who may change zones: all that is given must hold. */
export type UpdatePeer = Omit<TransferPeer, 'signs'>

/** PREFIX, key:NAME, or PREFIX+key:NAME. */
export function readUpdatePeer(text: string): Read<UpdatePeer> {
  const read = readTransferPeer(text)
  if (read.kind === 'wrong') return read
  const { signs, ...peer } = read.value
  return signs ? wrong(text, 'names +signs, which is for transfers: leave it out') : ok(peer)
}

/** A zone that another DNS server is the primary of. */
export interface SecondaryZoneSource {
  /** As given: a domain name, with or without the final dot. */
  readonly origin: string
  /** An address. */
  readonly host: string
  readonly port: number
  readonly key?: string
}

/** ORIGIN=HOST:PORT, with +key:NAME behind it; port 53 may be left out. */
export function readSecondaryZone(text: string): Read<SecondaryZoneSource> {
  const [, origin, at = '', key] = /^([^=\s]+)=([^+]*)((?:\+key:[^+]+)?)$/.exec(text) ?? []
  const place = isIP(at.replace(/^\[(.*)\]$/, '$1')) === 0 ? at : `${at}:53`
  const peer = readNotifyPeer(`${place}${key ?? ''}`)
  if (origin === undefined || peer.kind === 'wrong')
    return wrong(
      text,
      'is not ORIGIN=HOST:PORT: write it like example.com=192.0.2.1:53 or example.com=192.0.2.1:53+key:NAME',
    )
  return ok({ origin, ...peer.value })
}

/** Another DNS server that is told of changes. */
export interface NotifyPeer {
  /** An address. */
  readonly host: string
  readonly port: number
  readonly key?: string
}

/** HOST:PORT, with +key:NAME behind it. */
export function readNotifyPeer(text: string): Read<NotifyPeer> {
  const [, at = '', key] = /^([^+]*)(?:\+key:([^+]+))?$/.exec(text) ?? []
  const place = readPlace(at)
  if (place.kind === 'wrong' || isIP(place.value.host) === 0 || place.value.port === 0)
    return wrong(text, 'is no server: write it like 192.0.2.1:53, [2001:db8::1]:53 or 192.0.2.1:53+key:NAME')
  return ok({ ...place.value, ...(key === undefined ? {} : { key }) })
}

/** The name of a namespace: a DNS-1123 label. */
export function readNamespace(text: string): Read<string> {
  return /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
    ? ok(text)
    : wrong(
        text,
        'is not the name of a namespace: use at most 63 lower-case letters, digits and inner hyphens',
      )
}

/** Yes or no, as the environment says it. */
export function readSwitch(text: string): Read<boolean> {
  if (['true', '1', 'yes', 'on'].includes(text.toLowerCase())) return ok(true)
  if (['false', '0', 'no', 'off', ''].includes(text.toLowerCase())) return ok(false)
  return wrong(text, 'is neither yes nor no: write true or false')
}

function wholeNumber(text: string): number | undefined {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined
}

function shown(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 77)}…`)
}
