import * as contract from '@pileus/contract/generated/kms'
import { listTags } from '@pileus/kernel/tags'
import { keyResource } from '../domain/key-ref.ts'
import { getKey } from '../keys.ts'
import { read } from '../operation.ts'
import { keyTags } from '../tagging.ts'

/** Tags of a key. */
export const ListResourceTags = read(contract.ListResourceTags, {
  permission: 'kms:ListResourceTags',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId)
    const tags = (await listTags(ctx.db, keyTags(ctx), [key.key_id])).get(key.key_id) ?? []
    return {
      Tags: { Tag: tags.map((tag) => ({ KeyId: key.key_id, TagKey: tag.key, TagValue: tag.value })) },
    }
  },
})
