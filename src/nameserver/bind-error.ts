import { AppError } from '../errors.ts'
import type { BindFailure } from './types.ts'

/** By errno: what went wrong, in words that say what to do. */
const CAUSES: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  EADDRINUSE: {
    code: 'DNS_PORT_IN_USE',
    message: 'DNS port is in use by another program; stop it or choose another port',
  },
  EACCES: {
    code: 'DNS_BIND_DENIED',
    message: 'not allowed to bind the DNS port; choose one above 1023 or grant CAP_NET_BIND_SERVICE',
  },
  EADDRNOTAVAIL: {
    code: 'DNS_ADDRESS_UNAVAILABLE',
    message: 'DNS listen address is not an address of this machine; choose one that it has',
  },
}

/** The error that a user sees when the server cannot listen. */
export function bindError({ host, port, transport, errno }: BindFailure): AppError {
  const cause = CAUSES[errno] ?? {
    code: 'DNS_BIND_FAILED',
    message: 'cannot listen for DNS; check the address',
  }
  return new AppError(cause.message, { code: cause.code, fields: { host, port, transport, errno } })
}
