import * as contract from '@pileus/contract/generated/ram'
import { isoSeconds } from '@pileus/kernel/clock'
import { roleArn } from '../answers.ts'
import { lockPolicyRef, parsePolicyRef } from '../entities.ts'
import { read } from '../operation.ts'
import { listEntitiesOfPolicy } from '../tables/attachments.ts'
import type { EntityType } from '../tables/schema.ts'

/** Users, groups and roles that have a policy. */
export const ListEntitiesForPolicy = read(contract.ListEntitiesForPolicy, {
  permission: 'ram:ListEntitiesForPolicy',
  resources: (request) => [`policy/${request.PolicyName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const policy = parsePolicyRef(request)
    await lockPolicyRef(ctx, policy)
    const entities = await listEntitiesOfPolicy(ctx.db, ctx.accountId, policy)
    const of = (type: EntityType) => entities.filter((entity) => entity.type === type)
    return {
      Users: {
        User: of('user').map((user) => ({
          UserId: user.id,
          UserName: user.name,
          DisplayName: user.about,
          AttachDate: isoSeconds(user.attachedAt),
        })),
      },
      Groups: {
        Group: of('group').map((group) => ({
          GroupName: group.name,
          Comments: group.about,
          AttachDate: isoSeconds(group.attachedAt),
        })),
      },
      Roles: {
        Role: of('role').map((role) => ({
          RoleId: role.id,
          RoleName: role.name,
          Arn: roleArn(ctx.accountId, role.name),
          Description: role.about,
          AttachDate: isoSeconds(role.attachedAt),
        })),
      },
    }
  },
})
