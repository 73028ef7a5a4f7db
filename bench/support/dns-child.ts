import { silentLogger } from '../../src/telemetry/logger.ts'
import { startNameserver } from '../../src/nameserver/server.ts'
import { publishWorld } from './dns-world.ts'

// The server under measurement: `dns-child.ts NAMES`. Prints {port, publishMicros, bytesPerName} when it is ready.
const names = Number(process.argv[2])
const server = await startNameserver({
  listen: [{ host: '127.0.0.1', port: 0 }],
  workers: 1,
  io: 'dgram',
  reservedBytes: 2 ** 30,
  seed: crypto.getRandomValues(new Uint32Array(2)),
  logger: silentLogger,
})
const publishMicros = publishWorld(server.writer, names)
const usage = server.writer.usage()
process.once('SIGTERM', () => void server.close())
console.log(
  JSON.stringify({
    port: server.listening[0]?.port,
    publishMicros,
    bytesPerName: usage.usedBytes / usage.names,
  }),
)
