import {
  readChoice,
  readCount,
  readDnstapTarget,
  readListen,
  readNamespace,
  readNetworks,
  readNotifyPeer,
  readPort,
  readSecondaryZone,
  readShortText,
  readSwitch,
  readText,
  readTransferPeer,
  readUpdatePeer,
  readZoneSource,
} from './values.ts'
import type { Read } from './values.ts'

/** Subcommands that have options here. */
export const COMMANDS = ['sandbox', 'controller', 'dns', 'version'] as const
export type Command = (typeof COMMANDS)[number]

/** One option, as the command line, the environment and the documentation know it. */
export interface OptionSpec<T, C extends Command, A extends Arity> {
  /** Long form; a switch has no placeholder. */
  readonly flag: `--${string}`
  readonly short?: `-${string}`
  /** What the value is called in help texts; absent for a switch. */
  readonly placeholder?: string
  readonly env?: `WAYPOST_${string}` | 'KUBECONFIG'
  /** In the words of the command line; absent: no value. By command where commands differ. */
  readonly default?: string | { readonly [K in Command]?: string }
  /** What it is for, in one sentence that begins with a small letter or a name. */
  readonly doc: string
  readonly commands: readonly C[]
  readonly arity: A
  readonly read: (text: string) => Read<T>
}

/** `one`: always has a value. `optional`: may have none. `many`: a list; on the command line the flag is repeated, in the environment commas separate. */
export type Arity = 'one' | 'optional' | 'many'

function option<T, const C extends Command, const A extends Arity>(
  spec: OptionSpec<T, C, A>,
): OptionSpec<T, C, A> {
  return spec
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export const OUTPUT_FORMATS = ['table', 'json', 'yaml'] as const
export const DNS_IO = ['dgram', 'batch'] as const
const DNS_IO_DOC = `how UDP packets are read and written: ${DNS_IO.join(' or ')}; batch is many in one system call, on Linux with glibc, and falls back to dgram with a warning`

/** All options, by the name they have in the configuration. Units are part of that name. */
export const OPTIONS = {
  dnsPort: option({
    flag: '--dns-port',
    placeholder: 'PORT',
    env: 'WAYPOST_DNS_PORT',
    default: '5300',
    doc: 'port of the DNS server on 127.0.0.1, UDP and TCP; 0 picks a free one',
    commands: ['sandbox'],
    arity: 'one',
    read: readPort,
  }),
  httpPort: option({
    flag: '--http-port',
    placeholder: 'PORT',
    env: 'WAYPOST_HTTP_PORT',
    default: '8053',
    doc: 'port of health, metrics and JSON API on 127.0.0.1; 0 picks a free one',
    commands: ['sandbox'],
    arity: 'one',
    read: readPort,
  }),
  stateDir: option({
    flag: '--state-dir',
    placeholder: 'DIR',
    env: 'WAYPOST_STATE_DIR',
    default: '.waypost',
    doc: 'folder for kubeconfig and endpoints.json, and for what is kept of zones of other primaries; made when absent',
    commands: ['sandbox', 'dns'],
    arity: 'one',
    read: readText,
  }),
  topology: option({
    flag: '--topology',
    placeholder: 'FILE',
    env: 'WAYPOST_TOPOLOGY',
    doc: 'world to simulate, YAML or JSON, in place of the demo: clusters, regions, zones and what runs in them',
    commands: ['sandbox'],
    arity: 'optional',
    read: readText,
  }),
  manifests: option({
    flag: '--manifests',
    placeholder: 'FILE_OR_DIR',
    env: 'WAYPOST_MANIFESTS',
    doc: 'manifests to apply to the host cluster; of a folder its *.yaml, *.yml and *.json, by name; may be repeated',
    commands: ['sandbox'],
    arity: 'many',
    read: readText,
  }),
  empty: option({
    flag: '--empty',
    env: 'WAYPOST_EMPTY',
    default: 'false',
    doc: 'start without the demo objects',
    commands: ['sandbox'],
    arity: 'one',
    read: readSwitch,
  }),
  kubeconfig: option({
    flag: '--kubeconfig',
    placeholder: 'FILE',
    env: 'KUBECONFIG',
    doc: 'kubeconfig of the host cluster; the variable may list several; without both: ~/.kube/config, else the service account of the pod',
    commands: ['controller'],
    arity: 'optional',
    read: readText,
  }),
  context: option({
    flag: '--context',
    placeholder: 'NAME',
    env: 'WAYPOST_CONTEXT',
    doc: 'context of the kubeconfig; without it the current one',
    commands: ['controller'],
    arity: 'optional',
    read: readText,
  }),
  kubefedNamespace: option({
    flag: '--kubefed-namespace',
    placeholder: 'NAMESPACE',
    env: 'WAYPOST_KUBEFED_NAMESPACE',
    default: 'kube-federation-system',
    doc: 'namespace of the control plane: KubeFedClusters, their Secrets, Domains',
    commands: ['controller'],
    arity: 'one',
    read: readNamespace,
  }),
  dnsListen: option({
    flag: '--dns-listen',
    placeholder: 'HOST:PORT',
    env: 'WAYPOST_DNS_LISTEN',
    default: '127.0.0.1:5300',
    doc: 'where the DNS server listens, UDP and TCP; may be repeated',
    commands: ['controller'],
    arity: 'many',
    read: readListen,
  }),
  dnsWorkers: option({
    flag: '--dns-workers',
    placeholder: 'N',
    env: 'WAYPOST_DNS_WORKERS',
    default: '1',
    doc: 'threads that answer DNS queries',
    commands: ['controller'],
    arity: 'one',
    read: readCount(1, 64),
  }),
  dnsIo: option({
    flag: '--dns-io',
    placeholder: 'KIND',
    env: 'WAYPOST_DNS_IO',
    default: 'dgram',
    doc: DNS_IO_DOC,
    commands: ['controller'],
    arity: 'one',
    read: readChoice(DNS_IO),
  }),
  httpListen: option({
    flag: '--http-listen',
    placeholder: 'HOST:PORT',
    env: 'WAYPOST_HTTP_LISTEN',
    default: { controller: '127.0.0.1:8053' },
    doc: 'where health and metrics are told over HTTP, and, by the controller, the JSON API',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readListen,
  }),
  world: option({
    flag: '--world',
    placeholder: 'FILE',
    env: 'WAYPOST_WORLD',
    doc: 'world file, YAML or JSON, to answer from',
    commands: ['dns'],
    arity: 'optional',
    read: readText,
  }),
  zone: option({
    flag: '--zone',
    placeholder: 'ORIGIN=FILE',
    env: 'WAYPOST_ZONE',
    doc: 'zone to serve from a master file (RFC 1035), read again when it changes, and at once on SIGHUP; may be repeated',
    commands: ['dns'],
    arity: 'many',
    read: readZoneSource,
  }),
  rotateRecords: option({
    flag: '--rotate-records',
    env: 'WAYPOST_ROTATE_RECORDS',
    default: 'false',
    doc: 'answer the addresses of zone files and transferred zones in turn, not in their order; names of a federation always are',
    commands: ['dns'],
    arity: 'one',
    read: readSwitch,
  }),
  listen: option({
    flag: '--listen',
    placeholder: 'HOST:PORT',
    env: 'WAYPOST_LISTEN',
    default: '127.0.0.1:5300',
    doc: 'where to listen, UDP and TCP; may be repeated',
    commands: ['dns'],
    arity: 'many',
    read: readListen,
  }),
  workers: option({
    flag: '--workers',
    placeholder: 'N',
    env: 'WAYPOST_WORKERS',
    default: '1',
    doc: 'threads that answer queries',
    commands: ['dns'],
    arity: 'one',
    read: readCount(1, 64),
  }),
  io: option({
    flag: '--io',
    placeholder: 'KIND',
    env: 'WAYPOST_IO',
    default: 'dgram',
    doc: DNS_IO_DOC,
    commands: ['dns'],
    arity: 'one',
    read: readChoice(DNS_IO),
  }),
  serverId: option({
    flag: '--server-id',
    placeholder: 'TEXT',
    env: 'WAYPOST_SERVER_ID',
    doc: 'which of several servers this is, told as NSID and as id.server and hostname.bind in class CH; without it nothing is told',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readShortText(255),
  }),
  showVersion: option({
    flag: '--show-version',
    env: 'WAYPOST_SHOW_VERSION',
    default: 'false',
    doc: 'tell the version to whoever asks for version.server or version.bind in class CH',
    commands: ['controller', 'dns'],
    arity: 'one',
    read: readSwitch,
  }),
  cookieSecrets: option({
    flag: '--cookie-secrets',
    placeholder: 'FILE',
    env: 'WAYPOST_COOKIE_SECRETS',
    doc: 'secrets of DNS cookies, 32 hexadecimal digits a line: cookies are made with the first, those made with the others are known; servers of one address share the file; without it each start makes its own',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readText,
  }),
  rateLimit: option({
    flag: '--rate-limit',
    placeholder: 'N',
    env: 'WAYPOST_RATE_LIMIT',
    default: '200',
    doc: 'responses over UDP, in a second and thread, of one kind and name, to one network (/24, /56) that has shown no cookie; 0: no limit',
    commands: ['controller', 'dns'],
    arity: 'one',
    read: readCount(0, 1_000_000),
  }),
  rateLimitSlip: option({
    flag: '--rate-limit-slip',
    placeholder: 'N',
    env: 'WAYPOST_RATE_LIMIT_SLIP',
    default: '2',
    doc: 'of the responses above the limit each Nth is sent truncated, so that who is really there asks over TCP; 0: none',
    commands: ['controller', 'dns'],
    arity: 'one',
    read: readCount(0, 1_000),
  }),
  dnssecKeys: option({
    flag: '--dnssec-keys',
    placeholder: 'FOLDER',
    env: 'WAYPOST_DNSSEC_KEYS',
    doc: 'folder of key files as dnssec-keygen writes them: zones with an active key in it are signed',
    commands: ['sandbox', 'controller', 'dns'],
    arity: 'optional',
    read: readText,
  }),
  rateLimitExempt: option({
    flag: '--rate-limit-exempt',
    placeholder: 'PREFIX',
    env: 'WAYPOST_RATE_LIMIT_EXEMPT',
    default: 'private',
    doc: 'networks without limit, also of connections from one address, such as 192.0.2.0/24; private: loopback and all addresses that do not come from the Internet; may be repeated',
    commands: ['controller', 'dns'],
    arity: 'many',
    read: readNetworks,
  }),
  tlsListen: option({
    flag: '--tls-listen',
    placeholder: 'HOST:PORT',
    env: 'WAYPOST_TLS_LISTEN',
    doc: 'where to listen for DNS over TLS (usual port 853); needs --tls-cert and --tls-key; may be repeated',
    commands: ['controller', 'dns'],
    arity: 'many',
    read: readListen,
  }),
  httpsListen: option({
    flag: '--https-listen',
    placeholder: 'HOST:PORT',
    env: 'WAYPOST_HTTPS_LISTEN',
    doc: 'where to listen for DNS over HTTPS, path /dns-query; needs --tls-cert and --tls-key; may be repeated',
    commands: ['controller', 'dns'],
    arity: 'many',
    read: readListen,
  }),
  tlsCert: option({
    flag: '--tls-cert',
    placeholder: 'FILE',
    env: 'WAYPOST_TLS_CERT',
    doc: 'certificate of DNS over TLS and HTTPS, PEM, its chain behind it; read again when it changes',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readText,
  }),
  tlsKey: option({
    flag: '--tls-key',
    placeholder: 'FILE',
    env: 'WAYPOST_TLS_KEY',
    doc: 'private key of the certificate, PEM, without a passphrase; read again when it changes',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readText,
  }),
  drainSeconds: option({
    flag: '--drain-seconds',
    placeholder: 'N',
    env: 'WAYPOST_DRAIN_SECONDS',
    default: '0',
    doc: 'how long to go on answering after SIGTERM or SIGINT, not ready any more and asking clients to go, before sockets are closed; a second signal ends it at once',
    commands: ['controller', 'dns'],
    arity: 'one',
    read: readCount(0, 3_600),
  }),
  queryLog: option({
    flag: '--query-log',
    placeholder: 'FILE',
    env: 'WAYPOST_QUERY_LOG',
    doc: 'file to append a line of JSON to for each DNS query, opened anew on SIGHUP; -: standard output, stderr: standard error stream; without it none is written',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readText,
  }),
  queryLogSample: option({
    flag: '--query-log-sample',
    placeholder: 'N',
    env: 'WAYPOST_QUERY_LOG_SAMPLE',
    default: '1',
    doc: 'log one query in so many',
    commands: ['controller', 'dns'],
    arity: 'one',
    read: readCount(1, 1_000_000),
  }),
  dnstap: option({
    flag: '--dnstap',
    placeholder: 'TARGET',
    env: 'WAYPOST_DNSTAP',
    doc: 'who gets each DNS query and response as dnstap: unix:PATH or tcp:HOST:PORT of a receiver, or a file, which is begun anew at each start and on SIGHUP; without it nobody',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readDnstapTarget,
  }),
  dnstapIdentity: option({
    flag: '--dnstap-identity',
    placeholder: 'TEXT',
    env: 'WAYPOST_DNSTAP_IDENTITY',
    doc: 'which server this is, told with dnstap; without it --server-id, else the name of the host',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readShortText(255),
  }),
  dnstapVersion: option({
    flag: '--dnstap-version',
    placeholder: 'TEXT',
    env: 'WAYPOST_DNSTAP_VERSION',
    doc: 'version told with dnstap; without it that of Waypost',
    commands: ['controller', 'dns'],
    arity: 'optional',
    read: readShortText(255),
  }),
  tsigKeys: option({
    flag: '--tsig-keys',
    placeholder: 'FILE',
    env: 'WAYPOST_TSIG_KEYS',
    doc: 'keys shared with other DNS servers, as tsig-keygen writes them, read again when they change; may be repeated',
    commands: ['sandbox', 'controller', 'dns'],
    arity: 'many',
    read: readText,
  }),
  allowTransfer: option({
    flag: '--allow-transfer',
    placeholder: 'WHO',
    env: 'WAYPOST_ALLOW_TRANSFER',
    doc: 'who may have whole zones (AXFR, IXFR): PREFIX, key:NAME, or both as PREFIX+key:NAME; +signs behind it for a server that signs what it gets; nobody by default; may be repeated',
    commands: ['sandbox', 'controller', 'dns'],
    arity: 'many',
    read: readTransferPeer,
  }),
  notify: option({
    flag: '--notify',
    placeholder: 'HOST:PORT',
    env: 'WAYPOST_NOTIFY',
    doc: 'server that is told when a zone changes, an address and a port, signed with a key as HOST:PORT+key:NAME; may be repeated',
    commands: ['sandbox', 'controller', 'dns'],
    arity: 'many',
    read: readNotifyPeer,
  }),
  allowUpdate: option({
    flag: '--allow-update',
    placeholder: 'WHO',
    env: 'WAYPOST_ALLOW_UPDATE',
    doc: 'who may change the zones of Domains (RFC 2136 UPDATE): PREFIX, key:NAME, or both as PREFIX+key:NAME; nobody by default; may be repeated',
    commands: ['sandbox', 'controller'],
    arity: 'many',
    read: readUpdatePeer,
  }),
  secondary: option({
    flag: '--secondary',
    placeholder: 'ORIGIN=HOST:PORT',
    env: 'WAYPOST_SECONDARY',
    doc: 'zone to bring from its primary (AXFR, IXFR), an address and a port, signed with a key as ORIGIN=HOST:PORT+key:NAME; may be repeated, for one zone too',
    commands: ['dns'],
    arity: 'many',
    read: readSecondaryZone,
  }),
  output: option({
    flag: '--output',
    short: '-o',
    placeholder: 'FORMAT',
    default: 'table',
    doc: `how to print: ${OUTPUT_FORMATS.join(', ')}`,
    commands: ['version'],
    arity: 'one',
    read: readChoice(OUTPUT_FORMATS),
  }),
  logLevel: option({
    flag: '--log-level',
    placeholder: 'LEVEL',
    env: 'WAYPOST_LOG_LEVEL',
    default: { sandbox: 'warn', controller: 'info', dns: 'info' },
    doc: `least severe log lines to write to the standard error stream: ${LOG_LEVELS.join(', ')}`,
    commands: ['sandbox', 'controller', 'dns'],
    arity: 'one',
    read: readChoice(LOG_LEVELS),
  }),
}

export type OptionName = keyof typeof OPTIONS

type ValueOf<O> =
  O extends OptionSpec<infer T, Command, infer A>
    ? A extends 'many'
      ? readonly T[]
      : A extends 'optional'
        ? T | undefined
        : T
    : never

/** The options of one command, parsed: complete, so that nothing inside asks for a default again. */
export type OptionValues<C extends Command> = {
  readonly [N in OptionName as C extends (typeof OPTIONS)[N]['commands'][number] ? N : never]: ValueOf<
    (typeof OPTIONS)[N]
  >
}

/** The options of a command, in the order of the table. */
export function optionsOf(
  command: Command,
): readonly (readonly [OptionName, OptionSpec<unknown, Command, Arity>])[] {
  const all = Object.entries(OPTIONS) as [OptionName, OptionSpec<unknown, Command, Arity>][] // names are the table's own
  return all.filter(([, spec]) => spec.commands.includes(command))
}

/** The default of an option for a command, in the words of the command line. */
export function defaultOf(spec: OptionSpec<unknown, Command, Arity>, command: Command): string | undefined {
  return typeof spec.default === 'object' ? spec.default[command] : spec.default
}
