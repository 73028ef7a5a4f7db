import { afterEach, describe, expect, it, vi } from 'vitest'
import { CredentialKeeper } from '../../../../src/nameserver/tls/credential-keeper.ts'
import { SESSION_SECONDS, type TlsCredentials } from '../../../../src/nameserver/tls/credentials.ts'

afterEach(() => vi.useRealTimers())

const FIRST = { certPem: 'first', keyPem: 'its key' }
const SECOND = { certPem: 'second', keyPem: 'another key' }
const keyOf = ({ ticketKeys }: TlsCredentials): string => Buffer.from(ticketKeys).toString('hex')

function keeper(): { kept: CredentialKeeper; changes: TlsCredentials[] } {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const changes: TlsCredentials[] = []
  return { kept: new CredentialKeeper(FIRST, (changed) => changes.push(changed)), changes }
}

describe('CredentialKeeper', () => {
  it('seals tickets with a key of its own', () => {
    const { kept, changes } = keeper()

    expect(kept.credentials).toMatchObject(FIRST)
    expect(keyOf(kept.credentials)).toMatch(/^(?!(00){48})[0-9a-f]{96}$/)
    expect(changes).toEqual([])
  })

  it('gives every certificate another key for tickets, and tells of it', () => {
    const { kept, changes } = keeper()
    const before = keyOf(kept.credentials)

    kept.replace(SECOND)

    expect(changes).toEqual([kept.credentials])
    expect(kept.credentials).toMatchObject(SECOND)
    expect(keyOf(kept.credentials)).not.toBe(before)
  })

  it('replaces the key as often as a session may live, until closed', () => {
    const { kept, changes } = keeper()

    vi.advanceTimersByTime(2 * SESSION_SECONDS * 1000)
    kept.close()
    vi.advanceTimersByTime(SESSION_SECONDS * 1000)

    expect(changes.map(({ certPem }) => certPem)).toEqual(['first', 'first'])
    expect(new Set(changes.map(keyOf)).size).toBe(2)
  })
})
