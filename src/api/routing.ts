import { z } from 'zod'
import type { Frozen } from './kind.ts'

/** `spec.routing`, the same for services and ingresses. */
export const routingSchema = z
  .object({
    whenAllUnhealthy: z
      .enum(['LastKnownGood', 'Empty'])
      .meta({
        description:
          'What to publish when no cluster is healthy any more. LastKnownGood (default): all that were once healthy, with condition Degraded. Empty: nothing, as KubeFed did.',
      })
      .optional(),
  })
  .meta({ description: 'How the clusters that receive traffic are chosen.' })

export type Routing = Frozen<z.output<typeof routingSchema>>
export type WhenAllUnhealthy = NonNullable<Routing['whenAllUnhealthy']>

/** The routing in force. */
export function routingSettings(routing: Routing | undefined): {
  readonly whenAllUnhealthy: WhenAllUnhealthy
} {
  return { whenAllUnhealthy: routing?.whenAllUnhealthy ?? 'LastKnownGood' }
}
