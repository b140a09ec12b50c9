import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { describeGroup } from '../answers.ts'
import { parseName, parseText } from '../domain/parameters.ts'
import { getGroup } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { updateGroup } from '../tables/groups.ts'
import { violatesUnique } from '../tables/violations.ts'

/** Changes what is given of a group, the name included. */
export const UpdateGroup = write(contract.UpdateGroup, {
  permission: 'ram:UpdateGroup',
  resources: (request) => [`group/${request.GroupName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const group = await getGroup(ctx, request.GroupName, 'update')
    const { NewGroupName: newName, NewComments: newComments } = request
    const changed = {
      ...group,
      group_name: newName ? parseName('GroupName', newName, 'NewGroupName') : group.group_name,
      comments: newComments === undefined ? group.comments : parseText('NewComments', newComments, 128),
      updated_at: ctx.clock.now(),
    }
    try {
      await updateGroup(ctx.db, changed)
    } catch (error) {
      if (!violatesUnique(error, 'groups_name')) throw error
      throw apiError(ramErrors['EntityAlreadyExists.Group'], { name: changed.group_name })
    }
    return { Group: describeGroup(changed) }
  },
})
