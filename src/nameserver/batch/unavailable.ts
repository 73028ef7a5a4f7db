/** Batched packets cannot be used on this machine; nothing is left open. The message says why, for whoever asked for them. */
export class BatchUnavailable extends Error {}
