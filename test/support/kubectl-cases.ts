import { toCustomResourceDefinition } from '../../src/api/crd.ts'
import { KINDS } from '../../src/api/kinds.ts'
import type { KubeObject, ResourceId } from '../../src/api/object.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import type { ApiServer, ObjectAccess } from '../../src/sandbox/apiserver/types.ts'
import { ManualClock } from './manual-clock.ts'

/** One use of kubectl that this project promises. */
export interface KubectlCase {
  /** File name of its recording. */
  readonly name: string
  readonly args: readonly string[]
  readonly stdin?: string
  /** Commands run before it, on the same world. */
  readonly before?: readonly Pick<KubectlCase, 'args' | 'stdin'>[]
  /** It ends with an error, and prints that. */
  readonly fails?: true
  /** Shell command that edits the file it is given, for `kubectl edit`. */
  readonly editor?: string
  /** Changes made while kubectl watches; each waits for the line before it. kubectl is ended after the last line. */
  readonly during?: readonly ((objects: ObjectAccess) => void)[]
  /** What kubectl prints, in part; the same for all its versions. */
  readonly prints: readonly RegExp[]
}

const DEPLOYMENTS: ResourceId = { group: 'apps', version: 'v1', plural: 'deployments' }
const AGE_MS = 300_000

/** A server with a fixed clock and counted uids, and the same objects each time: two runs answer alike to the byte. */
export async function startKubectlWorld(): Promise<ApiServer> {
  const clock = new ManualClock()
  let made = 0
  const server = await startApiServer({
    name: 'golden',
    clock,
    crds: KINDS.map((kind) => toCustomResourceDefinition(kind.definition)),
    newUid: () => `00000000-0000-4000-8000-${String((made += 1)).padStart(12, '0')}`,
  })
  let service: KubeObject | undefined
  for (const [resource, object] of WORLD) {
    const created = server.objects.create(resource, about(service, object))
    if (object.kind === 'Service') service ??= created
  }
  clock.advance(AGE_MS)
  return server
}

/** An event as the cloud sends it: it names what it is about by uid too. */
function about(service: KubeObject | undefined, object: KubeObject): KubeObject {
  if (object.kind !== 'Event') return object
  const involvedObject = object['involvedObject'] as Readonly<Record<string, unknown>>
  return { ...object, involvedObject: { ...involvedObject, uid: service?.metadata.uid } }
}

function resource(group: string, version: string, plural: string): ResourceId {
  return { group, version, plural }
}

const deployment = (name: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'mynamespace', labels: { app: name } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
    },
  },
})

const WORLD: readonly (readonly [ResourceId, KubeObject])[] = [
  ...['mynamespace', 'kube-federation-system'].map(
    (name) =>
      [
        resource('', 'v1', 'namespaces'),
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      ] as const,
  ),
  [DEPLOYMENTS, deployment('nginx')],
  [
    resource('', 'v1', 'services'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'nginx', namespace: 'mynamespace', labels: { app: 'nginx' } },
      spec: { type: 'LoadBalancer', selector: { app: 'nginx' }, ports: [{ name: 'http', port: 80 }] },
    },
  ],
  [
    resource('', 'v1', 'services'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'applied',
        namespace: 'mynamespace',
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration':
            '{"apiVersion":"v1","kind":"Service","metadata":{"annotations":{},"name":"applied","namespace":"mynamespace"},"spec":{"ports":[{"name":"http","port":80}],"selector":{"app":"web"}}}\n',
        },
      },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
    },
  ],
  [
    resource('', 'v1', 'events'),
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'nginx.1', namespace: 'mynamespace' },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Service',
        name: 'nginx',
        namespace: 'mynamespace',
      },
      reason: 'EnsuredLoadBalancer',
      message: 'Ensured load balancer',
      type: 'Normal',
      count: 1,
      source: { component: 'cloud' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
    },
  ],
  [
    resource('multiclusterdns.kubefed.io', 'v1alpha1', 'domains'),
    {
      apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
      kind: 'Domain',
      metadata: { name: 'myfederation', namespace: 'kube-federation-system' },
      domain: 'example.com',
    },
  ],
  [
    resource('multiclusterdns.kubefed.io', 'v1alpha1', 'servicednsrecords'),
    {
      apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
      kind: 'ServiceDNSRecord',
      metadata: { name: 'nginx', namespace: 'mynamespace', labels: { app: 'nginx' } },
      spec: { domainRef: 'myfederation', recordTTL: 30 },
    },
  ],
  [
    resource('core.kubefed.io', 'v1beta1', 'kubefedclusters'),
    {
      apiVersion: 'core.kubefed.io/v1beta1',
      kind: 'KubeFedCluster',
      metadata: { name: 'europe-west1-b', namespace: 'kube-federation-system' },
      spec: { apiEndpoint: 'https://127.0.0.1:6443', secretRef: { name: 'europe-west1-b-token' } },
    },
  ],
  [
    resource('externaldns.k8s.io', 'v1alpha1', 'dnsendpoints'),
    {
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: { name: 'service-nginx', namespace: 'mynamespace' },
      spec: {
        endpoints: [{ dnsName: 'a.example.com', recordType: 'A', targets: ['192.0.2.1'], recordTTL: 30 }],
      },
    },
  ],
]

const record = (name: string, ttlSeconds: number): string => `apiVersion: multiclusterdns.kubefed.io/v1alpha1
kind: ServiceDNSRecord
metadata:
  name: ${name}
  namespace: mynamespace
spec:
  domainRef: myfederation
  recordTTL: ${ttlSeconds}
`

const service = (name: string, port: number): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: mynamespace
spec:
  selector:
    app: web
  ports:
    - name: http
      port: ${port}
`

function scaledTo(replicas: number): (objects: ObjectAccess) => void {
  return (objects) => {
    const found = objects.get(DEPLOYMENTS, 'mynamespace', 'nginx')! // it is in the world
    objects.update(DEPLOYMENTS, { ...found, spec: { ...(found['spec'] as object), replicas } })
  }
}

const serverSide = (...more: readonly string[]): readonly string[] => [
  'apply',
  '--server-side',
  ...more,
  '-f',
  '-',
]

const SERVER_SIDE_CASES: readonly KubectlCase[] = [
  {
    name: 'server-side-apply-new',
    args: serverSide(),
    stdin: `${record('web', 30)}---\n${service('web', 80)}`,
    prints: [
      /servicednsrecord\.multiclusterdns\.kubefed\.io\/web serverside-applied/,
      /service\/web serverside-applied/,
    ],
  },
  {
    name: 'server-side-apply-again',
    before: [{ args: serverSide(), stdin: `${record('web', 30)}---\n${service('web', 80)}` }],
    args: serverSide(),
    stdin: `${record('web', 30)}---\n${service('web', 80)}`,
    prints: [/servicednsrecord\.\S+\/web serverside-applied/, /service\/web serverside-applied/],
  },
  {
    name: 'server-side-apply-conflict',
    args: serverSide(),
    stdin: record('nginx', 60),
    fails: true,
    prints: [/Apply failed with 1 conflict: conflict with "waypost-sandbox".*: \.spec\.recordTTL/],
  },
  {
    name: 'server-side-apply-force',
    args: serverSide('--force-conflicts'),
    stdin: record('nginx', 60),
    prints: [/servicednsrecord\.\S+\/nginx serverside-applied/],
  },
  {
    name: 'server-side-apply-manager',
    before: [{ args: serverSide('--field-manager=one'), stdin: record('web', 30) }],
    args: serverSide('--field-manager=two'),
    stdin: record('web', 30),
    prints: [/servicednsrecord\.\S+\/web serverside-applied/],
  },
  {
    name: 'server-side-apply-dry-run',
    args: serverSide('--dry-run=server'),
    stdin: service('web', 80),
    prints: [/service\/web serverside-applied \(server dry run\)/],
  },
  {
    name: 'server-side-apply-migrate',
    before: [{ args: ['apply', '-f', '-'], stdin: `${record('web', 30)}---\n${service('web', 80)}` }],
    args: serverSide(),
    stdin: `${record('web', 60)}---\n${service('web', 80)}`,
    prints: [/servicednsrecord\.\S+\/web serverside-applied/, /service\/web serverside-applied/],
  },
  {
    name: 'get-managed-fields',
    args: ['get', 'servicednsrecord', 'nginx', '-n', 'mynamespace', '-o', 'yaml', '--show-managed-fields'],
    prints: [/^ {2}managedFields:$/m, /manager: waypost-sandbox/, /f:recordTTL: \{\}/],
  },
]

/** Every command that the documentation promises, on the world above; each runs on a world of its own. */
export const KUBECTL_CASES: readonly KubectlCase[] = [
  {
    name: 'get-four-kinds',
    args: ['get', 'servicednsrecords,domains,kubefedclusters,dnsendpoints', '-A'],
    prints: [
      /servicednsrecord\.multiclusterdns\.kubefed\.io\/nginx/,
      /domain\.multiclusterdns\.kubefed\.io\/myfederation +example\.com/,
      /kubefedcluster\.core\.kubefed\.io\/europe-west1-b/,
      /dnsendpoint\.externaldns\.k8s\.io\/service-nginx/,
    ],
  },
  {
    name: 'get-wide',
    args: ['get', 'services', '-n', 'mynamespace', '-o', 'wide'],
    prints: [
      /NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE +SELECTOR/,
      /nginx +LoadBalancer +10\.96\.0\.\d+ +<pending> +80:3\d{4}\/TCP +5m +app=nginx/,
    ],
  },
  {
    name: 'get-yaml',
    args: ['get', 'servicednsrecord', 'nginx', '-n', 'mynamespace', '-o', 'yaml'],
    prints: [/^kind: ServiceDNSRecord$/m, /^ {2}domainRef: myfederation$/m],
  },
  {
    name: 'get-json',
    args: ['get', 'deployment', 'nginx', '-n', 'mynamespace', '-o', 'json'],
    prints: [/"kind": "Deployment"/, /"replicas": 2/],
  },
  {
    name: 'get-name',
    args: ['get', 'namespaces', '-o', 'name'],
    prints: [/^namespace\/mynamespace$/m, /^namespace\/kube-system$/m],
  },
  {
    name: 'get-selected',
    args: ['get', 'services', '-A', '-l', 'app=nginx', '--field-selector', 'metadata.namespace=mynamespace'],
    prints: [/mynamespace +nginx +LoadBalancer/],
  },
  {
    name: 'get-all',
    args: ['get', 'all', '-n', 'mynamespace'],
    prints: [/service\/nginx/, /deployment\.apps\/nginx +0\/2/],
  },
  {
    name: 'get-watch',
    args: ['get', 'deployments', '-n', 'mynamespace', '-w'],
    during: [scaledTo(3), scaledTo(5)],
    prints: [/NAME +READY/, /nginx +0\/2/, /nginx +0\/3/, /nginx +0\/5/],
  },
  {
    name: 'apply-new',
    args: ['apply', '-f', '-'],
    stdin: `${record('web', 30)}---\n${service('web', 80)}`,
    prints: [/servicednsrecord\.multiclusterdns\.kubefed\.io\/web created/, /service\/web created/],
  },
  {
    name: 'apply-again',
    args: ['apply', '-f', '-'],
    stdin: `${record('nginx', 60)}---\n${service('applied', 81)}`,
    prints: [
      /servicednsrecord\.multiclusterdns\.kubefed\.io\/nginx configured/,
      /service\/applied configured/,
    ],
  },
  ...SERVER_SIDE_CASES,
  {
    name: 'create-deployment',
    args: ['create', 'deployment', 'web', '--image=nginx:1.27', '--replicas=2', '-n', 'mynamespace'],
    prints: [/deployment\.apps\/web created/],
  },
  { name: 'create-namespace', args: ['create', 'namespace', 'fresh'], prints: [/namespace\/fresh created/] },
  {
    name: 'create-service',
    args: ['create', 'service', 'loadbalancer', 'web', '--tcp=80:8080', '-n', 'mynamespace'],
    prints: [/service\/web created/],
  },
  {
    name: 'create-file',
    args: ['create', '-f', '-'],
    stdin: record('web', 45),
    prints: [/servicednsrecord\.multiclusterdns\.kubefed\.io\/web created/],
  },
  {
    name: 'patch-merge',
    args: [
      'patch',
      'servicednsrecord',
      'nginx',
      '-n',
      'mynamespace',
      '--type=merge',
      '-p',
      '{"spec":{"recordTTL":60}}',
    ],
    prints: [/servicednsrecord\.multiclusterdns\.kubefed\.io\/nginx patched/],
  },
  {
    name: 'patch-json',
    args: [
      ...['patch', 'deployment', 'nginx', '-n', 'mynamespace', '--type=json', '-p'],
      '[{"op":"replace","path":"/spec/replicas","value":1}]',
    ],
    prints: [/deployment\.apps\/nginx patched/],
  },
  {
    name: 'patch-strategic',
    args: [
      ...['patch', 'deployment', 'nginx', '-n', 'mynamespace', '-p'],
      '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"car:1"}]}}}}',
    ],
    prints: [/deployment\.apps\/nginx patched/],
  },
  {
    name: 'edit',
    args: ['edit', 'servicednsrecord', 'nginx', '-n', 'mynamespace'],
    editor: "sed -i 's/recordTTL: 30/recordTTL: 90/'",
    prints: [/servicednsrecord\.multiclusterdns\.kubefed\.io\/nginx edited/],
  },
  {
    name: 'edit-built-in',
    args: ['edit', 'service', 'nginx', '-n', 'mynamespace'],
    editor: "sed -i 's/name: http/name: web/'",
    prints: [/service\/nginx edited/],
  },
  {
    name: 'scale',
    args: ['scale', 'deployment', 'nginx', '--replicas=0', '-n', 'mynamespace'],
    prints: [/deployment\.apps\/nginx scaled/],
  },
  {
    name: 'label',
    args: ['label', 'servicednsrecord', 'nginx', 'tier=front', '-n', 'mynamespace'],
    prints: [/servicednsrecord\.multiclusterdns\.kubefed\.io\/nginx labeled/],
  },
  {
    name: 'delete',
    args: ['delete', 'servicednsrecord', 'nginx', '-n', 'mynamespace'],
    prints: [/servicednsrecord\.multiclusterdns\.kubefed\.io "nginx" deleted/],
  },
  {
    name: 'delete-namespace',
    args: ['delete', 'namespace', 'mynamespace'],
    prints: [/namespace "mynamespace" deleted/],
  },
  {
    name: 'delete-orphan',
    args: ['delete', 'deployment', 'nginx', '-n', 'mynamespace', '--cascade=orphan'],
    prints: [/deployment\.apps "nginx" deleted/],
  },
  {
    name: 'delete-foreground',
    args: ['delete', 'deployment', 'nginx', '-n', 'mynamespace', '--cascade=foreground'],
    prints: [/deployment\.apps "nginx" deleted/],
  },
  {
    name: 'explain',
    args: ['explain', 'servicednsrecord.status.dns'],
    prints: [/^KIND: +ServiceDNSRecord$/m, /^FIELD: dns <\[\]Object>$/m, /One entry for each member cluster/],
  },
  {
    name: 'explain-recursive',
    args: ['explain', 'domain', '--recursive'],
    prints: [
      /^ {2}domain\t<string> -required-$/m,
      /^ {2}metadata\t<ObjectMeta>$/m,
      /^ {4}serial\t<integer>$/m,
    ],
  },
  {
    name: 'explain-version',
    args: ['explain', 'dnsendpoint.spec.endpoints', '--api-version=externaldns.k8s.io/v1alpha1'],
    prints: [/^ {2}recordTTL\t<integer>$/m, /TTL in seconds/],
  },
  {
    name: 'explain-built-in',
    args: ['explain', 'service.spec.ports'],
    prints: [/^FIELD: ports <\[\]ServicePort>$/m, /^ {2}port\t<integer> -required-$/m],
  },
  {
    name: 'explain-v2',
    args: ['explain', 'kubefedcluster.spec', '--output=plaintext-openapiv2'],
    prints: [/^RESOURCE: spec <Object>$/m, /^ {3}apiEndpoint\t<string> -required-$/m],
  },
  {
    name: 'describe',
    args: ['describe', 'service', 'nginx', '-n', 'mynamespace'],
    prints: [/Type: +LoadBalancer/, /EnsuredLoadBalancer .*Ensured load balancer/],
  },
  {
    name: 'api-resources',
    args: ['api-resources'],
    prints: [
      /servicednsrecords +\S+ +multiclusterdns\.kubefed\.io\/v1alpha1 +true +ServiceDNSRecord/,
      /services +svc +v1 +true +Service/,
    ],
  },
  {
    name: 'api-versions',
    args: ['api-versions'],
    prints: [/^apps\/v1$/m, /^multiclusterdns\.kubefed\.io\/v1alpha1$/m],
  },
]
