/** Size of the world of a run. */
export interface Size {
  readonly members: number
  readonly services: number
}

/** One change in a member, a function of its number alone: every process knows what it will be. */
export interface Change {
  readonly index: number
  readonly service: number
  readonly member: number
  /** A new load balancer address, its endpoint lost, its endpoint back. */
  readonly kind: 'address' | 'down' | 'up'
  /** With `address` and `up` the answer is to have it, with `down` to have it no more. */
  readonly address: string
}

/**
 * The change of a number. Services take turns. Those of even number get an address that no other change gives, in one
 * member after the other; the others lose and regain the endpoint of one member after the other, so that no service is
 * ever without a fit shard and each change has a sign of its own in the answer.
 */
export function changeAt(index: number, { members, services }: Size): Change {
  const service = index % services
  const visit = Math.floor(index / services)
  if (service % 2 === 0) {
    return { index, service, member: visit % members, kind: 'address', address: newAddress(index) }
  }
  const member = Math.floor(visit / 2) % members
  const kind = visit % 2 === 0 ? 'down' : 'up'
  return { index, service, member, kind, address: firstAddress(service, member) }
}

/** The address of a service in a member at the start. */
export function firstAddress(service: number, member: number): string {
  return `10.${member}.${service >> 8}.${service & 255}`
}

function newAddress(index: number): string {
  return `172.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
}
