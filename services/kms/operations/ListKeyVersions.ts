import * as contract from '@pileus/contract/generated/kms'
import { isoSeconds } from '@pileus/kernel/clock'
import { keyResource } from '../domain/key-ref.ts'
import { parseNumberedPage } from '../domain/listing.ts'
import { getKey } from '../keys.ts'
import { read } from '../operation.ts'
import { listKeyVersions } from '../tables/keys.ts'

/** Versions of a key, newest first, a page at a time. */
export const ListKeyVersions = read(contract.ListKeyVersions, {
  permission: 'kms:ListKeyVersions',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parseNumberedPage(request)
    const key = await getKey(ctx, request.KeyId)
    const { versions, total } = await listKeyVersions(ctx.db, key.key_id, page)
    return {
      KeyVersions: {
        KeyVersion: versions.map((version) => ({
          KeyId: key.key_id,
          KeyVersionId: version.version_id,
          CreationDate: isoSeconds(version.created_at),
        })),
      },
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      TotalCount: total,
    }
  },
})
