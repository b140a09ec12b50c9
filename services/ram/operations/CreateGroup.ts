import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { describeGroup } from '../answers.ts'
import { limits } from '../domain/limits.ts'
import { parseName, parseText } from '../domain/parameters.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { lockAccount } from '../tables/accounts.ts'
import { countGroups, insertGroup } from '../tables/groups.ts'

/** Makes a group of users. */
export const CreateGroup = write(contract.CreateGroup, {
  permission: 'ram:CreateGroup',
  resources: (request) => [`group/${request.GroupName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const at = ctx.clock.now()
    const group = {
      group_id: newResourceId('g'),
      account_id: ctx.accountId,
      group_name: parseName('GroupName', request.GroupName),
      comments: parseText('Comments', request.Comments, 128),
      created_at: at,
      updated_at: at,
    }
    await lockAccount(ctx.db, ctx.accountId)
    if ((await countGroups(ctx.db, ctx.accountId)) >= limits.groups) {
      throw apiError(ramErrors['LimitExceeded.Group'], { limit: limits.groups })
    }
    if (!(await insertGroup(ctx.db, group))) {
      throw apiError(ramErrors['EntityAlreadyExists.Group'], { name: group.group_name })
    }
    return { Group: describeGroup(group) }
  },
})
