import { readConfig } from '../config/config.ts'
import type { Subcommand } from './subcommand.ts'

export const dns: Subcommand = {
  name: 'dns',
  summary: 'run the DNS server alone, answering from master files or a world file',
  examples: [
    'waypost dns --zone example.com=example.com.zone',
    'waypost dns --world world.yaml',
    'waypost dns --world world.yaml --listen 0.0.0.0:53 --listen "[::]:53"',
  ],
  async run(given, io) {
    const config = readConfig('dns', given)
    const { runDns } = await import('../app/dns.ts')
    return runDns(config, io)
  },
}
