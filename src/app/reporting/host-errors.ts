import { KubeError } from '../../kube/kube-error.ts'

/** A status whose object is gone needs no writing. */
export async function ignoringGone(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!(error instanceof KubeError && error.code === 'KUBE_NOT_FOUND' && error.reason === 'NotFound'))
      throw error
  }
}

/** Our picture was older than the object: the next try has the newer one, nobody needs to hear of it. */
export function isRace(error: unknown): boolean {
  return (
    error instanceof KubeError && (error.code === 'KUBE_CONFLICT' || error.code === 'KUBE_ALREADY_EXISTS')
  )
}
