import type { Db } from '@pileus/kernel/store/store'
import { residencyTables } from './schema.ts'

/** The key that reports are signed with; `offered` becomes it when there is none. */
export async function ensureReportKey(
  db: Db,
  offered: { publicKey: string; sealedKey: Buffer },
): Promise<{ publicKey: string; sealedKey: Buffer }> {
  await residencyTables(db)
    .insertInto('residency.report_key')
    .values({ public_key: offered.publicKey, sealed_key: offered.sealedKey })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await residencyTables(db).selectFrom('residency.report_key').selectAll().executeTakeFirstOrThrow()
  return { publicKey: row.public_key, sealedKey: row.sealed_key }
}
