import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../errors.ts'

const LOCK = 'sandbox.pid'
const MAX_LOCK_ATTEMPTS = 10
const KUBECONFIG = 'kubeconfig'
const ENDPOINTS = 'endpoints.json'

/** The promised content of `<state-dir>/endpoints.json`; further fields may come. */
export interface SandboxEndpoints {
  readonly dns: { readonly host: string; readonly port: number }
  readonly http: { readonly url: string }
  readonly clusters: Readonly<Record<string, { readonly url: string }>>
  /** Load balancer `<address>:<port>` to the loopback `<host>:<port>` that stands for it. */
  readonly loadBalancers?: Readonly<Record<string, string>>
}

/** A folder that one sandbox at a time writes its handles to. */
export interface StateDir {
  readonly path: string
  readonly kubeconfigPath: string
  /** Readable by its owner alone; replaced at once. */
  writeKubeconfig(text: string): void
  /** Take away what says that a sandbox runs. */
  release(): void
}

/**
 * Claim a state folder, made when it is not there; what an earlier sandbox left in it goes.
 * @throws AppError SANDBOX_STATE_DIR_IN_USE with the pid of the sandbox that has it; SANDBOX_STATE_DIR_UNUSABLE
 */
export function claimStateDir(path: string): StateDir {
  const lock = join(path, LOCK)
  attempt(path, () => {
    makeFolder(resolve(path))
    takeLock(path, lock)
    rmSync(join(path, ENDPOINTS), { force: true })
    rmSync(join(path, KUBECONFIG), { force: true })
  })
  const kubeconfigPath = join(path, KUBECONFIG)
  return {
    path,
    kubeconfigPath,
    writeKubeconfig: (text) => attempt(path, () => replaceFile(kubeconfigPath, text, 0o600)),
    release() {
      rmSync(join(path, ENDPOINTS), { force: true })
      rmSync(lock, { force: true })
    },
  }
}

/**
 * Write `<state-dir>/endpoints.json`, replaced at once: a reader sees the old file, the new one or none.
 * @throws AppError SANDBOX_STATE_DIR_UNUSABLE
 */
export function writeEndpoints(stateDir: string, endpoints: SandboxEndpoints): void {
  attempt(stateDir, () =>
    replaceFile(join(stateDir, ENDPOINTS), `${JSON.stringify(endpoints, null, 2)}\n`, 0o644),
  )
}

/** Folder by folder: Node's recursive mkdir never ends where a file system refuses a folder with ENOENT, as /proc does. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o755 })
  } catch (error) {
    const madeInBetween = isCode(error, 'EEXIST') && statSync(path).isDirectory()
    if (!madeInBetween) throw error
  }
}

function takeLock(path: string, lock: string): void {
  for (let attempts = 0; attempts < MAX_LOCK_ATTEMPTS; attempts += 1) {
    try {
      const file = openSync(lock, 'wx', 0o644) // only one process can create it
      writeSync(file, `${process.pid}\n`)
      closeSync(file)
      return
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
    }
    const pid = lockHolder(lock)
    if (pid !== undefined && isAlive(pid)) {
      throw new AppError('another sandbox uses this state folder; end it or name another with --state-dir', {
        code: 'SANDBOX_STATE_DIR_IN_USE',
        fields: { stateDir: path, pid },
      })
    }
    rmSync(lock, { force: true })
  }
  throw new Error(`${LOCK} comes back as often as it is taken away`)
}

function lockHolder(lock: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10)
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined // gone in between, or unreadable: nobody can be named
  }
}

/** In a restarted container the own pid is often the one that a killed sandbox left behind. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

function replaceFile(file: string, text: string, mode: number): void {
  const fresh = `${file}.${process.pid}.new`
  rmSync(fresh, { force: true })
  writeFileSync(fresh, text, { mode, flag: 'wx' })
  renameSync(fresh, file)
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('state folder cannot be written; name another with --state-dir', {
      code: 'SANDBOX_STATE_DIR_UNUSABLE',
      fields: { stateDir: path },
      cause: error,
    })
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
