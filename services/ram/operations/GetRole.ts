import * as contract from '@pileus/contract/generated/ram'
import { describeRole } from '../answers.ts'
import { getRole } from '../entities.ts'
import { read } from '../operation.ts'

/** A role by name, with its trust policy. */
export const GetRole = read(contract.GetRole, {
  permission: 'ram:GetRole',
  resources: (request) => [`role/${request.RoleName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const role = await getRole(ctx, request.RoleName)
    return { Role: { ...describeRole(role), AssumeRolePolicyDocument: role.trust_policy } }
  },
})
