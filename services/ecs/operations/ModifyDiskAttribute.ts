import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { parseIdList } from '../domain/id-lists.ts'
import { checkDescription, nameFault } from '../domain/names.ts'
import { write } from '../operation.ts'
import { lockDisk, updateDisks } from '../tables/disks.ts'

export const ModifyDiskAttribute = write(contract.ModifyDiskAttribute, {
  permission: 'ecs:ModifyDiskAttribute',
  resources: (request) => [request.DiskId, ...(request.DiskIds ?? [])].flatMap((id) => (id ? [`disk/${id}`] : [])),
  places: 'nowhere',
  async run(ctx, request) {
    const refuse = (parameter: string, reason: Text) => {
      throw apiError(commonErrors.InvalidParameter, { parameter, reason })
    }
    const fault = request.DiskName ? nameFault(request.DiskName) : undefined
    if (fault) refuse('DiskName', fault)
    if (request.Description) checkDescription(request.Description)
    if (request.BurstingEnabled) refuse('BurstingEnabled', say`bursting is not offered.`)
    if (request.EnableAutoSnapshot) refuse('EnableAutoSnapshot', say`snapshots are not offered.`)
    const given = request.DiskId ? [request.DiskId] : request.DiskIds
    for (const diskId of parseIdList('DiskId', given, 100).sort()) {
      const disk = await lockDisk(ctx.db, ctx, diskId)
      if (request.DeleteWithInstance === false && disk.role === 'system') {
        refuse('DeleteWithInstance', say`system disks go with their instance.`)
      }
      await updateDisks(ctx.db, [disk.id], {
        delete_with_instance: request.DeleteWithInstance ?? disk.delete_with_instance,
        name: request.DiskName ?? disk.name,
        description: request.Description ?? disk.description,
      })
    }
    return {}
  },
})
