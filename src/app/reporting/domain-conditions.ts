import type { ConditionSaid } from '../../api/conditions.ts'
import type { KeyEvent } from '../../dns/dnssec/next-key-event.ts'
import type { DomainName } from '../../dns/names.ts'
import type { RefusedTransfer } from '../../nameserver/transfer/transfer-handler.ts'
import type { TransferRule } from '../../nameserver/transfer/transfer-rules.ts'
import type { KeyStanding } from '../zone-facts/key-standing.ts'
import type { ZoneFacts, ZoneTransferFacts } from '../zone-facts/zone-facts.ts'

/** The conditions said here: one that is said no more, since its option is gone, is to be taken away. */
export const ZONE_CONDITIONS: ReadonlySet<string> = new Set(['Signed', 'TransferAllowed'])

/** Of keys and peers in one message. */
const MAX_LISTED = 8

/**
 * What the conditions of a Domain say of its zone: `Signed` where the process has keys, `TransferAllowed` where somebody may have zones.
 * `Signed` is True as long as answers are signed; what its reason is besides `Signing` wants somebody to act.
 */
export function domainConditions(
  zone: DomainName,
  { signing, transfer }: ZoneFacts,
): readonly ConditionSaid[] {
  return [
    ...(signing === undefined ? [] : [signedCondition(zone, signing)]),
    ...(transfer === undefined ? [] : [transferCondition(transfer)]),
  ]
}

/** The event of a transfer that was refused. */
export function refusalEvent({ zone, address, key }: RefusedTransfer): {
  readonly type: 'Warning'
  readonly reason: string
  readonly message: string
} {
  const peer = key === undefined ? `${address}, without a key,` : `${address} with key ${bare(key)}`
  return {
    type: 'Warning',
    reason: 'TransferRefused',
    message: `transfer of ${bare(zone)} to ${peer} was refused: the zone is signed as it is answered, and signatures are in no transfer; ${NAME_A_SIGNER}`,
  }
}

const NAME_A_SIGNER =
  'name a server that signs what it gets with +signs in --allow-transfer, or end signing of the zone'

function signedCondition(zone: DomainName, standing: KeyStanding): ConditionSaid {
  const type = 'Signed'
  const troubles = troublesOf(standing)
  const [trouble] = troubles
  const texts = troubles.map(({ text }) => text)
  if (standing.keySigners.length > 0)
    return {
      ...{ type, status: 'True', reason: trouble?.reason ?? 'Signing' },
      message: [...texts, signersIn(standing), ...nextIn(standing)].join('; '),
    }
  const { reason, text } = unsignedBy(zone, standing)
  return {
    ...{ type, status: 'False', reason: trouble?.reason ?? reason },
    message: [...texts, text, ...nextIn(standing)].join('; '),
  }
}

interface Trouble {
  readonly reason: string
  readonly text: string
}

/** The gravest first: what ends with this process, what ends by no time, what is not known. */
function troublesOf({ keySigners, missing, isOverdue, folderFault }: KeyStanding): readonly Trouble[] {
  const isSigned = keySigners.length > 0
  return [
    ...(isSigned && missing.length > 0
      ? [
          {
            reason: 'KeysMissing',
            text: `the files of ${listed(missing)} are gone, and what was read of them signs until this process ends: put them back, or end signing by taking DS records out of the parent and then giving the keys a Delete time`,
          },
        ]
      : []),
    ...(isSigned && isOverdue
      ? [
          {
            reason: 'KeysExpired',
            text: 'no key is active any more, and retired ones go on signing: activate another, or take DS records out of the parent and delete them',
          },
        ]
      : []),
    ...(folderFault === undefined
      ? []
      : [
          {
            reason: 'KeysUnreadable',
            text: `the folder of keys cannot be used, and what was read of it before goes on: correct it (${folderFault})`,
          },
        ]),
  ]
}

function unsignedBy(zone: DomainName, { known }: KeyStanding): Trouble {
  return known.length === 0
    ? {
        reason: 'NoKeys',
        text: `answers are not signed, as no key of ${bare(zone)} is in the folder of keys: to sign them, put its keys there, as dnssec-keygen makes them`,
      }
    : {
        reason: 'KeysNotActive',
        text: `answers are not signed, as none of the keys (algorithm/tag) ${listed(known)} is active: to sign them, give one an Activate time that has come, as dnssec-settime does`,
      }
}

function signersIn({ keySigners, zoneSigners }: KeyStanding): string {
  const keys = listed(keySigners)
  const others = listed(zoneSigners)
  const who = keys === others ? keys : `${keys} (keys) and ${others} (all else)`
  return `answers are signed by (algorithm/tag) ${who}`
}

const EVENT_WORDS: Readonly<Record<KeyEvent, string>> = {
  published: 'is published',
  active: 'becomes active',
  inactive: 'becomes inactive',
  deleted: 'is deleted',
  synced: 'gets CDS and CDNSKEY records',
  unsynced: 'loses its CDS and CDNSKEY records',
}

function nextIn({ next }: KeyStanding): readonly string[] {
  if (next === undefined) return []
  const at = new Date(next.atSeconds * 1_000).toISOString().replace('.000Z', 'Z')
  return [`next, at ${at}: ${listed(next.events.map(({ key, event }) => `${key} ${EVENT_WORDS[event]}`))}`]
}

function transferCondition({ rules, isSignedHere }: ZoneTransferFacts): ConditionSaid {
  const type = 'TransferAllowed'
  const refused = isSignedHere ? rules.filter((rule) => !isWithSigners(rule, rules)) : []
  const allowed = rules.filter((rule) => !refused.includes(rule))
  if (refused.length === 0)
    return {
      ...{ type, status: 'True', reason: 'Allowed' },
      message: `${isSignedHere ? 'the zone is signed as it is answered, and goes without our keys' : 'the zone goes'} to ${peersIn(allowed)}`,
    }
  const others = allowed.length === 0 ? '' : `; it goes to ${peersIn(allowed)}`
  return {
    ...{ type, status: 'False', reason: 'ZoneSigned' },
    message: `the zone is signed as it is answered, and signatures are in no transfer, so it is refused to ${peersIn(refused)}: ${NAME_A_SIGNER}${others}`,
  }
}

/** Whether all that a rule lets in are let in as signers: by the rule itself, or by one that asks for less of them. */
function isWithSigners(rule: TransferRule, rules: readonly TransferRule[]): boolean {
  return rules.some(
    ({ signs, prefix, key }) =>
      signs === true &&
      (prefix === undefined || prefix === rule.prefix) &&
      (key === undefined || key === rule.key),
  )
}

/** As `--allow-transfer` has them. */
function peersIn(rules: readonly TransferRule[]): string {
  return listed(
    rules.map(({ prefix, key, signs }) =>
      [
        ...(prefix === undefined ? [] : [prefix]),
        ...(key === undefined ? [] : [`key:${bare(key)}`]),
        ...(signs === true ? ['signs'] : []),
      ].join('+'),
    ),
  )
}

function listed(items: readonly string[]): string {
  const shown = items.slice(0, MAX_LISTED).join(', ')
  return items.length <= MAX_LISTED ? shown : `${shown} and ${items.length - MAX_LISTED} more`
}

function bare(name: DomainName): string {
  return name.slice(0, -1) || name
}
