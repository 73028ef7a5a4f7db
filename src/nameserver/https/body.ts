import type { Readable } from 'node:stream'
import { MAX_BODY_BYTES } from './exchange.ts'

export interface BodyListener {
  /** Called for each piece, before it is kept; false: it is too much, nothing more is told. */
  readonly arrived: (sizeBytes: number) => boolean
  readonly complete: (body: Buffer) => void
  readonly tooLarge: () => void
}

/** Read a request's body, of which never more than MAX_BODY_BYTES are kept. */
export function readBody(request: Readable, { arrived, complete, tooLarge }: BodyListener): void {
  let pieces: Buffer[] = []
  let sizeBytes = 0
  let isOver = false
  request.on('data', (piece: Buffer) => {
    if (isOver) return // what comes behind is let through, so that the end is seen
    sizeBytes += piece.length
    isOver = sizeBytes > MAX_BODY_BYTES || !arrived(piece.length)
    if (isOver) pieces = []
    else pieces.push(piece)
    if (sizeBytes > MAX_BODY_BYTES) tooLarge()
  })
  request.on('end', () => {
    if (isOver) return
    isOver = true
    complete(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, sizeBytes)) // length checked
  })
}
