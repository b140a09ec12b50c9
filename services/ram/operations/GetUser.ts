import * as contract from '@pileus/contract/generated/ram'
import { describeUser } from '../answers.ts'
import { getUser } from '../entities.ts'
import { read } from '../operation.ts'

/** A user by name. */
export const GetUser = read(contract.GetUser, {
  permission: 'ram:GetUser',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return { User: { ...describeUser(await getUser(ctx, request.UserName)), LastLoginDate: '' } }
  },
})
