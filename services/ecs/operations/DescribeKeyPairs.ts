import * as contract from '@pileus/contract/generated/ecs'
import { isoMinutes } from '@pileus/kernel/clock'
import { parsePage } from '@pileus/kernel/pagination'
import { listTags } from '@pileus/kernel/tags'
import { tagFilterOf } from '../domain/tag-parameters.ts'
import { read } from '../operation.ts'
import { listKeyPairs } from '../tables/key-pairs.ts'
import { pageFields } from '../tables/paging.ts'

export const DescribeKeyPairs = read(contract.DescribeKeyPairs, {
  permission: 'ecs:DescribeKeyPairs',
  resources: (request) => [`keypair/${request.KeyPairName || '*'}`],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage(
      { PageNumber: request.PageNumber, PageSize: request.PageSize },
      { defaultSize: 10, maxSize: 50 },
    )
    const listed = await listKeyPairs(
      ctx.db,
      ctx,
      {
        name: request.KeyPairName,
        fingerprint: request.KeyPairFingerPrint,
        resourceGroupId: request.ResourceGroupId,
        tags: tagFilterOf(request.Tag),
      },
      page,
    )
    const ids = listed.rows.map((row) => row.id)
    const tags = await listTags(ctx.db, { product: 'ecs', resourceType: 'keypair' }, ids)
    return {
      KeyPairs: {
        KeyPair: listed.rows.map((row) => ({
          KeyPairName: row.name,
          KeyPairFingerPrint: row.fingerprint,
          CreationTime: isoMinutes(row.created_at),
          ResourceGroupId: row.resource_group_id,
          ...(request.IncludePublicKey ? { PublicKey: row.public_key } : {}),
          Tags: { Tag: (tags.get(row.id) ?? []).map((tag) => ({ TagKey: tag.key, TagValue: tag.value })) },
        })),
      },
      ...pageFields(page, listed),
    }
  },
})
