import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { describeUser } from '../answers.ts'
import { parseName, parseText } from '../domain/parameters.ts'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { updateUser } from '../tables/users.ts'
import { violatesUnique } from '../tables/violations.ts'

/** Changes what is given of a user, the name included. */
export const UpdateUser = write(contract.UpdateUser, {
  permission: 'ram:UpdateUser',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName, 'update')
    const given = (parameter: string, value: string | undefined, max: number, now: string): string =>
      value === undefined ? now : parseText(parameter, value, max)
    const changed = {
      ...user,
      user_name: request.NewUserName ? parseName('UserName', request.NewUserName, 'NewUserName') : user.user_name,
      display_name: given('NewDisplayName', request.NewDisplayName, 128, user.display_name),
      email: given('NewEmail', request.NewEmail, 256, user.email),
      mobile_phone: given('NewMobilePhone', request.NewMobilePhone, 64, user.mobile_phone),
      comments: given('NewComments', request.NewComments, 128, user.comments),
      updated_at: ctx.clock.now(),
    }
    try {
      await updateUser(ctx.db, changed)
    } catch (error) {
      if (!violatesUnique(error, 'users_name')) throw error
      throw apiError(ramErrors['EntityAlreadyExists.User'], { name: changed.user_name })
    }
    await announceChange(ctx)
    return { User: describeUser(changed) }
  },
})
