import { join } from 'node:path'
import type { Log } from '@pileus/kernel/log'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@pileus/kernel/store/embedded-postgres'
import { openStore, type Store } from '@pileus/kernel/store/store'
import type { CloudConfig } from './config.ts'

export interface Database {
  store: Store
  /** How other processes of this user reach it. */
  url: string
  /** Main process of the embedded server; absent with a server given by URL. */
  pid: number | undefined
  /** Closes the connections and, when it is ours, the server. */
  close(): Promise<void>
}

/** Connects to the PostgreSQL that was given, or starts our own. */
export async function openDatabase(
  config: Pick<CloudConfig, 'dataDir' | 'databaseUrl' | 'databaseUser' | 'databaseConnections' | 'installDir'>,
  log: Log,
  onProgress: (step: string) => void,
  signal?: AbortSignal,
): Promise<Database> {
  const maxConnections = config.databaseConnections ?? 20
  if (config.databaseUrl) {
    const store = openStore({ connection: { connectionString: config.databaseUrl }, maxConnections, log })
    return { store, url: config.databaseUrl, pid: undefined, close: () => store.close() }
  }
  const server = await startEmbeddedPostgres({
    dataDir: join(config.dataDir, 'postgres'),
    resolveFrom: config.installDir,
    onProgress,
    signal,
    ...(config.databaseUser ? { user: config.databaseUser } : {}),
  })
  const store = openStore({ connection: server.connection, maxConnections, log })
  return {
    store,
    url: urlOf(server.connection),
    pid: server.pid,
    async close() {
      await store.close()
      await server.stop()
    },
  }
}

/** Of a server that is reached by the socket in a directory. */
function urlOf({ host = '', port, user, database }: EmbeddedPostgres['connection']): string {
  return `postgresql://${user}@${encodeURIComponent(host)}:${port}/${database}`
}
