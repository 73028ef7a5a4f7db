import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { lookForProgram } from './components.ts'

/** Set loopback up, leave the namespace's own name in the file `$1`, and become the rest of the arguments. */
const ENTER =
  'PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && readlink /proc/self/ns/net > "$1" && shift && exec "$@"'

/** How this user makes a network namespace. */
export interface Namespaces {
  /** Path of unshare, and its flags here. */
  readonly unshare: readonly [path: string, ...flags: string[]]
}

/**
 * Find out, by making one, how this user makes a network namespace: as it is for root, in a user namespace for others
 * (and for a root that lacks the capability, as in most containers).
 * @returns why not, and what to allow, when it is not permitted
 */
export function lookForNamespaces(env: Readonly<NodeJS.ProcessEnv>): Namespaces | { readonly why: string } {
  const unshare = lookForProgram('unshare', env)
  if (unshare === undefined) return { why: 'there is no unshare' }
  const ways = [['--net'], ['--map-root-user', '--net']]
  let said = ''
  for (const flags of process.getuid?.() === 0 ? ways : ways.slice(1)) {
    const [command, ...args] = insideOf({ unshare: [unshare, ...flags] }, '/dev/null', ['true'])
    const tried = spawnSync(command, args, { env: { ...env }, encoding: 'utf8', timeout: 10_000 })
    if (tried.status === 0) return { unshare: [unshare, ...flags] }
    said = tried.stderr?.trim() || String(tried.error?.message)
  }
  return { why: said }
}

/** The command line that runs a command in a namespace of its own; `nameFile` gets the name that {@link processesIn} wants. */
export function insideOf(
  { unshare }: Namespaces,
  nameFile: string,
  command: readonly string[],
): readonly [string, ...string[]] {
  const [path, ...flags] = unshare
  return [path, ...flags, '--', 'sh', '-c', ENTER, 'sh', nameFile, ...command]
}

/** A process that still runs in a namespace. */
export interface Resident {
  readonly pid: number
  readonly command: string
}

/** Every process in the namespace of this name: also those that have left their parent and their process group. */
export function processesIn(namespace: string): readonly Resident[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  return pids.flatMap((pid) => {
    try {
      if (readlinkSync(`/proc/${pid}/ns/net`) !== namespace) return []
      return [{ pid: Number(pid), command: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() }]
    } catch {
      return [] // ended meanwhile, or not ours
    }
  })
}
