import { type Db, tablesOf } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import { type LookupQuestion, lookupColumns } from '../domain/lookup.ts'

interface EntryTables {
  'actiontrail.entries': {
    region_id: string
    index: number
    account_id: string | null
    event_id: string
    event_time: Date
    service_name: string | null
    event_name: string | null
    event_rw: string | null
    event_category: string | null
    user_name: string | null
    access_key_id: string | null
    resource_type: string | null
    resource_names: string[]
    body: string
  }
}

export interface FoundEntry {
  index: number
  body: string
}

/** Entries of one account in one region's log, in the order of the log. Calls on objects are not among them. */
export async function lookUp(
  db: Db,
  where: { accountId: string; regionId: string },
  question: LookupQuestion,
): Promise<FoundEntry[]> {
  const isForward = question.direction === 'FORWARD'
  let query = tablesOf<EntryTables>(db)
    .selectFrom('actiontrail.entries')
    .select(['index', 'body'])
    .where('account_id', '=', where.accountId)
    .where('region_id', '=', where.regionId)
    .where('event_category', '=', 'Management')
    .where('event_time', '>=', question.start)
    .where('event_time', '<=', question.end)
    .orderBy('index', isForward ? 'asc' : 'desc')
    .limit(question.limit)
  if (question.after !== undefined) query = query.where('index', isForward ? '>' : '<', question.after)
  const { condition } = question
  if (condition?.key === 'ResourceName') query = query.where(sql<boolean>`${condition.value} = any (resource_names)`)
  else if (condition?.key === 'EventId') query = query.where(sql<boolean>`event_id::text = lower(${condition.value})`)
  else if (condition) {
    query = query.where(sql.ref<string>(lookupColumns[condition.key]), '=', condition.value)
  }
  return await query.execute()
}
