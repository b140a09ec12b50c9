import * as contract from '@pileus/contract/generated/ram'
import { cutPage, parseMarkerPage } from '@pileus/kernel/marker-pages'
import { describeGroup } from '../answers.ts'
import { read } from '../operation.ts'
import { listGroups } from '../tables/groups.ts'

/** Groups of the account, oldest first. */
export const ListGroups = read(contract.ListGroups, {
  permission: 'ram:ListGroups',
  resources: () => ['group/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = parseMarkerPage(request)
    const found = await listGroups(ctx.db, ctx.accountId, page)
    const { items, paging } = cutPage(found, page, (group) => ({ at: group.created_at, id: group.group_id }))
    return { Groups: { Group: items.map(describeGroup) }, ...paging }
  },
})
