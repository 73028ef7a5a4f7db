import { describe, expect, it } from 'vitest'
import {
  ingressDNSSettings,
  ingressInForce,
  readIngressDNSStatus,
  toldIngressSettings,
  type IngressDNSRecord,
} from '../../../src/api/ingress-dns-record.ts'
import {
  readServiceDNSStatus,
  serviceDNSSettings,
  serviceInForce,
  toldServiceSettings,
  type ServiceDNSRecordSpec,
} from '../../../src/api/service-dns-record.ts'

const metadata = { namespace: 'shop', name: 'web' }

describe('what a record is published with comes back out of its status', () => {
  const specs: readonly { readonly name: string; readonly in: ServiceDNSRecordSpec }[] = [
    { name: 'all defaults', in: { domainRef: 'fed' } },
    {
      name: 'empty strings and 0, which are not set',
      in: { domainRef: 'fed', recordTTL: 0, dnsPrefix: '', externalName: '' },
    },
    {
      name: 'every field',
      in: {
        ...{ domainRef: 'fed', recordTTL: 30, dnsPrefix: 'WWW', externalName: 'Shop' },
        ...{ allowServiceWithoutEndpoints: true, routing: { whenAllUnhealthy: 'Empty' } },
      },
    },
    { name: 'an externalName that is the name itself', in: { domainRef: 'fed', externalName: 'web' } },
  ]
  it.each(specs)('ServiceDNSRecord: $name', ({ in: spec }) => {
    const settings = serviceDNSSettings({ metadata, spec })
    const status = readServiceDNSStatus(structuredClone({ status: { inForce: serviceInForce(settings) } }))

    expect(toldServiceSettings(status!.inForce!, 'web')).toEqual(settings) // just written
  })

  const ingresses: readonly { readonly name: string; readonly in: IngressDNSRecord['spec'] }[] = [
    { name: 'no host', in: {} },
    {
      name: 'every field',
      in: {
        hosts: ['b.example.com', 'A.example.com.'],
        recordTTL: 30,
        routing: { whenAllUnhealthy: 'Empty' },
      },
    },
  ]
  it.each(ingresses)('IngressDNSRecord: $name', ({ in: spec = {} }) => {
    const settings = ingressDNSSettings({ metadata, spec })
    const status = readIngressDNSStatus(structuredClone({ status: { inForce: ingressInForce(settings) } }))

    expect(toldIngressSettings(status!.inForce!)).toEqual(settings) // just written
  })
})
