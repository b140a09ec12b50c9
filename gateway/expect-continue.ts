/**
 * `Expect: 100-continue`: a client that asks first is told to send its body when the body is about to be read, so that
 * whoever is refused sends nothing. Until then the answer ends the connection, because nobody can know whether what
 * comes next on it is the body.
 */

import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

const waiting = new WeakMap<IncomingMessage, () => void>()

/** Lets requests through to the server's `request` listeners without telling their clients to go on. */
export function deferContinue(server: EventEmitter): void {
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const keepsAlive = outgoing.shouldKeepAlive
    outgoing.shouldKeepAlive = false
    waiting.set(incoming, () => {
      if (outgoing.headersSent) return
      outgoing.shouldKeepAlive = keepsAlive
      outgoing.writeContinue()
    })
    server.emit('request', incoming, outgoing)
  })
}

/** Whether the client waits to be told to send its body. */
export function awaitsContinue(incoming: IncomingMessage): boolean {
  return waiting.has(incoming)
}

/** To be called before the body is read; may be called again. */
export function sendContinue(incoming: IncomingMessage): void {
  const tell = waiting.get(incoming)
  if (!tell) return
  waiting.delete(incoming)
  tell()
}
