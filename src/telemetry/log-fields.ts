/**
 * The fields of log lines and what they hold. One meaning has one name everywhere, so that a search for a cluster or a record finds every line.
 * A test holds the source to this table.
 */
export const LOG_FIELDS = {
  component: 'part of the program, a folder of src: kube, nameserver, writers …',
  cluster: 'name of the KubeFedCluster, or `host`',
  clusters: 'names of several, with commas between',
  kind: 'kind of the object',
  namespace: 'namespace of the object',
  name: 'name of the object',
  key: 'key in a work queue: `<namespace>/<name>`',
  queue: 'work queue or loop that the key is in',
  generation: 'metadata.generation that was acted upon',
  reconcileId: 'one run of a reconciler',
  zone: 'DNS zone',
  serial: 'serial of the zone',
  keys: 'DNSSEC keys, as algorithm/tag, with commas between',
  file: 'path of a file',
  line: 'line in it',
  expires: 'when a certificate ends',
  recordName: 'DNS name',
  recordType: 'DNS record type',
  host: 'host name of a load balancer, or address that is listened on',
  port: 'port that is listened on',
  url: 'where a request went, without credentials and query',
  writer: 'id of the record writer',
  count: 'how many',
  failures: 'how many failures in a row',
  durationMs: 'how long it took, in milliseconds',
  delayMs: 'how long until it is tried again, in milliseconds',
  code: 'code of the error, in docs/errors.md',
  state: 'state of a watch, member or shard',
  right: 'what an API server refuses, in the words of roles: `watch services`',
  problem: 'what is wrong with an object, in one line',
  reason: 'one word in CamelCase, as conditions have it',
  err: 'the error, in one line',
  stack: 'where a programming mistake was made; never of an AppError',
} as const satisfies Readonly<Record<string, string>>

export type LogField = keyof typeof LOG_FIELDS
