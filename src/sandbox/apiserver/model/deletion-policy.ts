/** What becomes of the dependents of an object that is deleted. */
export type DeletionPolicy = 'Orphan' | 'Foreground' | 'Background'

export const DELETION_POLICIES: readonly DeletionPolicy[] = ['Orphan', 'Foreground', 'Background']

/** Holds an object under deletion until the references of its dependents are taken away. */
export const ORPHAN_FINALIZER = 'orphan'
/** Holds an object under deletion until the dependents that block it are gone. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion'

/**
 * The finalizers of an object once a DELETE has been asked for: those it has, less the two that stand for a policy, and the one of
 * the policy that holds. Without a policy in the request that is the one that its finalizers say, else the default of its kind.
 * @param byDefault - `none`: the kind knows no policies (Events)
 */
export function finalizersForDeletion(
  present: readonly string[],
  asked: DeletionPolicy | undefined,
  byDefault: DeletionPolicy | 'none' = 'Background',
): readonly string[] {
  const others = present.filter((name) => name !== ORPHAN_FINALIZER && name !== FOREGROUND_FINALIZER)
  if (byDefault === 'none') return others
  const policy = asked ?? policyOfFinalizers(present) ?? byDefault
  if (policy === 'Background') return others
  return [...others, policy === 'Orphan' ? ORPHAN_FINALIZER : FOREGROUND_FINALIZER]
}

/** The policy that an object's finalizers stand for. */
export function policyOfFinalizers(finalizers: readonly string[]): DeletionPolicy | undefined {
  if (finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan'
  return finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : undefined
}
