import { dnsEndpointKind } from '../../api/dns-endpoint.ts'
import type { OutputFacts } from '../../api/facts.ts'
import { splitKey, type ObjectKey, type OwnerKey } from '../../api/keys.ts'
import type { WriteReport } from '../../controllers/status-input.ts'
import { AppError, describeError } from '../../errors.ts'
import type { ObjectClient } from '../../kube/objects.ts'
import { writeEndpoint, type EndpointObjects } from '../../writers/dnsendpoint/dnsendpoint-writer.ts'
import { isRace } from './host-errors.ts'
import type { RecordPlans } from './record-plans.ts'

const { definition } = dnsEndpointKind

/** DNSEndpoint objects in the host cluster, for their writer. */
export function endpointObjects(
  objects: Pick<ObjectClient, 'create' | 'patch' | 'delete'>,
  get: (key: ObjectKey) => OutputFacts | undefined,
): EndpointObjects {
  return {
    get,
    async create(object, signal) {
      await objects.create(definition, object, signal)
    },
    async merge(object, resourceVersion, signal) {
      const { namespace = '', name } = object.metadata
      await objects.patch(
        definition,
        { namespace, name },
        { kind: 'merge', body: object, resourceVersion },
        signal,
      )
    },
    async delete(key, resourceVersion, signal) {
      await objects.delete(definition, splitKey(key), { resourceVersion }, signal)
    },
  }
}

/** Keeps the DNSEndpoint of one owner as planned, and what came of that for its status. */
export function createEndpointStatus(options: {
  readonly objects: EndpointObjects
  readonly endpoint: RecordPlans['endpoint']
  /** What is there has been listed. The kind is ExternalDNS's and may be missing: then nothing is tried. */
  readonly isListed: () => boolean
  /** What came of writing, by owner; kept here, read by status plans. */
  readonly written: Map<OwnerKey, WriteReport>
  /** Something else came of it than the last time. */
  readonly changed: (owner: OwnerKey) => void
}): (owner: OwnerKey, signal: AbortSignal) => Promise<void> {
  const { objects, written } = options
  const note = (owner: OwnerKey, report: WriteReport | undefined): void => {
    const before = written.get(owner)
    if (report === undefined) written.delete(owner)
    else written.set(owner, report)
    if (JSON.stringify(before) !== JSON.stringify(report)) options.changed(owner)
  }
  return async (owner, signal) => {
    const plan = options.isListed() ? options.endpoint(owner) : 'later'
    if (plan === 'later') return
    try {
      await writeEndpoint(owner, plan, { objects, signal })
      note(owner, plan === undefined ? undefined : { ok: true })
    } catch (error) {
      if (!signal.aborted && !isRace(error)) note(owner, failedWrite(error))
      throw error
    }
  }
}

function failedWrite(error: unknown): WriteReport {
  const reason = error instanceof AppError ? REASONS[error.code] : undefined
  return { ok: false, reason: reason ?? 'WriteFailed', message: describeError(error) }
}

/** Words of conditions for the codes that a user can do something about. */
const REASONS: Readonly<Record<string, string>> = {
  DNSENDPOINT_FOREIGN: 'ForeignObject',
  KUBE_FORBIDDEN: 'Forbidden',
  KUBE_NOT_FOUND: 'KindMissing',
  KUBE_INVALID: 'Refused',
}
