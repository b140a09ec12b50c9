import type { Duplex } from 'node:stream'

/**
 * Makes an HTTP server read this TLS connection through its stream instead of natively. To be called once the server
 * has the connection.
 *
 * Go's client was now and then answered 400 (HPE_PAUSED) when headers and body came in two TLS records. Node pauses its
 * parser while an answer before is not fully written; read natively, what comes then seems to reach the parser all the
 * same, where a stream holds it back. No test provokes it at will: `e2e/go.test.ts` met it about once in five runs.
 */
export function readByEvents(socket: Duplex): void {
  socket.on('data', () => {})
}
