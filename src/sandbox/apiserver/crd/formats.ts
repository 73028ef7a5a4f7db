import { isIP, isIPv4, isIPv6 } from 'node:net'
import { eachSchema } from './structural.ts'
import type { StructuralSchema } from './structural.ts'

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const HOSTNAME =
  /^([a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\.?$/

/** The formats that the real server checks; others are ignored by both. */
export const FORMATS: Readonly<Record<string, (value: string) => boolean>> = {
  'date-time': (value) =>
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?$/.test(value) &&
    !Number.isNaN(Date.parse(value.replace(' ', 'T'))),
  date: (value) => DATE.test(value),
  duration: (value) => /^[+-]?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^[+-]?0$/.test(value),
  ipv4: isIPv4,
  ipv6: isIPv6,
  ip: (value) => isIP(value) !== 0,
  cidr: (value) => {
    const [address = '', prefix = '', ...more] = value.split('/')
    const family = isIP(address)
    return (
      more.length === 0 &&
      family !== 0 &&
      /^\d{1,3}$/.test(prefix) &&
      Number(prefix) <= (family === 4 ? 32 : 128)
    )
  },
  hostname: (value) => value.length <= 253 && HOSTNAME.test(value),
  email: (value) => /^[^\s@]+@[^\s@]+$/.test(value),
  uri: (value) => URL.canParse(value) || /^\/[^\s]*$/.test(value),
  uuid: (value) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value),
  mac: (value) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(value),
  byte: (value) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value),
}

/** Formats of text that the real server knows beside those it is checked for here. */
const MORE_KNOWN = [
  ...['bsonobjectid', 'uuid3', 'uuid4', 'uuid5', 'isbn', 'isbn10', 'isbn13', 'creditcard', 'ssn', 'hexcolor'],
  ...['rgbcolor', 'password', 'datetime', 'k8s-short-name', 'k8s-long-name'],
]

/** Formats in a schema that no server knows: they are ignored. */
export function unrecognizedFormats(schema: StructuralSchema): readonly string[] {
  const found: string[] = []
  eachSchema(schema, '', ({ type, format }) => {
    if (type !== 'string' || format === undefined || format === '') return
    if (FORMATS[format] === undefined && !MORE_KNOWN.includes(format)) found.push(format)
  })
  return found
}
