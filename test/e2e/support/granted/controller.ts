import { startProgram, until, type Program } from '../process.ts'

const MAIN = new URL('../../../../src/main.ts', import.meta.url).pathname

/** A controller process with a kubeconfig, at ports of its own on 127.0.0.1. */
export interface GrantedController extends Program {
  /** When it is ready: where it answers DNS, and the URL of its HTTP server. */
  ready(): Promise<{ readonly dns: { readonly host: string; readonly port: number }; readonly http: string }>
  /** Wait for a log line from now on that says that a right is missing. @returns what waits for it */
  willMiss(cluster: string, right: string): (timeoutMs?: number) => Promise<DeniedLine>
}

/** The log line of a missing right. */
export interface DeniedLine {
  readonly cluster: string
  readonly right: string
  readonly err: string
}

const READY = /^ready {3}DNS on (?<host>[\d.]+):(?<port>\d+), HTTP on (?<http>\S+)$/m

/** Start `waypost controller`. @param options.http, options.dns - where its servers listen; without it any free port */
export function startGrantedController(options: {
  readonly name: string
  readonly folder: string
  readonly kubeconfig: string
  readonly http?: string
  readonly dns?: string
}): GrantedController {
  const { name, folder, kubeconfig, http = '127.0.0.1:0', dns = '127.0.0.1:0' } = options
  const listen = ['--dns-listen', dns, '--http-listen', http, '--allow-update', '127.0.0.1']
  const args = [MAIN, 'controller', '--kubeconfig', kubeconfig, ...listen]
  return controllerOf(startProgram({ name, folder, command: process.execPath, args }))
}

/** Puts $1 where Pods have their ServiceAccount, in a mount namespace of its own, and becomes the rest. */
const IN_POD = `set -e
run=$(readlink -f /var/run)
mount -t tmpfs tmpfs "$run"
mkdir -p "$run/secrets/kubernetes.io/serviceaccount"
mount --bind "$1" "$run/secrets/kubernetes.io/serviceaccount"
shift
exec "$@"`

/** Start `waypost controller` with nothing but what a Pod has: a ServiceAccount's files and the address of its API server. */
export function startInPod(options: {
  readonly folder: string
  /** With token, ca.crt and namespace. */
  readonly pod: string
  readonly url: string
  readonly dns: string
}): GrantedController {
  const { folder, pod, url, dns } = options
  const { hostname, port } = new URL(url)
  const command = [process.execPath, MAIN, 'controller', '--dns-listen', dns, '--http-listen', '127.0.0.1:0']
  return controllerOf(
    startProgram({
      ...{ name: 'pod', folder, command: 'unshare' },
      args: ['--mount', 'sh', '-c', IN_POD, 'sh', pod, ...command],
      env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    }),
  )
}

function controllerOf(program: Program): GrantedController {
  return {
    ...program,
    get isRunning() {
      return program.isRunning
    },
    async ready() {
      await program.logged(READY)
      const { host = '', port = '', http = '' } = READY.exec(program.log())?.groups ?? {}
      return { dns: { host, port: Number(port) }, http }
    },
    willMiss(cluster, right) {
      const from = program.log().length
      const isIt = (line: DeniedLine): boolean => line.cluster === cluster && line.right === right
      return (timeoutMs) => until(() => deniedLines(program.log().slice(from)).find(isIt), timeoutMs)
    },
  }
}

function deniedLines(log: string): readonly DeniedLine[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines
    .map((line) => JSON.parse(line) as DeniedLine & { readonly msg: string })
    .filter(({ msg }) => msg.startsWith('right is missing'))
}
