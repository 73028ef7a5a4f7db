#!/usr/bin/env node
import { EXIT } from './cli/io.ts'
import { runCli } from './cli/run.ts'
import { abortOnSignals } from './cli/signals.ts'

const signal = abortOnSignals(process)

// a reader that left (`waypost … | head`) is no error of ours
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done)
    throw error
  })
}

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  io: {
    stdout: (line) => process.stdout.write(`${line}\n`),
    stderr: (line) => process.stderr.write(`${line}\n`),
    signal,
    onHangup: (act) => process.on('SIGHUP', act),
  },
})

// What is done is done: a handle that someone forgot must not keep the process, nor hide behind exit() at once.
setTimeout(() => process.exit(), 1_000).unref()
