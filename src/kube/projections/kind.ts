import type { ObjectMeta } from '../../api/object.ts'
import type { Projection } from '../types.ts'
import { readObject } from './raw-object.ts'

/**
 * An object of one of our kinds: read, or with what is wrong about it (which belongs into a condition on it, beside those
 * that its status holds).
 */
export type KindFacts<T, S = unknown> =
  | { readonly kind: 'ok'; readonly metadata: ObjectMeta; readonly value: T }
  | {
      readonly kind: 'rejected'
      readonly metadata: ObjectMeta
      readonly problems: readonly string[]
      readonly status?: S | undefined
    }

/** What reading an object gives; the shape of `Parsed` of api/kind, with the status of what is rejected. */
export type ParseKind<T, S = unknown> = (
  raw: unknown,
) =>
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly status?: S | undefined }

/**
 * Objects of our own kinds, kept whole as their parser reads them, without `managedFields`.
 * Facts are equal when uid and resourceVersion are: a status that we write raises its key once more, to no effect.
 */
export function kindProjection<T, S = unknown>(
  kind: string,
  parse: ParseKind<T, S>,
): Projection<KindFacts<T, S>> {
  return {
    kind,
    project(raw) {
      const read = readObject(raw)
      if ('error' in read) return read
      const { managedFields: _, ...rest } = read.metadata
      const metadata = rest as ObjectMeta // its name was checked; the server's schema holds for the other fields
      const parsed = parse({ ...read.object, metadata })
      return {
        key: read.key,
        facts: parsed.kind === 'ok' ? { kind: 'ok', metadata, value: parsed.value } : { ...parsed, metadata },
      }
    },
    same: (left, right) =>
      left.metadata.uid === right.metadata.uid &&
      left.metadata.resourceVersion === right.metadata.resourceVersion,
    uid: (facts) => facts.metadata.uid,
  }
}
