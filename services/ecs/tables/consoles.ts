import type { Db } from '@pileus/kernel/store/store'
import { ecsTables } from './schema.ts'

/** Tail of an instance's serial console, if its host has sent one. */
export async function findConsole(db: Db, instanceId: string): Promise<{ text: string; updated_at: Date } | undefined> {
  return await ecsTables(db)
    .selectFrom('ecs.consoles')
    .select(['text', 'updated_at'])
    .where('instance_id', '=', instanceId)
    .executeTakeFirst()
}
