import { readConfig } from '../config/config.ts'
import { readVersion } from '../config/version.ts'
import { EXIT } from './io.ts'
import { render } from './output.ts'
import type { Subcommand } from './subcommand.ts'

export const version: Subcommand = {
  name: 'version',
  summary: 'print the versions of this program and of Node',
  examples: ['waypost version', 'waypost version -o json'],
  async run(given, io) {
    const { output } = readConfig('version', given)
    const value = { version: readVersion(), node: process.versions.node }
    const rows = [
      ['waypost', value.version],
      ['node', value.node],
    ]
    for (const line of await render(output, { rows, value })) io.stdout(line)
    return EXIT.done
  },
}
