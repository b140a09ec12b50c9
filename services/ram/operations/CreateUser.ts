import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { describeUser } from '../answers.ts'
import { newUserId } from '../domain/keys.ts'
import { limits } from '../domain/limits.ts'
import { parseName, parseText } from '../domain/parameters.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { lockAccount } from '../tables/accounts.ts'
import { countUsers, insertUser } from '../tables/users.ts'

/** Makes a user, who may do nothing yet. */
export const CreateUser = write(contract.CreateUser, {
  permission: 'ram:CreateUser',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const at = ctx.clock.now()
    const userName = parseName('UserName', request.UserName)
    const user = {
      user_id: newUserId(),
      account_id: ctx.accountId,
      user_name: userName,
      display_name: parseText('DisplayName', request.DisplayName, 128),
      email: parseText('Email', request.Email, 256),
      mobile_phone: parseText('MobilePhone', request.MobilePhone, 64),
      comments: parseText('Comments', request.Comments, 128),
      created_at: at,
      updated_at: at,
    }
    await lockAccount(ctx.db, ctx.accountId)
    if ((await countUsers(ctx.db, ctx.accountId)) >= limits.users) {
      throw apiError(ramErrors['LimitExceeded.User'], { limit: limits.users })
    }
    if (!(await insertUser(ctx.db, user))) throw apiError(ramErrors['EntityAlreadyExists.User'], { name: userName })
    return { User: describeUser(user) }
  },
})
