import { apiError } from '@pileus/kernel/errors'
import type { Db } from '@pileus/kernel/store/store'
import { errors } from '../errors.ts'
import type { Owner } from '../port.ts'
import { tables } from './schema.ts'

const kinds = ['vpc', 'vswitch', 'routetable'] as const
export type TaggedKind = (typeof kinds)[number]

/** The type of resource that tags are about, in any case. @throws InvalidResourceType.NotFound */
export function parseTaggedKind(resourceType: string): TaggedKind {
  const kind = kinds.find((candidate) => candidate === resourceType.toLowerCase())
  if (kind) return kind
  const known = kinds.map((candidate) => candidate.toUpperCase()).join(', ')
  throw apiError(errors['InvalidResourceType.NotFound'], { resourceType, known })
}

/** Keeps the resources from being deleted until the transaction ends. @throws InvalidResourceId.NotFound */
export async function lockTagged(db: Db, owner: Owner, kind: TaggedKind, ids: readonly string[]): Promise<void> {
  const wanted = [...new Set(ids)]
  const found = new Set(await listIds(db, owner, kind, wanted))
  const resourceId = wanted.find((id) => !found.has(id))
  if (resourceId === undefined) return
  throw apiError(errors['InvalidResourceId.NotFound'], { resourceType: kind, resourceId })
}

async function listIds(db: Db, owner: Owner, kind: TaggedKind, ids: readonly string[]): Promise<string[]> {
  const t = tables(db)
  const { accountId, regionId } = owner
  switch (kind) {
    case 'vpc': {
      const query = t.selectFrom('vpc.vpcs').select('vpc_id as id').where('vpc_id', 'in', ids).orderBy('vpc_id')
      return idsOf(
        await query.where('account_id', '=', accountId).where('region_id', '=', regionId).forKeyShare().execute(),
      )
    }
    case 'vswitch': {
      const query = t.selectFrom('vpc.vswitches').select('vswitch_id as id').where('vswitch_id', 'in', ids)
      const owned = query.where('account_id', '=', accountId).where('region_id', '=', regionId)
      return idsOf(await owned.orderBy('vswitch_id').forKeyShare().execute())
    }
    case 'routetable': {
      const query = t.selectFrom('vpc.route_tables').select('route_table_id as id').where('route_table_id', 'in', ids)
      const owned = query.where('account_id', '=', accountId).where('region_id', '=', regionId)
      return idsOf(await owned.orderBy('route_table_id').forKeyShare().execute())
    }
  }
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map((row) => row.id)
}
