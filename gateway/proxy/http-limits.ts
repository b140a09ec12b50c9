import type { ServerOptions } from 'node:http'

/**
 * Bounds for every listener that faces clients; for `http.createServer` and `https.createServer`.
 *
 * - A request line and headers may take 64 KiB: RPC actions carry their parameters in the URL, user data included.
 * - Headers must be there within 20 s of the first byte or of the connection, a whole request within 15 min.
 * - Late clients are looked for every 5 s.
 */
export const httpLimits = {
  maxHeaderSize: 65_536,
  headersTimeout: 20_000,
  requestTimeout: 900_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 5_000,
} as const satisfies ServerOptions
