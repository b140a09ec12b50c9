import type pg from 'pg'
import type { NonceSource } from './ports.ts'

interface Claim {
  accessKeyId: string
  nonce: string
  validUntil: Date
  settle: (first: boolean) => void
  fail: (error: unknown) => void
}

/** Most claims written by one statement. */
const batchSize = 256

/**
 * Claims nonces in the database, several a statement: while one is on its way, later ones gather. The commit does
 * not wait for the disk, because any later durable commit flushes the log before it too: nothing that was
 * acknowledged as done can be replayed, and a killed process forgets nothing.
 */
export function createNonceSource(pool: pg.Pool): NonceSource {
  let waiting: Claim[] = []
  let inFlight = 0

  const flush = (): void => {
    // Two statements in flight keep the database busy while this process encodes the next.
    if (waiting.length === 0 || inFlight >= 2) return
    const batch = waiting.slice(0, batchSize)
    waiting = waiting.slice(batchSize)
    inFlight += 1
    write(pool, batch)
      .catch((error) => {
        for (const claim of batch) claim.fail(error)
      })
      .finally(() => {
        inFlight -= 1
        flush()
      })
  }

  return {
    claimNonce(accessKeyId, nonce, validUntil) {
      return new Promise((settle, fail) => {
        waiting.push({ accessKeyId, nonce, validUntil, settle, fail })
        if (waiting.length === 1) setImmediate(flush)
      })
    },
  }
}

async function write(pool: pg.Pool, batch: readonly Claim[]): Promise<void> {
  // Two equal nonces in one batch: the database would refuse to insert both, so the first one stands for it.
  const firsts = new Map<string, Claim>()
  for (const claim of batch) {
    const key = `${claim.accessKeyId}\n${claim.nonce}`
    if (!firsts.has(key)) firsts.set(key, claim)
  }
  const claims = [...firsts.values()]
  const result = await pool.query<{ access_key_id: string; nonce: string }>({
    name: 'claim-nonces',
    text: `with fast as (select set_config('synchronous_commit', 'off', true))
      insert into kernel.nonces (access_key_id, nonce, valid_until)
      select a, n, v from unnest($1::text[], $2::text[], $3::timestamptz[]) as t (a, n, v), fast
      on conflict do nothing returning access_key_id, nonce`,
    values: [
      claims.map((claim) => claim.accessKeyId),
      claims.map((claim) => claim.nonce),
      claims.map((claim) => claim.validUntil),
    ],
  })
  const inserted = new Set(result.rows.map((row) => `${row.access_key_id}\n${row.nonce}`))
  for (const claim of batch) {
    const key = `${claim.accessKeyId}\n${claim.nonce}`
    claim.settle(firsts.get(key) === claim && inserted.has(key))
  }
}

/** Forgets nonces whose requests would be refused as expired anyway, and old client tokens. */
export async function forgetExpired(pool: pg.Pool, now: Date): Promise<void> {
  await pool.query('delete from kernel.nonces where valid_until < $1', [now])
  await pool.query('delete from kernel.client_tokens where created_at < $1', [new Date(now.getTime() - 86_400_000)])
}
