import type { ObjectKey } from '../../api/keys.ts'
import { describeError } from '../../errors.ts'
import type { KubeReport } from '../../kube/watched.ts'
import type { WorkReport } from '../../runtime/worker.ts'
import type { Logger } from '../../telemetry/logger.ts'

/**
 * What reconcilers do, as log lines: failures only.
 * @param done - called after every run, whatever came of it
 */
export function workReport(logger: Logger, done: () => void): WorkReport<ObjectKey> {
  return {
    succeeded: done,
    failed(key, { error, delayMs }) {
      logger.error({ component: 'worker', key, err: describeError(error), delayMs }, 'reconcile failed')
      done()
    },
  }
}

/**
 * What watches do, as log lines.
 * @param denied - called when a cluster refuses a right that it did not refuse before
 */
export function kubeReport(logger: Logger, denied: (cluster: string) => void): KubeReport {
  return {
    state: (at, state, reason) => logger.debug({ ...at, state, reason }, 'watch state changed'),
    failed(at, { error, failures, delayMs }) {
      const fields = { ...at, failures, delayMs, err: describeError(error) }
      // The first failure is news; the rest of an outage is in the conditions of its KubeFedCluster.
      if (failures === 1) logger.warn(fields, 'watch failed')
      else logger.debug(fields, 'watch failed again')
    },
    malformed: (at, problem, key) =>
      logger.warn({ ...at, key, problem }, 'object cannot be read and is left as it was'),
    listenerFailed: (at, error) =>
      logger.error({ ...at, err: describeError(error) }, 'change could not be handled'),
    denied(at, right, error) {
      logger.warn(
        { ...at, right, err: describeError(error) },
        'right is missing: grant it as deploy/manifests does',
      )
      denied(at.cluster)
    },
  }
}
