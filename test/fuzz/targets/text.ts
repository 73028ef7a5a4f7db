import { compareAddresses, familyOf, tryAddress, writeAddress } from '../../../src/dns/address.ts'
import { isWithin, nameOfWire, prepend, tryDomainName, wireName } from '../../../src/dns/names.ts'
import { readTime } from '../../../src/dns/rdata/time.ts'
import { typeName, typeNumber } from '../../../src/dns/rdata/type-names.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

const PIECES = [
  'example',
  'com',
  '.',
  '..',
  '-',
  '_tcp',
  '*',
  'a'.repeat(63),
  'a'.repeat(64),
  'B',
  '\\',
  '\\046',
  '\\300',
  '@',
  ' ',
  'é',
  '192',
  '.0',
  '.2',
  '.1',
  '::',
  ':',
  '2001',
  'db8',
  'ffff',
  '12345',
  '%eth0',
  '/',
  '256',
  '0x1',
  '01',
  'TYPE',
  '65536',
] as const

/** Texts as names, addresses, types and times: each is one, written as it always is, or none. */
export function textTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'text',
    share: 60,
    deep: () => deep,
    run(random: Random) {
      const text = random
        .many(random.below(9), () => random.pick(PIECES))
        .join(random.once(3) ? '' : random.pick(['', '.', ':']))
      faultless(text, () => {
        const name = tryDomainName(text)
        if (name !== undefined) {
          deep += 1
          if (nameOfWire(wireName(name)) !== name) throw new FuzzFault('name is another on the wire', text)
          if (tryDomainName(name) !== name || !isWithin(name, name))
            throw new FuzzFault('name is not itself', text)
          faultlessPrepend(name)
        }
        const address = tryAddress(text)
        if (address !== undefined) {
          deep += 1
          const length = writeAddress(address, new Uint8Array(16), 0)
          if (length !== (familyOf(address) === 'a' ? 4 : 16))
            throw new FuzzFault('address of another length', text)
          if (tryAddress(address) !== address || compareAddresses(address, address) !== 0)
            throw new FuzzFault('address is not itself', text)
        }
        const type = typeNumber(text)
        if (type !== undefined && typeNumber(typeName(type)) !== type)
          throw new FuzzFault('type is another', text)
        readTime(text)
      })
    },
  }
}

/** A longer name is one, or is said to be too long. */
function faultlessPrepend(name: ReturnType<typeof nameOfWire>): void {
  try {
    prepend('x'.repeat(40), name)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NameError') throw error
  }
}
