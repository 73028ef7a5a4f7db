import { z } from 'zod'
import { defineKind } from './kind.ts'
import type { Asked, Frozen, Parsed } from './kind.ts'
import { problem } from './problems.ts'
import { objectName, timestamp } from './schema-fields.ts'

const fields = z.object({
  spec: z
    .object({
      apiEndpoint: z
        .string()
        .min(1, 'is empty: give the address of the API server')
        .max(2048)
        .regex(
          /^(?:https?:\/\/)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?)(?::[0-9]{1,5})?(?:\/[^?#]*)?$/,
          'is not the address of an API server: use host, host:port, [IPv6]:port, or an http or https URL',
        )
        .meta({
          description: 'Address of the API server: host, host:port, [IPv6]:port, or an http or https URL.',
        }),
      caBundle: z
        .string()
        .meta({
          description: 'Certificates that sign the one of the API server: PEM, in base64.',
          format: 'byte',
        })
        .optional(),
      secretRef: z
        .object({ name: objectName('Name of the Secret.') })
        .meta({ description: 'The Secret in the same namespace whose key `token` holds a bearer token.' }),
      disabledTLSValidations: z
        .array(z.enum(['*', 'SubjectName', 'ValidityPeriod']))
        .meta({ description: 'What not to check of the server certificate; * stands alone.' })
        .optional(),
      proxyURL: z
        .string()
        .regex(
          /^(?:(?:https?|socks5):\/\/[^\s/?#]+\S*)?$/,
          'is not the URL of a proxy: use http, https or socks5',
        )
        .meta({ description: 'Proxy on the way to the API server: an http, https or socks5 URL.' })
        .optional(),
    })
    .meta({ description: 'How to reach the cluster.' }),
})

const status = z
  .object({
    conditions: z
      .array(
        z.object({
          type: z
            .string()
            .min(1)
            .meta({ description: 'Ready, Offline, ConfigMalformed, or one of our own.' }),
          status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether it holds.' }),
          lastProbeTime: timestamp('When it was last looked at.'),
          lastTransitionTime: timestamp('When `status` last changed.').optional(),
          reason: z.string().meta({ description: 'Why, in one CamelCase word.' }).optional(),
          message: z.string().meta({ description: 'Why, and what to do, in a sentence.' }).optional(),
        }),
      )
      .meta({
        description: 'What holds of the cluster, one entry for each type.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      })
      .optional(),
    region: z.string().meta({ description: 'Region of the cluster.' }).optional(),
    zones: z.array(z.string()).meta({ description: 'Zones of the cluster, sorted.' }).optional(),
    kubernetesVersion: z.string().meta({ description: 'Version of its API server.' }).optional(),
  })
  .meta({ description: 'What was seen of the cluster.' })

/** A member cluster: where its API server is and how to be let in. Its labels are what placement selects by. */
export type KubeFedCluster = Asked<z.output<typeof fields>>
export type KubeFedClusterStatus = Frozen<z.output<typeof status>>
/** A condition in KubeFed's shape, with the time of the last probe. */
export type ClusterCondition = NonNullable<KubeFedClusterStatus['conditions']>[number]

export const kubeFedClusterKind = defineKind({
  group: 'core.kubefed.io',
  version: 'v1beta1',
  kind: 'KubeFedCluster',
  plural: 'kubefedclusters',
  shortNames: ['kfc'],
  categories: ['waypost'],
  description:
    'A member cluster: where its API server is and how to be let in. Lives in the control-plane namespace.',
  fields,
  status,
  validate: validateKubeFedCluster,
  printerColumns: [
    { name: 'age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'kubernetes-version', type: 'string', jsonPath: '.status.kubernetesVersion' },
    { name: 'region', type: 'string', jsonPath: '.status.region' },
    { name: 'zones', type: 'string', jsonPath: '.status.zones' },
  ],
})

/** Read a KubeFedCluster. */
export function parseKubeFedCluster(raw: unknown): Parsed<KubeFedCluster> {
  return kubeFedClusterKind.parse(raw)
}

/** Read what was seen of a cluster before: its region and zones stay when it cannot be asked. */
export function readKubeFedClusterStatus(raw: unknown): KubeFedClusterStatus | undefined {
  return kubeFedClusterKind.readStatus(raw)
}

/** What the schema cannot say: port range, a path only after a scheme, `*` alone. */
export function validateKubeFedCluster(cluster: KubeFedCluster): readonly string[] {
  const { apiEndpoint, disabledTLSValidations = [], caBundle, proxyURL } = cluster.spec
  const problems = [...endpointProblems(apiEndpoint)]
  if (disabledTLSValidations.includes('*') && disabledTLSValidations.length > 1) {
    problems.push(
      problem('spec.disabledTLSValidations', undefined, 'lists more beside *: leave * alone, or take it out'),
    )
  }
  if (caBundle !== undefined && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(caBundle)) {
    problems.push(problem('spec.caBundle', undefined, 'is not base64: encode the PEM file (base64 -w0)'))
  }
  if (proxyURL && !URL.canParse(proxyURL)) {
    problems.push(
      problem('spec.proxyURL', undefined, 'is not a URL: use http, https or socks5, a host and a port'),
    )
  }
  return problems
}

/** The base URL of the API server, without a trailing slash; https where no scheme is given (KubeFed's client does so). */
export function apiServerUrl(apiEndpoint: string): string {
  const url = hasScheme(apiEndpoint) ? apiEndpoint : `https://${apiEndpoint}`
  return url.replace(/\/+$/, '')
}

function hasScheme(apiEndpoint: string): boolean {
  return /^https?:\/\//.test(apiEndpoint)
}

function endpointProblems(apiEndpoint: string): readonly string[] {
  const at = (what: string): string => problem('spec.apiEndpoint', apiEndpoint, what)
  const [, path = ''] = /^(?:https?:\/\/)?[^/]*(\/.*)?$/.exec(apiEndpoint) ?? []
  if (!hasScheme(apiEndpoint) && path.length > 1)
    return [at('has a path and no scheme: put https:// in front')]
  const port = /:([0-9]+)$/.exec(apiServerUrl(apiEndpoint.slice(0, apiEndpoint.length - path.length)))?.[1]
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    return [at('has a port outside of 1 to 65535')]
  return URL.canParse(apiServerUrl(apiEndpoint))
    ? []
    : [at('is not the address of an API server: check the host')]
}
