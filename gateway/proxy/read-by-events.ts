import type { Duplex } from 'node:stream'

/**
 * Makes an HTTP server read this TLS connection through its stream instead of natively. To be called once the server
 * has the connection.
 *
 * Node pauses the parser while an answer before is not fully written. Read natively, two TLS records that arrive
 * together both reach the parser, and the second is refused as malformed (HPE_PAUSED). A stream holds it back.
 */
export function readByEvents(socket: Duplex): void {
  socket.on('data', () => {})
}
