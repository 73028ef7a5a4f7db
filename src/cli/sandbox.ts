import { readConfig } from '../config/config.ts'
import type { Subcommand } from './subcommand.ts'

export const sandbox: Subcommand = {
  name: 'sandbox',
  summary: 'start a host cluster, member clusters, controller and DNS server in this process, to try things',
  examples: [
    'waypost sandbox',
    'waypost sandbox --dns-port 0 --http-port 0 --state-dir /tmp/sandbox',
    'waypost sandbox --empty --manifests my-manifests/',
  ],
  async run(given, io) {
    const config = readConfig('sandbox', given)
    const { runSandbox } = await import('../app/sandbox.ts')
    return runSandbox(config, io)
  },
}
