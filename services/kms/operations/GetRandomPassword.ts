import * as contract from '@pileus/contract/generated/kms'
import { makePassword, parsePasswordRules } from '../domain/random-password.ts'
import { read } from '../operation.ts'

/** A random password of the characters asked for. */
export const GetRandomPassword = read(contract.GetRandomPassword, {
  permission: 'kms:GetRandomPassword',
  places: 'nowhere',
  async run(_ctx, request) {
    return { RandomPassword: makePassword(parsePasswordRules(request)) }
  },
})
