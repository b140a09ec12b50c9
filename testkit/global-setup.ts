import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrations } from '@pileus/cloud/migrations'
import { ensureSystemUser } from '@pileus/cloud/system-users'
import { silentLog } from '@pileus/kernel/log'
import { startEmbeddedPostgres } from '@pileus/kernel/store/embedded-postgres'
import { migrate } from '@pileus/kernel/store/migrations'
import { openStore } from '@pileus/kernel/store/store'
import { administer, databaseUrl, serverVariable, templateDatabase } from './test-database.ts'

/** Starts the one database server of a test run, with a migrated database to copy. */
export default async function setup(): Promise<() => Promise<void>> {
  const root = process.cwd()
  execFileSync(process.execPath, ['contract/generate.mjs'], { cwd: root, stdio: 'ignore' })
  const directory = mkdtempSync(join(tmpdir(), 'pileus-test-pg-'))
  chmodSync(directory, 0o711)
  const user = process.getuid?.() === 0 ? { user: await ensureSystemUser('pileus') } : {}
  const server = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), resolveFrom: root, ...user })
  const { host, port, user: role } = server.connection
  const url = `postgres://${role}@localhost:${port}/postgres?host=${encodeURIComponent(String(host))}`
  process.env[serverVariable] = url
  // Tests kill clients of this server, never the machine under it.
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    await administer(url, `alter system set ${setting} = off`)
  }
  await administer(url, 'select pg_reload_conf()')
  await administer(url, `create database ${templateDatabase}`)
  const store = openStore({
    connection: { connectionString: databaseUrl(url, templateDatabase) },
    maxConnections: 1,
    log: silentLog,
  })
  await migrate(store, migrations)
  await store.close()
  return async () => {
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}
