import { createHash } from 'node:crypto'
import { byVersionPriority } from '../model/versions.ts'
import type { Catalogue } from '../resource/cluster.ts'
import { endpointsByPath, openApiDocument } from './document.ts'
import type { Endpoint } from './document.ts'
import { openApiV2 } from './v2.ts'
import { openApiV2Protobuf } from './v2-protobuf.ts'

/** A document as it is sent. */
export interface Served {
  readonly body: string
  /** Changes with the body, and with nothing else: SHA-512 in hexadecimal digits. */
  readonly hash: string
}

/** The documents of what a catalogue serves at one time. Each is made when it is first asked for. */
export interface Documents {
  /** Of version 3: `api/v1`, `apis/apps/v1`, …; undefined when nothing of that name is served. */
  find(path: string): Served | undefined
  /** Paths of all documents, in the order of versions. */
  readonly paths: readonly string[]
  readonly v2: Served
  readonly v2Protobuf: Uint8Array
}

const ofCatalogue = new WeakMap<Catalogue, { readonly revision: number; readonly documents: Documents }>()
/** Built-in kinds are the same in every cluster of the process. */
const ofBuiltins = new Map<string, Served>()

/** The present documents of a catalogue; kept until its set of resources changes. */
export function documentsOf(catalogue: Catalogue): Documents {
  const known = ofCatalogue.get(catalogue)
  if (known?.revision === catalogue.revision) return known.documents
  const documents = new CatalogueDocuments(catalogue)
  ofCatalogue.set(catalogue, { revision: catalogue.revision, documents })
  return documents
}

class CatalogueDocuments implements Documents {
  readonly paths: readonly string[]
  readonly #endpoints: ReadonlyMap<string, readonly Endpoint[]>
  readonly #made = new Map<string, Served>()
  #v2: { readonly value: ReturnType<typeof openApiV2>; readonly served: Served } | undefined
  #v2Protobuf: Uint8Array | undefined

  constructor(catalogue: Catalogue) {
    this.#endpoints = endpointsByPath(catalogue)
    this.paths = [...this.#endpoints.keys()].toSorted(byVersionPriority)
  }

  find(path: string): Served | undefined {
    const endpoints = this.#endpoints.get(path)
    if (endpoints === undefined) return undefined
    const made = endpoints.every(({ type }) => type.builtin) ? ofBuiltins : this.#made
    const served = made.get(path) ?? servedOf(openApiDocument(endpoints))
    made.set(path, served)
    return served
  }

  get v2(): Served {
    return this.#version2().served
  }

  get v2Protobuf(): Uint8Array {
    this.#v2Protobuf ??= openApiV2Protobuf(this.#version2().value)
    return this.#v2Protobuf
  }

  #version2(): { readonly value: ReturnType<typeof openApiV2>; readonly served: Served } {
    if (this.#v2 === undefined) {
      const value = openApiV2([...this.#endpoints.values()].flat())
      this.#v2 = { value, served: servedOf(value) }
    }
    return this.#v2
  }
}

function servedOf(value: unknown): Served {
  const body = JSON.stringify(value)
  return { body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() }
}
