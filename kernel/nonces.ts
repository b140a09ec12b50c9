import { sql } from 'kysely'
import type pg from 'pg'
import type { NonceSource } from './ports.ts'
import type { Db } from './store/store.ts'

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

/**
 * Whether this is the first use of something that its user signed once for all, such as an assertion; `owner` says what
 * it is and whose. The claim is on disk when it is answered: nothing else of the call has to be.
 */
export async function claimOnce(db: Db, owner: string, nonce: string, validUntil: Date): Promise<boolean> {
  const claimed = await sql`insert into kernel.nonces (access_key_id, nonce, valid_until)
    values (${owner}, ${nonce}, ${validUntil}) on conflict do nothing`.execute(db)
  return claimed.numAffectedRows === 1n
}

async function write(pool: pg.Pool, batch: readonly Claim[]): Promise<void> {
  // Two equal nonces in one batch: the database would refuse to insert both, so the first one stands for it.
  const firsts = new Map<string, Claim>()
  let validUntil = 0
  for (const claim of batch) {
    const key = keyOf(claim.accessKeyId, claim.nonce)
    if (!firsts.has(key)) firsts.set(key, claim)
    // One time for all: a nonce that is kept longer than it must be does no harm.
    validUntil = Math.max(validUntil, claim.validUntil.getTime())
  }
  // In one order, or two statements that hold the same nonces could wait for each other.
  const keys = [...firsts.keys()].sort()
  const claims = keys.map((key) => firsts.get(key) as Claim)
  const result = await pool.query<{ count: number; inserted: string[] | null }>({
    name: 'claim-nonces',
    // Answers which ones only when it was not all. Neither keys nor nonces have line breaks.
    text: `with fast as (select set_config('synchronous_commit', 'off', true)), claimed as (
        insert into kernel.nonces (access_key_id, nonce, valid_until)
        select a, n, $3::timestamptz
        from unnest(string_to_array($1::text, e'\\n'), string_to_array($2::text, e'\\n')) as t (a, n), fast
        on conflict do nothing returning access_key_id, nonce
      )
      select count(*)::int as count,
        case when count(*) < $4::int then array_agg(access_key_id || e'\\n' || nonce) end as inserted
      from claimed`,
    values: [
      claims.map((claim) => claim.accessKeyId).join('\n'),
      claims.map((claim) => claim.nonce).join('\n'),
      new Date(validUntil).toISOString(),
      claims.length,
    ],
  })
  const [answer] = result.rows
  if (!answer) throw new Error('claiming nonces was not answered')
  const inserted = answer.count === claims.length ? firsts : new Set(answer.inserted)
  for (const claim of batch) {
    const key = keyOf(claim.accessKeyId, claim.nonce)
    claim.settle(firsts.get(key) === claim && inserted.has(key))
  }
}

function keyOf(accessKeyId: string, nonce: string): string {
  return `${accessKeyId}\n${nonce}`
}

/** Forgets nonces whose requests would be refused as expired anyway, and old client tokens. */
export async function forgetExpired(pool: pg.Pool, now: Date): Promise<void> {
  await pool.query('delete from kernel.nonces where valid_until < $1', [now])
  await pool.query('delete from kernel.client_tokens where created_at < $1', [new Date(now.getTime() - 86_400_000)])
}
