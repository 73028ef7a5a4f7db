import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { KubeObject } from '../../../src/api/object.ts'
import { resourceOf } from '../../../src/sandbox/apply.ts'
import { manifestsOf, type MemberAccess } from '../../../src/sandbox/world/manifests.ts'
import { HOST_CLUSTER, type World } from '../../../src/sandbox/world/world.ts'
import type { KubernetesClient } from '../../support/kubernetes-client.ts'
import { until } from './process.ts'
import type { Fleet } from './fleet.ts'

const CRD_FOLDER = new URL('../../../crds/', import.meta.url).pathname

/** The CustomResourceDefinitions that an installation has. */
export function installedCrds(): readonly KubeObject[] {
  return readdirSync(CRD_FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => parse(readFileSync(join(CRD_FOLDER, name), 'utf8')) as KubeObject)
}

/**
 * Put a world into real clusters: CRDs and the federation's objects into the host, everything else into the members.
 * @param access - how the host reaches a member; default: as an administrator
 */
export async function applyWorld(
  world: World,
  fleet: Fleet,
  access: ReadonlyMap<string, MemberAccess> = administratorAccess(fleet),
): Promise<void> {
  await installCrds(fleet.host.api)
  await Promise.all(
    [...manifestsOf(world, access)].map(async ([name, objects]) => {
      const cluster = name === HOST_CLUSTER ? fleet.host : fleet.members.get(name)
      if (cluster === undefined) return
      for (const object of objects) await applyTo(cluster.api, object)
    }),
  )
}

/** Install the CRDs, and wait until their resources are served. */
export async function installCrds(api: KubernetesClient): Promise<void> {
  const crds = installedCrds()
  await Promise.all(crds.map((crd) => applyTo(api, crd)))
  const names = crds.map((crd) => crd.metadata.name)
  for (const name of names) {
    await until(async () => {
      const { body } = await api.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`)
      const status = body['status'] as
        | { readonly conditions?: readonly { type: string; status: string }[] }
        | undefined
      const established = status?.conditions?.some(
        (one) => one.type === 'Established' && one.status === 'True',
      )
      return established === true ? true : undefined
    })
  }
  for (const crd of crds) {
    const path = collectionPath(crd)
    await until(async () => ((await api.get(path)).code === 200 ? true : undefined))
  }
}

function collectionPath(crd: KubeObject): string {
  const spec = crd['spec'] as {
    group: string
    versions: readonly { name: string }[]
    names: { plural: string }
  }
  return `/apis/${spec.group}/${spec.versions[0]?.name}/${spec.names.plural}`
}

/** Create an object, or merge it into the one that is there. @throws with the server's words */
export async function applyTo(api: KubernetesClient, object: KubeObject): Promise<void> {
  const collection = pathOf(object)
  const created = await api.post(collection, object)
  const reply =
    created.code === 409 ? await api.patch(`${collection}/${object.metadata.name}`, object) : created
  if (reply.code >= 300)
    throw new Error(`${object.kind} ${object.metadata.name}: ${reply.code} ${reply.text}`)
}

/** The collection that an object belongs to. */
export function pathOf(object: KubeObject): string {
  const resource = resourceOf(installedCrds(), object)
  if (resource === undefined) throw new Error(`no such kind: ${object.kind} of ${object.apiVersion}`)
  const base = resource.group === '' ? '/api/v1' : `/apis/${object.apiVersion}`
  const { namespace } = object.metadata
  return resource.namespaced && namespace !== undefined
    ? `${base}/namespaces/${namespace}/${resource.plural}`
    : `${base}/${resource.plural}`
}

function administratorAccess(fleet: Fleet): ReadonlyMap<string, MemberAccess> {
  return new Map(
    [...fleet.members].map(([name, { url, joinToken: token, caPem }]) => [
      name,
      { apiEndpoint: url, token, caPem },
    ]),
  )
}
