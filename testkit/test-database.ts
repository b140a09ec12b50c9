/** One PostgreSQL server for all test files of a run, and a fresh database for each test cloud. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** Set by `global-setup.ts`. */
export const serverVariable = 'PILEUS_TEST_POSTGRES'
/** Holds the whole schema and no rows; nobody is connected to it. */
export const templateDatabase = 'pileus_template'

export interface TestDatabase {
  url: string
  drop(): Promise<void>
}

/** A database of the test's own: empty, or with the schema of all products. */
export async function createTestDatabase(content: 'empty' | 'migrated' = 'empty'): Promise<TestDatabase> {
  const server = process.env[serverVariable]
  if (!server) throw new Error('no test database server: run tests through ./pileus test or npx vitest')
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(server, `create database ${name} ${content === 'migrated' ? `template ${templateDatabase}` : ''}`)
  return {
    url: databaseUrl(server, name),
    drop: () => administer(server, `drop database ${name} with (force)`),
  }
}

export function databaseUrl(serverUrl: string, name: string): string {
  return serverUrl.replace('/postgres?', `/${name}?`)
}

/** Runs one statement as the server's owner, on a connection of its own. */
export async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
