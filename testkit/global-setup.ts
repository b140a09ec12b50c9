import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureSystemUser } from '@pileus/cloud/system-users'
import { startEmbeddedPostgres } from '@pileus/kernel/store/embedded-postgres'
import { serverVariable } from './test-database.ts'

/** Starts the one database server of a test run. */
export default async function setup(): Promise<() => Promise<void>> {
  const root = process.cwd()
  execFileSync(process.execPath, ['contract/generate.mjs'], { cwd: root, stdio: 'ignore' })
  const directory = mkdtempSync(join(tmpdir(), 'pileus-test-pg-'))
  chmodSync(directory, 0o711)
  const user = process.getuid?.() === 0 ? { user: await ensureSystemUser('pileus') } : {}
  const server = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), resolveFrom: root, ...user })
  const { host, port, user: role } = server.connection
  process.env[serverVariable] = `postgres://${role}@localhost:${port}/postgres?host=${encodeURIComponent(String(host))}`
  return async () => {
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}
