/** One PostgreSQL server for all test files of a run, and a fresh database for each test cloud. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** Set by `global-setup.ts`. */
export const serverVariable = 'PILEUS_TEST_POSTGRES'

export interface TestDatabase {
  url: string
  drop(): Promise<void>
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env[serverVariable]
  if (!server) throw new Error('no test database server: run tests through ./pileus test or npx vitest')
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(server, `create database ${name}`)
  return {
    url: server.replace('/postgres?', `/${name}?`),
    drop: () => administer(server, `drop database ${name} with (force)`),
  }
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
