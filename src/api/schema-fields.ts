import { z } from 'zod'
import { MAX_LABEL_BYTES } from '../dns/names.ts'

/** The largest TTL (RFC 2181, 8). */
export const MAX_TTL_SECONDS = 2 ** 31 - 1

const LABEL = '[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?'
const NAME = `${LABEL}(?:\\.${LABEL})*\\.?`

// Patterns are read by three engines (this one, ajv's with the unicode flag, RE2 of the API server): no look-around, no back references.
const PATTERNS = {
  optionalLabel: new RegExp(`^(?:${LABEL})?$`),
  name: new RegExp(`^${NAME}$`),
  host: new RegExp(`^(?:\\*\\.)?${NAME}$`),
  objectName: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
  address: /^[0-9A-Fa-f.:]+$/,
}

/** One DNS label or nothing (KubeFed: an empty string is an absent field), in any case. */
export function optionalLabel(description: string): z.ZodString {
  return z
    .string()
    .max(MAX_LABEL_BYTES, `is too long: a DNS label has at most ${MAX_LABEL_BYTES} bytes`)
    .regex(
      PATTERNS.optionalLabel,
      'is not one DNS label: use letters, digits and inner hyphens, without dots',
    )
    .meta({ description })
}

/** An absolute DNS name with or without the trailing dot, in any case. */
export function dnsName(description: string): z.ZodString {
  return z
    .string()
    .min(1, 'is empty: give a DNS name, such as example.com')
    .max(254, 'is too long: a DNS name has at most 253 characters, without the trailing dot')
    .regex(
      PATTERNS.name,
      'is not a DNS name: use labels of letters, digits and inner hyphens, joined by dots',
    )
    .meta({ description })
}

/** A DNS name whose first label may be `*`. */
export function hostName(description: string): z.ZodString {
  return z
    .string()
    .min(1, 'is empty: give a host name, such as www.example.com')
    .max(254, 'is too long: a DNS name has at most 253 characters, without the trailing dot')
    .regex(
      PATTERNS.host,
      'is not a host name: use labels of letters, digits and inner hyphens, joined by dots; only the first may be *',
    )
    .meta({ description })
}

/** The name of a Kubernetes object: a DNS-1123 subdomain. */
export function objectName(description: string): z.ZodString {
  return z
    .string()
    .min(1, 'is empty: give the name of an object')
    .max(253, 'is too long: the name of an object has at most 253 characters')
    .regex(
      PATTERNS.objectName,
      'is not the name of an object: use lower-case letters, digits, inner hyphens and dots',
    )
    .meta({ description })
}

/** An IPv4 or IPv6 address; the schema looks at its characters only, parsing is for `validate`. */
export function address(description: string): z.ZodString {
  return z
    .string()
    .max(45, 'is too long for an address')
    .regex(PATTERNS.address, 'is not an IPv4 or IPv6 address')
    .meta({ description })
}

/** Seconds; 0 means "not set", as in KubeFed. */
export function ttl(description: string): z.ZodInt {
  return z
    .int('is not a whole number of seconds')
    .min(0, 'is negative: a TTL has at least 0 seconds (0 = the default)')
    .max(MAX_TTL_SECONDS, `is too large: a TTL has at most ${MAX_TTL_SECONDS} seconds (RFC 2181, 8)`)
    .meta({ description })
}

/** A moment in RFC 3339, as the API server writes it. */
export function timestamp(description: string): z.ZodString {
  return z.string().meta({ description, format: 'date-time' })
}

/** A count or a generation: a whole number from 0. */
export function count(description: string): z.ZodInt {
  return z.int().min(0).meta({ description })
}
