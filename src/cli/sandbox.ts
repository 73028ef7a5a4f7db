import { readConfig } from '../config/config.ts'
import type { SandboxConfig } from '../config/config.ts'
import type { Run } from './io.ts'
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
    const module = (await import(new URL('../app/sandbox.ts', import.meta.url).href)) as {
      readonly runSandbox: Run<SandboxConfig>
    }
    return module.runSandbox(config, io)
  },
}
