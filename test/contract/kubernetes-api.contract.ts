import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KubernetesClient } from '../support/kubernetes-client.ts'
import type { ApiTarget } from '../support/kubernetes-client.ts'
import { applyContract } from './kubernetes-api/apply.ts'
import { applyPartContract } from './kubernetes-api/apply-parts.ts'
import { managedFieldsContract } from './kubernetes-api/managed-fields.ts'
import { applyErrorContract } from './kubernetes-api/apply-errors.ts'
import { fieldOwnerContract } from './kubernetes-api/field-owners.ts'
import { builtinContract } from './kubernetes-api/builtins.ts'
import { compactionContract } from './kubernetes-api/compaction.ts'
import { eventually } from './kubernetes-api/context.ts'
import type { ContractContext, ContractTest } from './kubernetes-api/context.ts'
import { createContract } from './kubernetes-api/create.ts'
import { customResourceContract } from './kubernetes-api/custom-resources.ts'
import { definitionContract } from './kubernetes-api/definitions.ts'
import { deleteContract } from './kubernetes-api/delete.ts'
import { deletionPolicyContract } from './kubernetes-api/deletion-policies.ts'
import { discoveryContract } from './kubernetes-api/discovery.ts'
import { eventContract } from './kubernetes-api/events.ts'
import { garbageCollectionContract } from './kubernetes-api/garbage-collection.ts'
import { limitContract } from './kubernetes-api/limits.ts'
import { CRDS } from './kubernetes-api/gizmos.ts'
import { listContract } from './kubernetes-api/lists.ts'
import { gadgetCrd } from './kubernetes-api/objects.ts'
import { openApiContract } from './kubernetes-api/openapi.ts'
import { patchContract } from './kubernetes-api/patch.ts'
import { requestContract } from './kubernetes-api/requests.ts'
import { statusWriteContract } from './kubernetes-api/status-writes.ts'
import { tableContract } from './kubernetes-api/tables.ts'
import { updateContract } from './kubernetes-api/update.ts'
import { versionContract } from './kubernetes-api/versions.ts'
import { watchContract } from './kubernetes-api/watches.ts'

const PARTS: readonly (readonly [string, (test: ContractTest) => void])[] = [
  ['requests', requestContract],
  ['discovery', discoveryContract],
  ['OpenAPI', openApiContract],
  ['create', createContract],
  ['update', updateContract],
  ['status and conditional writes', statusWriteContract],
  ['patch', patchContract],
  ['server-side apply', applyContract],
  ['applies to parts', applyPartContract],
  ['refused applies', applyErrorContract],
  ['field owners', fieldOwnerContract],
  ['managedFields', managedFieldsContract],
  ['delete', deleteContract],
  ['deletion policies', deletionPolicyContract],
  ['garbage collection', garbageCollectionContract],
  ['lists', listContract],
  ['watches', watchContract],
  ['versions', versionContract],
  ['tables and metadata', tableContract],
  ['custom resources', customResourceContract],
  ['definitions', definitionContract],
  ['built-in kinds', builtinContract],
  ['events', eventContract],
  ['limits', limitContract],
  // The last: a real server is started anew for it, and takes a moment to find its custom resources.
  ['forgotten versions', compactionContract],
]

/** Names of all behaviours, by part. */
export function kubernetesApiBehaviours(): readonly {
  readonly part: string
  readonly names: readonly string[]
}[] {
  return PARTS.map(([part, register]) => {
    const names: string[] = []
    register((name) => names.push(name))
    return { part, names }
  })
}

/** Behaviours that a target does not have, and why. */
export interface ContractSkip {
  readonly reason: string
  readonly tests: readonly string[]
}

/** What the contract is held against. */
export interface ContractOptions {
  /** Named in the titles. */
  readonly name: string
  readonly target: () => Promise<ApiTarget>
  /** Make the target forget every version before now; absent: nobody can, and what follows of it is skipped. */
  readonly compact?: () => Promise<void>
  readonly skip?: readonly ContractSkip[]
}

/**
 * What a Kubernetes API must do for this project, told apart from the server by nothing but a URL and a token. Makes a namespace and
 * a CRD group of its own and removes them, so that it may run beside others, against a real kube-apiserver too.
 */
export function kubernetesApiContract(options: ContractOptions): void {
  describe(`Kubernetes API: ${options.name}`, () => {
    const context = new Lazy()
    const skipped = new Map(
      (options.skip ?? []).flatMap(({ reason, tests }) => tests.map((name) => [name, reason] as const)),
    )
    const known = new Set<string>()
    const test: ContractTest = (name, run) => {
      known.add(name)
      const reason = skipped.get(name)
      const title = reason === undefined ? name : `${name} (${reason})`
      it.skipIf(reason !== undefined)(title, () => run(context.value))
    }

    beforeAll(async () => {
      context.value = await newContext(await options.target(), options.compact)
    }, 60_000)

    afterAll(async () => {
      const { api, namespace, group, close } = context.value
      await api.delete(`/api/v1/namespaces/${namespace}`)
      for (const plural of ['gadgets', 'gizmos']) await api.delete(`${CRDS}/${plural}.${group}`)
      await close()
    })

    for (const [part, register] of PARTS) {
      describe.skipIf(register === compactionContract && options.compact === undefined)(part, () => {
        register(test)
      })
    }

    it('every skip names a behaviour', () => {
      expect([...skipped.keys()].filter((name) => !known.has(name))).toEqual([])
    })
  })
}

/** Tests are registered before their context exists. */
class Lazy {
  #value: ContractContext | undefined

  set value(value: ContractContext) {
    this.#value = value
  }

  get value(): ContractContext {
    if (this.#value === undefined) throw new Error('the target could not be prepared')
    return this.#value
  }
}

async function newContext(target: ApiTarget, compact: ContractOptions['compact']): Promise<ContractContext> {
  const api = new KubernetesClient(target)
  const clients = [api]
  const run = randomBytes(4).toString('hex')
  const namespace = `contract-${run}`
  const group = `r${run}.contract.example.com`
  let count = 0
  expect((await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).code).toBe(201)
  expect((await api.post(CRDS, gadgetCrd(group))).code).toBe(201)
  const context: ContractContext = {
    api,
    target,
    connect: (how) => {
      const client = new KubernetesClient(target, how)
      clients.push(client)
      return client
    },
    compact: () => (compact === undefined ? Promise.reject(new Error('nobody can')) : compact()),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
    },
    namespace,
    group,
    unique: (prefix) => `${prefix}-${run}-${(count += 1)}`,
    core: (plural, ...rest) => ['/api/v1/namespaces', namespace, plural, ...rest].join('/'),
    inGroup: (groupVersion, plural, ...rest) =>
      ['/apis', groupVersion, 'namespaces', namespace, plural, ...rest].join('/'),
    gadgets: (...rest) => ['/apis', group, 'v1/namespaces', namespace, 'gadgets', ...rest].join('/'),
    gadget: (name, spec, more = {}) => ({
      apiVersion: `${group}/v1`,
      kind: 'Gadget',
      metadata: { name },
      spec,
      ...more,
    }),
  }
  const served = (version: string) => api.get(`/apis/${group}/${version}/namespaces/${namespace}/gadgets`)
  await eventually(
    () => served('v1'),
    (reply) => reply.code === 200,
  )
  await eventually(
    () => served('v1beta1'),
    (reply) => reply.code === 200,
  )
  await eventually(
    () => api.get(`/openapi/v3/apis/${group}/v1`),
    (reply) => reply.code === 200,
  )
  return context
}
