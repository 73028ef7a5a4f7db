import { readConfig } from '../config/config.ts'
import type { Subcommand } from './subcommand.ts'

export const controller: Subcommand = {
  name: 'controller',
  summary: 'run the controller and its DNS server against a host cluster',
  examples: [
    'waypost controller --kubeconfig host.kubeconfig',
    'waypost controller --dns-listen 0.0.0.0:53 --dns-workers 2',
  ],
  async run(given, io) {
    const config = readConfig('controller', given)
    const { runController } = await import('../app/controller.ts')
    return runController(config, io)
  },
}
