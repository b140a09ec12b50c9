import pg from 'pg'

/**
 * Whether the database answers a connection of its own within the time. A pool that has no connection to give tells
 * nothing of that: the database may be gone, or this process may be busy.
 */
export async function answers(connection: pg.PoolConfig, timeoutMs: number): Promise<boolean> {
  const client = new pg.Client({
    ...connection,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  })
  // What breaks after it has connected is told by the query as well.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    // A server that hangs would keep a polite farewell waiting.
    client.end().catch(() => {})
  }
}
