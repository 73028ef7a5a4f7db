import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { observingOf, writesFiles, type ObservingConfig } from '../../../src/app/observing.ts'
import { readVersion } from '../../../src/config/version.ts'
import type { ObserveSettings } from '../../../src/nameserver/observe/settings.ts'

const NOTHING: ObservingConfig = {
  ...{ queryLog: undefined, queryLogSample: 1, serverId: undefined },
  ...{ dnstap: undefined, dnstapIdentity: undefined, dnstapVersion: undefined },
}
const target = { kind: 'unix', path: '/run/tap.sock' } as const
const version = `Waypost ${readVersion()}`

describe('observingOf', () => {
  it.each<{ name: string; in: Partial<ObservingConfig>; want: ObserveSettings; files?: boolean }>([
    { name: 'nothing without options', in: {}, want: {} },
    { name: 'standard output', in: { queryLog: '-' }, want: { queryLog: { target: 1, oneIn: 1 } } },
    {
      name: 'standard error',
      in: { queryLog: 'stderr', queryLogSample: 10 },
      want: { queryLog: { target: 2, oneIn: 10 } },
    },
    {
      name: 'a file',
      in: { queryLog: 'q.log' },
      want: { queryLog: { target: 'q.log', oneIn: 1 } },
      files: true,
    },
    {
      name: 'a receiver of dnstap',
      in: { dnstap: target },
      want: { dnstap: { target, identity: hostname(), version } },
    },
    {
      name: 'the id of the server',
      in: { dnstap: target, serverId: 'ns1' },
      want: { dnstap: { target, identity: 'ns1', version } },
    },
    {
      name: 'what it is told to say',
      in: { dnstap: target, serverId: 'ns1', dnstapIdentity: 'a', dnstapVersion: 'b' },
      want: { dnstap: { target, identity: 'a', version: 'b' } },
    },
    {
      name: 'a file of dnstap',
      in: { dnstap: { kind: 'file', path: 'tap' } },
      want: { dnstap: { target: { kind: 'file', path: 'tap' }, identity: hostname(), version } },
      files: true,
    },
  ])('is $name', ({ in: config, want, files = false }) => {
    const settings = observingOf({ ...NOTHING, ...config })

    expect(settings).toEqual(want)
    expect(writesFiles(settings)).toBe(files)
  })
})
