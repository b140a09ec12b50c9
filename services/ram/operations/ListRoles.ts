import * as contract from '@pileus/contract/generated/ram'
import { cutPage, parseMarkerPage } from '@pileus/kernel/marker-pages'
import { describeRole } from '../answers.ts'
import { read } from '../operation.ts'
import { listRoles } from '../tables/roles.ts'
import { describeTags, parseTagFilters } from '../tagging.ts'

/** Roles of the account, oldest first. */
export const ListRoles = read(contract.ListRoles, {
  permission: 'ram:ListRoles',
  resources: () => ['role/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = parseMarkerPage(request)
    const found = await listRoles(ctx.db, ctx.accountId, parseTagFilters(request.Tag), page)
    const { items, paging } = cutPage(found, page, (role) => ({ at: role.created_at, id: role.role_id }))
    const tags = await describeTags(
      ctx.db,
      'role',
      items.map((role) => role.role_id),
    )
    const roles = items.map((role) => ({ ...describeRole(role), Tags: { Tag: tags(role.role_id) } }))
    return { Roles: { Role: roles }, ...paging }
  },
})
