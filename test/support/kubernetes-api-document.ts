/**
 * Rewrites docs/kubernetes-api.md from JSON reports of vitest, one for each server that the contract was held against:
 * `node test/support/kubernetes-api-document.ts REPORT…`. How the reports are made is said in the document itself.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { crdBehaviours } from '../contract/crds.contract.ts'
import { kubernetesApiBehaviours } from '../contract/kubernetes-api.contract.ts'

/** One test of a report: as vitest's JSON reporter writes it, as far as it is read. */
interface ReportedTest {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: string
}

/** A report of vitest's JSON reporter. */
export interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly ReportedTest[] }[]
}

/** A behaviour of the contract. */
export interface Behaviour {
  readonly part: string
  readonly name: string
}

const SUITES = [
  { title: 'Kubernetes API: ', behaviours: kubernetesApiBehaviours },
  { title: 'crds/: ', behaviours: crdBehaviours },
]
const DOUBLE = 'the double'
const DOCUMENT = new URL('../../docs/kubernetes-api.md', import.meta.url)

const HEAD = `# The Kubernetes API: what is relied upon, and where it was seen

The controller talks to clusters, and its tests talk to the API server double of the sandbox (\`src/sandbox/apiserver\`). Both are only
worth what they have in common with a real kube-apiserver. So each behaviour that anything here relies upon is one test, and the same
test is asked of the double (\`npm test\`) and of kube-apiserver with kube-controller-manager over etcd (\`npm run test:e2e\`). A
difference that is found is mended in the double, and stays here as a behaviour.

Evidence of a row is the test of that name: in \`test/contract/kubernetes-api/\` (and \`test/contract/crds.contract.ts\` for our kinds),
run by \`test/contract/*.test.ts\` on the double and by \`test/e2e/kubernetes-api.e2e.ts\` and \`test/e2e/crds.e2e.ts\` on the real server.

This document is written from reports of both runs, and a test holds that it has exactly the behaviours of the suite:

\`\`\`
npx vitest run test/contract --reporter=json --outputFile=double.json
npm run test:e2e -- test/e2e/kubernetes-api.e2e.ts test/e2e/crds.e2e.ts --reporter=json --outputFile=real.json
node test/support/kubernetes-api-document.ts double.json real.json
\`\`\`

## Where they still differ

| of the double | real server | why it stays |
|---|---|---|
| bookmarks come every minute | only when the version has moved; on an idle cluster whose etcd does not tell its progress (\`--watch-progress-notify-interval\`, 5 s with kubeadm, 10 min by default) a watch may be silent for minutes | a double that nothing happens in would be silent too; the watchdog is tested with silent servers of its own |
| \`description\` of table columns and of built-in kinds is in words of this project | the whole text of the API reference | nobody reads it in a program |
| \`80.0\` and \`8e1\` are integers to built-in kinds | 400: Go decodes integers from integers only | what was parsed as JSON no longer shows it; no client sends it |
| a pattern that does not parse is told without the parser's words | \`error parsing regexp: …\` | they are those of another parser |
| \`pretty=true\` is ignored | indented JSON | the same JSON |
| \`meta.k8s.io/v1beta1\` is not served | tables and metadata of clients before 1.15 | no such client |
| an unknown HTTP method closes the connection | 405 | Node's parser does not pass it on |
| custom resources are served as soon as the server is | for a second after a start they answer 429 \`storage is (re)initializing\` while \`/readyz\` says 500 | a start of the double takes no time; that answer is a fault that tests set |
| 429 is a Status | a Status too where it was seen; priority and fairness are said to answer in plain text, which was not brought about | the controller reads both |
`

/** The document, from what was measured. */
export function kubernetesApiDocument(reports: readonly Report[]): string {
  const verdicts = new Verdicts(reports)
  const servers = verdicts.servers
  const sections = SUITES.flatMap((suite) => suite.behaviours()).map(({ part, names }) => {
    const rows = names.map(
      (name) =>
        `| ${cell(name)} | ${servers.map((server) => verdicts.of(server, { part, name })).join(' | ')} |`,
    )
    const head = `| behaviour | ${servers.join(' | ')} |\n|---|${'---|'.repeat(servers.length)}`
    return `## ${part[0]?.toUpperCase()}${part.slice(1)}\n\n${head}\n${rows.join('\n')}\n`
  })
  const total = SUITES.flatMap((suite) => suite.behaviours()).reduce(
    (sum, { names }) => sum + names.length,
    0,
  )
  const counts = servers.map((server) => `${verdicts.count(server)} hold on ${server}`).join(', ')
  return `${HEAD}\n## Verdicts\n\n${total} behaviours: ${counts}.\n\n${sections.join('\n')}`
}

/** The behaviours that a document lists. */
export function documentedBehaviours(text: string): readonly Behaviour[] {
  const found: Behaviour[] = []
  let part = ''
  for (const line of text.split('\n## Verdicts\n')[1]?.split('\n') ?? []) {
    if (line.startsWith('## ')) part = line.slice(3)
    const name = /^\| (.*?) \| (?:holds|fails|skipped|–)/.exec(line)?.[1]
    if (name !== undefined) found.push({ part, name })
  }
  return found
}

/** The behaviours of the suite, as a document names them. */
export function suiteBehaviours(): readonly Behaviour[] {
  return SUITES.flatMap((suite) => suite.behaviours()).flatMap(({ part, names }) =>
    names.map((name) => ({ part: `${part[0]?.toUpperCase()}${part.slice(1)}`, name: cell(name) })),
  )
}

function cell(name: string): string {
  return name.replaceAll('|', String.raw`\|`)
}

const WORDS: Readonly<Record<string, string>> = {
  passed: 'holds',
  failed: 'fails',
  skipped: 'skipped',
  pending: 'skipped',
}

/** What each server did. */
class Verdicts {
  readonly #byServer = new Map<string, Map<string, string>>()

  constructor(reports: readonly Report[]) {
    for (const { assertionResults } of reports.flatMap((report) => report.testResults)) {
      for (const test of assertionResults) this.#add(test)
    }
  }

  /** The double first, then the newest release. */
  get servers(): readonly string[] {
    const real = [...this.#byServer.keys()].filter((server) => server !== DOUBLE)
    return [DOUBLE, ...real.toSorted((left, right) => right.localeCompare(left, 'en', { numeric: true }))]
  }

  of(server: string, behaviour: Behaviour): string {
    const verdicts = this.#byServer.get(server) ?? new Map<string, string>()
    // What is skipped has the reason behind its name.
    const skipped = [...verdicts.keys()].find((key) => key.startsWith(`${keyOf(behaviour)} (`))
    return verdicts.get(keyOf(behaviour)) ?? verdicts.get(skipped ?? '') ?? '–'
  }

  count(server: string): number {
    return [...(this.#byServer.get(server)?.values() ?? [])].filter((verdict) => verdict === 'holds').length
  }

  #add({ ancestorTitles, title, status }: ReportedTest): void {
    const at = ancestorTitles.findIndex((name) => SUITES.some((suite) => name.startsWith(suite.title)))
    const part = ancestorTitles[at + 1]
    if (at === -1 || part === undefined) return
    const suite = SUITES.find(({ title: head }) => ancestorTitles[at]?.startsWith(head))
    const server = ancestorTitles[at]?.slice(suite?.title.length) ?? ''
    const verdicts = this.#byServer.get(server) ?? new Map<string, string>()
    this.#byServer.set(server, verdicts)
    verdicts.set(keyOf({ part, name: title }), WORDS[status] ?? status)
  }
}

function keyOf({ part, name }: Behaviour): string {
  return `${part}\n${name}`
}

if (import.meta.main) {
  const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')) as Report)
  writeFileSync(DOCUMENT, kubernetesApiDocument(reports))
}
