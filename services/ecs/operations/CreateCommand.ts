import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { setTags } from '@pileus/kernel/tags'
import { planCommand } from '../domain/commands.ts'
import { tagsOf } from '../domain/tag-parameters.ts'
import { commandRow } from '../invoke.ts'
import { write } from '../operation.ts'
import { insertCommand } from '../tables/commands.ts'

export const CreateCommand = write(contract.CreateCommand, {
  permission: 'ecs:CreateCommand',
  resources: () => ['command/*'],
  places: (_request, regionId) => regionId,
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    if (!request.Name) throw apiError(commonErrors.MissingParameter, { parameter: 'Name' })
    const command = planCommand(request, 'Base64')
    const tags = tagsOf(request.Tag)
    const commandId = newResourceId('c')
    await insertCommand(ctx.db, commandRow(ctx, commandId, command, true))
    const owner = { accountId: ctx.accountId, regionId: ctx.regionId, product: 'ecs', resourceType: 'command' }
    await setTags(ctx.db, owner, [commandId], tags)
    return { CommandId: commandId }
  },
})
