import { quoted } from '../presentation.ts'
import { presentName } from '../wire/name.ts'
import { type Field, fieldsOf, stringsIn } from './fields.ts'
import { presentIp } from './ip-text.ts'
import { base32hex, base64, hex } from './octets.ts'
import { presentServiceParameters } from './service-parameters.ts'
import { presentTime } from './time.ts'
import { typesOfBitmap } from './type-bitmap.ts'
import { typeName } from './type-names.ts'

/**
 * Rdata as a master file writes it, on one line. What has no form of its own, or does not fit it, is written `\# length hex`
 * (RFC 3597, 5). readRdata reads back the same octets, and refuses those that do not fit a form.
 */
export function presentRdata(type: number, rdata: Uint8Array): string {
  const fields = fieldsOf(type, rdata)
  if (fields === undefined) return `\\# ${rdata.length}${rdata.length === 0 ? '' : ` ${hex(rdata)}`}`
  return fields
    .map(presentField)
    .filter((text) => text !== '')
    .join(' ')
}

function presentField({ kind, octets }: Field): string {
  switch (kind) {
    case 'name':
      return presentName(octets)
    case 'u8':
    case 'u16':
    case 'u32':
    case 'seconds':
      return String(numberOf(octets))
    case 'type':
      return typeName(numberOf(octets))
    case 'time':
      return presentTime(numberOf(octets))
    case 'ipv4':
    case 'ipv6':
      return presentIp(octets)
    case 'string':
    case 'text':
      return quoted(octets)
    case 'tag':
      return String.fromCharCode(...octets)
    case 'strings':
      return stringsIn(octets).map(quoted).join(' ')
    case 'hex':
      return hex(octets)
    case 'base64':
      return base64(octets)
    case 'types':
      return (typesOfBitmap(octets) ?? []).map(typeName).join(' ')
    case 'parameters':
      return (presentServiceParameters(octets) ?? '').trimStart()
    case 'short-hex':
      return octets.length === 0 ? '-' : hex(octets)
    case 'base32':
      return base32hex(octets)
    case 'eui48':
    case 'eui64':
      return hex(octets).replace(/..(?!$)/g, '$&-')
    case 'ilnp':
      return hex(octets).replace(/.{4}(?!$)/g, '$&:')
  }
}

function numberOf(octets: Uint8Array): number {
  return octets.reduce((value, octet) => value * 256 + octet, 0)
}
