import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { METRIC_LABELS, METRIC_UNITS } from '../../src/telemetry/metric-names.ts'
import { allMetrics, MAKERS, withMetrics } from '../support/metrics-document.ts'
import { sourceFiles } from '../support/source-imports.ts'

const root = new URL('../..', import.meta.url).pathname
const text = (file: string): string => readFileSync(`${root}/${file}`, 'utf8')
const metrics = allMetrics()

describe('metrics', () => {
  it('are all known to this test', () => {
    const makers = sourceFiles(root, 'src').filter((file) =>
      /\b(?:metrics|group)\s*\.(?:counter|gauge|histogram|observed|together)\(/.test(text(file)),
    )

    expect(
      makers.filter((file) => !file.startsWith('src/telemetry/')).sort((a, b) => (a < b ? -1 : 1)),
    ).toEqual(MAKERS)
    expect(metrics.length).toBeGreaterThan(40)
  })

  it('are in docs/observing.md as src has them (node test/support/metrics-document.ts)', () => {
    const document = text('docs/observing.md')

    expect(document).toBe(withMetrics(document, metrics))
  })

  it('have a unit, and labels of the known names', () => {
    const bad = metrics.filter(
      ({ name, labels }) =>
        !METRIC_UNITS.some((unit) => name.endsWith(`_${unit}`)) ||
        labels.some((label) => !METRIC_LABELS.some((known) => known === label)),
    )

    expect(bad).toEqual([])
  })

  it('are our own, or named as CoreDNS names its own', () => {
    expect(metrics.filter(({ name }) => !/^(?:waypost|coredns_dns)_/.test(name))).toEqual([])
  })

  it('are read by the dashboard under names that exist', () => {
    const dashboard = text('deploy/grafana/dns.json')
    const named = [...dashboard.matchAll(/\b(?:waypost|coredns)_[a-z_]+/g)].map(([name]) =>
      name.replace(/_(?:bucket|sum|count)$/, ''),
    )

    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((name) => !metrics.some((metric) => metric.name === name))).toEqual([])
  })
})
