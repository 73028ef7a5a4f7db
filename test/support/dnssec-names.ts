import { readName } from '../../src/dns/presentation.ts'
import type { WireName } from '../../src/dns/wire/message.ts'

/** An absolute name as master files write it, in wire form. */
export function nameOf(text: string): WireName {
  return readName(text)
}

/** Canonical order of names (RFC 4034, 6.1): label by label from the right, as octets in lower case, the absent label first. */
export function compareNames(left: WireName, right: WireName): number {
  const [ours, theirs] = [labelsOf(left).reverse(), labelsOf(right).reverse()]
  for (const [i, label] of ours.entries()) {
    const other = theirs[i]
    const order = other === undefined ? 1 : Buffer.compare(label, other)
    if (order !== 0) return order
  }
  return ours.length - theirs.length
}

function labelsOf(name: WireName): Buffer[] {
  const labels: Buffer[] = []
  for (let at = 0; name[at] !== 0; at += name[at]! + 1) {
    const label = Buffer.from(name.subarray(at + 1, at + 1 + name[at]!))
    labels.push(label.map((octet) => (octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet)) as Buffer)
  }
  return labels
}
