import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { parseAliasName } from '../domain/key-ref.ts'
import { kmsErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { deleteAlias } from '../tables/aliases.ts'

/** Takes a name from a key; the key stays. */
export const DeleteAlias = write(contract.DeleteAlias, {
  permission: 'kms:DeleteAlias',
  resources: (request) => [request.AliasName],
  places: 'nowhere',
  async run(ctx, request) {
    const aliasName = parseAliasName(request.AliasName)
    if (!(await deleteAlias(ctx.db, ctx, aliasName))) {
      throw apiError(kmsErrors['Forbidden.AliasNotFound'], { aliasName })
    }
    return {}
  },
})
