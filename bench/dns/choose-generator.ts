import { isInstalled } from '../support/commands.ts'
import { createBuiltInGenerator } from './built-in-generator.ts'
import { createDnsperf } from './dnsperf.ts'
import type { Generator } from './generator.ts'
import type { WorkFiles } from './work-files.ts'
import type { Work } from './work.ts'

/** By dnsperf where it is installed and wanted, else by a generator of our own, which is slower than the servers it asks. */
export function chooseGenerator(
  work: Work,
  files: WorkFiles,
  { onlyBuiltIn }: { readonly onlyBuiltIn: boolean },
): Generator {
  return !onlyBuiltIn && isInstalled('dnsperf') ? createDnsperf(files) : createBuiltInGenerator(work.queries)
}
