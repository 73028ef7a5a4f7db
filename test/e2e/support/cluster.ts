import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newCertificateAuthority, type CertificateAuthority } from '../../../src/sandbox/certificates.ts'
import { kubeconfigText } from '../../../src/sandbox/kubeconfig.ts'
import { KubernetesClient } from '../../support/kubernetes-client.ts'
import { findComponent } from '../setup/components.ts'
import { freePort } from './ports.ts'
import { startProgram, until, type Program } from './process.ts'
import type { RealCluster } from './types.ts'

export interface ClusterOptions {
  readonly name: string
  readonly etcdUrl: string
  /** Of the fleet; the cluster's own is made below it. */
  readonly folder: string
  /** Further flags of the API server, by the cluster's folder. */
  readonly apiServerFlags?: (folder: string) => readonly string[]
}

const CONTROLLERS = [
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'clusterrole-aggregation-controller',
  'endpointslice-controller',
  'deployment-controller',
  'replicaset-controller',
]

/** A kube-apiserver and a kube-controller-manager, over a key prefix of their own. */
export class Cluster implements RealCluster {
  readonly name: string
  readonly url: string
  readonly token = randomBytes(16).toString('hex')
  /** Of another administrator, as whom the host joins the cluster. */
  readonly joinToken = randomBytes(16).toString('hex')
  readonly folder: string
  readonly kubeconfigPath: string
  caPem = ''
  readonly #options: ClusterOptions
  readonly #port: number
  #api: KubernetesClient | undefined
  #apiServer: Program | undefined
  #controllerManager: Program | undefined

  /** Started; resolves when the API is ready and the default ServiceAccount can be made. */
  static async create(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options, await freePort())
    await cluster.#prepare()
    await cluster.start()
    cluster.#startControllerManager()
    return cluster
  }

  private constructor(options: ClusterOptions, port: number) {
    this.#options = options
    this.#port = port
    this.name = options.name
    this.url = `https://127.0.0.1:${port}`
    this.folder = join(options.folder, options.name)
    this.kubeconfigPath = join(this.folder, 'kubeconfig')
  }

  get api(): KubernetesClient {
    if (this.#api === undefined) throw new Error(`${this.name} was not started`)
    return this.#api
  }

  get apiServer(): Program {
    if (this.#apiServer === undefined) throw new Error(`${this.name} was not started`)
    return this.#apiServer
  }

  async start(): Promise<void> {
    this.#apiServer = startProgram({
      name: 'kube-apiserver',
      command: findComponent('kube-apiserver'),
      folder: this.folder,
      args: this.#flags(),
    })
    const program = this.#apiServer
    await until(async () => {
      if (!program.isRunning)
        throw new Error(`kube-apiserver of ${this.name} ended: ${program.log().slice(-2_000)}`)
      return (await this.api.get('/readyz')).code === 200 ? true : undefined
    }, 60_000)
    if (this.#controllerManager !== undefined) await this.#restartControllerManager()
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#apiServer?.end(signal)
  }

  /** Whether the next start of the API server knows the token that the host has. */
  acceptJoinToken(accept: boolean): void {
    const users = accept ? { admin: this.token, host: this.joinToken } : { admin: this.token }
    const lines = Object.entries(users).map(([name, token]) => `${token},${name},${name},"system:masters"\n`)
    writeFileSync(this.#file('tokens.csv'), lines.join(''))
  }

  /** One that has outlived its API server asks again after half a minute; one that has outlived a restored state sees nothing. */
  async #restartControllerManager(): Promise<void> {
    await this.#controllerManager?.end('SIGKILL')
    this.#startControllerManager()
  }

  /**
   * The files that the API server serves with, made anew; it reads them again by itself.
   * @param authority - a new one, unless told
   * @returns the CA from now on
   */
  async rotateCertificate(authority?: CertificateAuthority): Promise<string> {
    const again = authority ?? (await newCertificateAuthority(`${this.name} again`, Date.now()))
    await this.#writeCertificate(again)
    return this.caPem
  }

  /** Ends the controller manager, then the API server: without an API server it would only retry. */
  async close(): Promise<void> {
    await this.#controllerManager?.end('SIGKILL')
    await this.#apiServer?.end('SIGKILL')
    await this.#api?.close()
  }

  async #prepare(): Promise<void> {
    mkdirSync(this.folder, { recursive: true })
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(this.#file('sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }))
    this.acceptJoinToken(true)
    await this.#writeCertificate(await newCertificateAuthority(this.name, Date.now()))
  }

  async #writeCertificate(authority: CertificateAuthority): Promise<void> {
    const { caPem, certPem, keyPem } = await authority.issue('kube-apiserver')
    this.caPem = caPem
    writeFileSync(this.#file('ca.crt'), caPem)
    writeFileSync(this.#file('tls.crt'), certPem)
    writeFileSync(this.#file('tls.key'), keyPem)
    writeFileSync(this.kubeconfigPath, kubeconfigText([this], this.name))
    this.#api = new KubernetesClient({ url: this.url, token: this.token, caPem })
  }

  #file(name: string): string {
    return join(this.folder, name)
  }

  #flags(): readonly string[] {
    return [
      `--etcd-servers=${this.#options.etcdUrl}`,
      `--etcd-prefix=/${this.name}`,
      ...[`--secure-port=${this.#port}`, '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1'],
      ...[
        '--endpoint-reconciler-type=none',
        '--authorization-mode=RBAC',
        '--service-cluster-ip-range=10.96.0.0/16',
      ],
      ...[`--tls-cert-file=${this.#file('tls.crt')}`, `--tls-private-key-file=${this.#file('tls.key')}`],
      `--token-auth-file=${this.#file('tokens.csv')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${this.#file('sa.key')}`,
      `--service-account-signing-key-file=${this.#file('sa.key')}`,
      ...(this.#options.apiServerFlags?.(this.folder) ?? []),
    ]
  }

  #startControllerManager(): void {
    this.#controllerManager = startProgram({
      name: 'kube-controller-manager',
      command: findComponent('kube-controller-manager'),
      folder: this.folder,
      args: [
        ...[`--kubeconfig=${this.kubeconfigPath}`, '--leader-elect=false', '--secure-port=0'],
        ...[
          `--service-account-private-key-file=${this.#file('sa.key')}`,
          `--root-ca-file=${this.#file('ca.crt')}`,
        ],
        ...['--use-service-account-credentials=false', `--controllers=${CONTROLLERS.join(',')}`],
      ],
    })
  }
}
