import type { Queryable } from './buckets.ts'

export interface CallbackKeyRow {
  sealedPrivateKey: Buffer
  /** PEM. */
  publicKey: string
}

export async function findCallbackKey(db: Queryable): Promise<CallbackKeyRow | undefined> {
  const { rows } = await db.query<{ sealed_private_key: Buffer; public_key: string }>('select * from oss.callback_key')
  return rows[0] && { sealedPrivateKey: rows[0].sealed_private_key, publicKey: rows[0].public_key }
}

/** Keeps the first key that is offered; the others are forgotten. */
export async function ensureCallbackKey(db: Queryable, key: CallbackKeyRow): Promise<void> {
  await db.query(
    'insert into oss.callback_key (sealed_private_key, public_key) values ($1, $2) on conflict do nothing',
    [key.sealedPrivateKey, key.publicKey],
  )
}
