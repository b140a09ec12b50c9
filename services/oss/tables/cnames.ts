/** Custom domains of buckets, and the tokens that prove that a domain is one's own. */
import type { Queryable } from './buckets.ts'

export interface Cname {
  domain: string
  bucketId: number
  modifiedAt: Date
}

interface Row {
  domain: string
  bucket_id: number
  modified_at: Date
}

const cnameOf = (row: Row): Cname => ({ domain: row.domain, bucketId: row.bucket_id, modifiedAt: row.modified_at })

/** Every domain, with the name of its bucket. */
export async function listAllDomains(db: Queryable): Promise<Map<string, string>> {
  const { rows } = await db.query<{ domain: string; name: string }>(
    'select domain, name from oss.cnames join oss.buckets using (bucket_id)',
  )
  return new Map(rows.map((row) => [row.domain, row.name]))
}

export async function listCnames(db: Queryable, bucketId: number): Promise<Cname[]> {
  const { rows } = await db.query<Row>('select * from oss.cnames where bucket_id = $1 order by domain', [bucketId])
  return rows.map(cnameOf)
}

/** Held until the transaction ends. */
export async function lockCname(db: Queryable, domain: string): Promise<(Cname & { accountId: string }) | undefined> {
  const { rows } = await db.query<Row & { account_id: string }>(
    `select c.*, b.account_id from oss.cnames c join oss.buckets b using (bucket_id) where domain = $1 for update of c`,
    [domain],
  )
  return rows[0] && { ...cnameOf(rows[0]), accountId: rows[0].account_id }
}

/** Binds a domain, whatever it was bound to. */
export async function putCname(db: Queryable, { domain, bucketId, modifiedAt }: Cname): Promise<void> {
  await db.query(
    `insert into oss.cnames (domain, bucket_id, modified_at) values ($1, $2, $3)
     on conflict (domain) do update set bucket_id = excluded.bucket_id, modified_at = excluded.modified_at`,
    [domain, bucketId, modifiedAt],
  )
}

/** False when the domain is not this bucket's. */
export async function removeCname(db: Queryable, bucketId: number, domain: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from oss.cnames where bucket_id = $1 and domain = $2', [bucketId, domain])
  return rowCount === 1
}

export interface CnameToken {
  token: string
  expiresAt: Date
}

/** Keeps a token that is valid still, else `fresh`; answers the one that is kept. */
export async function ensureCnameToken(
  db: Queryable,
  bucketId: number,
  domain: string,
  fresh: CnameToken,
  now: Date,
): Promise<CnameToken> {
  const { rows } = await db.query<{ token: string; expires_at: Date }>(
    `insert into oss.cname_tokens (bucket_id, domain, token, expires_at) values ($1, $2, $3, $4)
     on conflict (bucket_id, domain) do update set
       token = case when oss.cname_tokens.expires_at > $5 then oss.cname_tokens.token else excluded.token end,
       expires_at = case when oss.cname_tokens.expires_at > $5 then oss.cname_tokens.expires_at else excluded.expires_at end
     returning token, expires_at`,
    [bucketId, domain, fresh.token, fresh.expiresAt, now],
  )
  const [row] = rows
  if (!row) throw new Error('an upsert answers one row')
  return { token: row.token, expiresAt: row.expires_at }
}

/** One that is valid still. */
export async function findCnameToken(
  db: Queryable,
  bucketId: number,
  domain: string,
  now: Date,
): Promise<CnameToken | undefined> {
  const { rows } = await db.query<{ token: string; expires_at: Date }>(
    'select token, expires_at from oss.cname_tokens where bucket_id = $1 and domain = $2 and expires_at > $3',
    [bucketId, domain, now],
  )
  return rows[0] && { token: rows[0].token, expiresAt: rows[0].expires_at }
}
