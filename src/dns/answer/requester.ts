/** Who asks. */
export interface Requester {
  /** The address in network order: the first `length` octets count. */
  readonly octets: Uint8Array
  readonly length: 4 | 16
  /** Unix time. */
  readonly nowSeconds: number
}
