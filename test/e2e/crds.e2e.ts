import { describe } from 'vitest'
import { crdContract } from '../contract/crds.contract.ts'
import { useLoneHost } from './support/use-fleet.ts'
import { kubernetesVersion } from './support/version.ts'

describe('crds/ in a real cluster', () => {
  const host = useLoneHost()

  crdContract({ name: kubernetesVersion(), target: () => Promise.resolve(host.cluster) })
})
