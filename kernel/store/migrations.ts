import { sql } from 'kysely'
import { type Db, lockNamed, type Store } from './store.ts'

/** One forward-only step of one product's schema. */
export interface Migration {
  /** `<product>/<number>-<words>`, such as `vpc/001-vpcs`; steps of a product run in this order. */
  readonly id: string
  /** Statements, run in the transaction that records the step. */
  readonly sql: string
}

/**
 * Brings the schema up to date, one transaction a step; safe when several processes start together.
 * @throws Error when the database has steps of `products` that this program does not know (it is older).
 */
export async function migrate(store: Store, migrations: readonly Migration[]): Promise<string[]> {
  await store.transaction(async (tx) => {
    await lockNamed(tx, 'pileus.migrations')
    await sql`create schema if not exists kernel`.execute(tx)
    await sql`create table if not exists kernel.migrations (
      id text primary key, applied_at timestamptz not null default now())`.execute(tx)
  })
  const known = await sql<{ id: string }>`select id from kernel.migrations`.execute(store.db)
  const done = new Set(known.rows.map((row) => row.id))
  const newer = [...done].filter((id) => !migrations.some((migration) => migration.id === id))
  if (newer.length > 0) {
    throw new Error(`the database was written by a newer version (steps ${newer.join(', ')}); update this program`)
  }
  const applied: string[] = []
  for (const migration of migrations.filter((step) => !done.has(step.id))) {
    if (await store.transaction((tx) => applyStep(tx, migration))) applied.push(migration.id)
  }
  return applied
}

async function applyStep(tx: Db, migration: Migration): Promise<boolean> {
  await lockNamed(tx, 'pileus.migrations')
  const claim = await sql`insert into kernel.migrations (id) values (${migration.id}) on conflict do nothing`.execute(
    tx,
  )
  if (claim.numAffectedRows === 0n) return false
  await sql.raw(migration.sql).execute(tx)
  return true
}
