import type { ObjectMeta } from '../../src/api/object.ts'
import { zoneRecordsKind, type ZoneRecordsSpec } from '../../src/api/zone-records.ts'
import type { ReadObject, RecordObjects } from '../../src/app/updates/record-objects.ts'
import { KubeError, type KubeErrorCode } from '../../src/kube/kube-error.ts'

/** ZoneRecords objects as an API server keeps them: versions, conflicts, and failures when they are asked for. */
export class FakeRecordObjects implements RecordObjects {
  readonly objects = new Map<string, ReadObject>()
  /** Names of what was written, in order. */
  readonly writes: string[] = []
  /** What the next calls fail with, one each; undefined: they do not. */
  readonly failures: (KubeErrorCode | 'lost' | undefined)[] = []
  /** Called before a write is looked at: somebody else may be faster. */
  before: ((name: string) => void | Promise<void>) | undefined
  /** Called with each object that has changed, as a watch would tell it. */
  told: ((object: ReadObject) => void) | undefined
  #version = 100

  async write(
    { name, before, spec }: Parameters<RecordObjects['write']>[0],
    owner: Parameters<RecordObjects['write']>[1],
  ): Promise<ReadObject> {
    await this.before?.(name)
    const lost = this.#fail()
    const held = this.objects.get(name)
    if (before === undefined && held !== undefined) throw kubeError('KUBE_ALREADY_EXISTS')
    if (before !== undefined && held === undefined) throw kubeError('KUBE_NOT_FOUND')
    if (before !== undefined && held?.metadata.resourceVersion !== before.resourceVersion)
      throw kubeError('KUBE_CONFLICT')
    const object = this.put(name, spec, owner)
    this.writes.push(name)
    if (lost) throw kubeError('KUBE_TIMEOUT')
    return object
  }

  /** Whoever writes. @returns the object as it is stored */
  put(
    name: string,
    spec: ZoneRecordsSpec,
    owner?: { readonly name: string; readonly uid: string },
  ): ReadObject {
    this.#version += 1
    const held = this.objects.get(name)
    const metadata: ObjectMeta = {
      name,
      namespace: 'kube-federation-system',
      uid: held?.metadata.uid ?? `uid-${this.#version}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: String(this.#version),
      generation: (held?.metadata.generation ?? 0) + 1,
      ...(owner === undefined ? {} : { ownerReferences: [{ apiVersion: '', kind: '', ...owner }] }),
    }
    const parsed = zoneRecordsKind.parse({ metadata, spec: structuredClone(spec) })
    if (parsed.kind === 'rejected') throw new Error(parsed.problems.join())
    const object = { metadata, asked: parsed.value }
    this.objects.set(name, object)
    queueMicrotask(() => this.told?.(object))
    return object
  }

  /** @returns whether the write is made and its answer lost */
  #fail(): boolean {
    const code = this.failures.shift()
    if (code === undefined || code === 'lost') return code === 'lost'
    throw kubeError(code)
  }
}

function kubeError(code: KubeErrorCode): KubeError {
  return new KubeError(code, { cluster: 'host', method: 'PATCH', path: '/zonerecords' })
}
