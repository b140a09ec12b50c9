import * as contract from '@pileus/contract/generated/ecs'
import { isoSeconds } from '@pileus/kernel/clock'
import { parsePage } from '@pileus/kernel/pagination'
import { listTags } from '@pileus/kernel/tags'
import { encodeContent, parameterNames } from '../domain/commands.ts'
import { tagFilterOf } from '../domain/tag-parameters.ts'
import { read } from '../operation.ts'
import { listCommands } from '../tables/commands.ts'
import { pageFields } from '../tables/paging.ts'

/** Commands of the account; there are no public ones. */
export const DescribeCommands = read(contract.DescribeCommands, {
  permission: 'ecs:DescribeCommands',
  resources: (request) => [`command/${request.CommandId || '*'}`],
  places: 'nowhere',
  async run(ctx, request) {
    const page = parsePage(request, { defaultSize: 10, maxSize: 50 })
    const isPublic = Boolean(request.Provider) && request.Provider !== 'User'
    const listed = await listCommands(
      ctx.db,
      ctx,
      {
        id: isPublic ? 'none' : request.CommandId,
        name: request.Name,
        description: request.Description,
        type: request.Type,
        resourceGroupId: request.ResourceGroupId,
        tags: tagFilterOf(request.Tag),
      },
      page,
    )
    const ids = listed.rows.map((row) => row.id)
    const tags = await listTags(ctx.db, { product: 'ecs', resourceType: 'command' }, ids)
    return {
      Commands: {
        Command: listed.rows.map((row) => ({
          CommandId: row.id,
          Name: row.name,
          Description: row.description,
          Type: row.type,
          CommandContent: encodeContent(row.content, request.ContentEncoding),
          WorkingDir: row.working_dir,
          Timeout: row.timeout_s,
          EnableParameter: row.enable_parameter,
          ParameterNames: { ParameterName: row.enable_parameter ? parameterNames(row.content) : [] },
          ParameterDefinitions: { ParameterDefinition: [] },
          Provider: 'User',
          Category: '',
          Latest: true,
          Version: 1,
          InvokeTimes: row.invoke_times,
          CreationTime: isoSeconds(row.created_at),
          ResourceGroupId: row.resource_group_id,
          Tags: { Tag: (tags.get(row.id) ?? []).map((tag) => ({ TagKey: tag.key, TagValue: tag.value })) },
        })),
      },
      ...pageFields(page, listed),
    }
  },
})
