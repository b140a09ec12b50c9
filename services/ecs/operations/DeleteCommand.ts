import * as contract from '@pileus/contract/generated/ecs'
import { removeTags } from '@pileus/kernel/tags'
import { write } from '../operation.ts'
import { getCommand, removeCommand } from '../tables/commands.ts'

/** What it did stays in DescribeInvocations. */
export const DeleteCommand = write(contract.DeleteCommand, {
  permission: 'ecs:DeleteCommand',
  resources: (request) => [`command/${request.CommandId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const command = await getCommand(ctx.db, ctx, request.CommandId)
    await removeCommand(ctx.db, command.id)
    await removeTags(ctx.db, { product: 'ecs', resourceType: 'command' }, [command.id], 'all')
    return {}
  },
})
