import type { ControlHandler, ControlKind, ControlRequest, PeerRule } from './types.ts'

/** Answers requests of one kind. */
export interface KindHandler {
  readonly rules: readonly PeerRule[]
  handle(request: ControlRequest): ReturnType<ControlHandler['handle']>
}

/** One handler of several, each for its kind; the kinds that are absent stay unknown. */
export function combined(parts: { readonly [K in ControlKind]?: KindHandler | undefined }): ControlHandler {
  const kinds = (Object.keys(parts) as ControlKind[]).filter((kind) => parts[kind] !== undefined) // its own keys
  return {
    rules: Object.fromEntries(kinds.map((kind) => [kind, parts[kind]?.rules ?? []])),
    handle: (request) => parts[request.kind]?.handle(request) ?? [], // others do not come: they have no rules
  }
}
