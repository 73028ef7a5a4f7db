import { parentPort, workerData } from 'node:worker_threads'
import { readZone, type ZoneToRead } from './read-zone.ts'

/** A thread that reads one master file, hands over what it says, and ends: all that reading took goes with it. */
const outcome = readZone(workerData as ZoneToRead) // made by zone-reader.ts
const isZone = outcome.kind === 'read' && outcome.file.kind === 'zone'
parentPort?.postMessage(outcome, isZone ? [outcome.file.names.buffer] : [])
