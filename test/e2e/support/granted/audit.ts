import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeRight } from '../../../support/deploy-manifests.ts'
import { NAMESPACE } from './accounts.ts'

/** One request as the API server's audit log has it (audit.k8s.io/v1 Event, stage ResponseComplete or ResponseStarted). */
export interface Audited {
  readonly user: string
  readonly verb: string
  /** `patch domains/status of multiclusterdns.kubefed.io`, `get /healthz`: as rights are described, without object names. */
  readonly right: string
  readonly code: number
}

/** Audit policy that notes every request of our ServiceAccounts and nothing else. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: [`system:serviceaccounts:${NAMESPACE}`] }, { level: 'None' }],
}

/** Flags that make an API server write an audit log into its folder. */
export function auditFlags(folder: string): readonly string[] {
  const policy = join(folder, 'audit-policy.json')
  writeFileSync(policy, JSON.stringify(AUDIT_POLICY)) // JSON is YAML
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${join(folder, AUDIT_LOG)}`]
}

const AUDIT_LOG = 'audit.log'

/** All that our ServiceAccounts asked an API server for so far, by its folder. */
export function readAudit(folder: string): readonly Audited[] {
  const lines = readFileSync(join(folder, AUDIT_LOG), 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => auditedOf(JSON.parse(line) as AuditLine)) // the last one may be cut
}

interface AuditLine {
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly objectRef?: {
    readonly resource?: string
    readonly apiGroup?: string
    readonly subresource?: string
  }
  readonly responseStatus?: { readonly code?: number }
}

function auditedOf({ verb, requestURI, user, objectRef, responseStatus }: AuditLine): Audited {
  const { resource, apiGroup, subresource } = objectRef ?? {}
  const plural = resource ?? requestURI.split('?')[0] ?? ''
  const right = {
    ...{ verb, group: apiGroup, objectName: undefined },
    resource: subresource === undefined ? plural : `${plural}/${subresource}`,
  }
  return { user: user.username, verb, right: describeRight(right), code: responseStatus?.code ?? 0 }
}
