import * as contract from '@pileus/contract/generated/kms'
import { isoSeconds } from '@pileus/kernel/clock'
import { parseNumberedPage } from '../domain/listing.ts'
import { isTrue } from '../domain/parameters.ts'
import { read } from '../operation.ts'
import { getSecret } from '../secrets.ts'
import { listSecretVersions } from '../tables/secrets.ts'

/** Versions of a secret and their stages, newest first. */
export const ListSecretVersionIds = read(contract.ListSecretVersionIds, {
  permission: 'kms:ListSecretVersionIds',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parseNumberedPage(request)
    const secret = await getSecret(ctx, request.SecretName)
    const all = await listSecretVersions(ctx.db, secret.secret_id)
    const versions = isTrue(request.IncludeDeprecated) ? all : all.filter((version) => version.stages.length > 0)
    const from = (page.pageNumber - 1) * page.pageSize
    return {
      SecretName: secret.secret_name,
      VersionIds: {
        VersionId: versions.slice(from, from + page.pageSize).map((version) => ({
          VersionId: version.version_id,
          CreateTime: isoSeconds(version.created_at),
          VersionStages: { VersionStage: version.stages },
        })),
      },
      PageNumber: page.pageNumber,
      PageSize: page.pageSize,
      TotalCount: versions.length,
    }
  },
})
