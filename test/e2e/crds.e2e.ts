import { describe } from 'vitest'
import { crdContract } from '../contract/crds.contract.ts'
import { useLoneHost } from './support/use-fleet.ts'

describe('crds/ in a real cluster', () => {
  const host = useLoneHost()

  crdContract({ name: 'kube-apiserver', target: () => Promise.resolve(host.cluster) })
})
