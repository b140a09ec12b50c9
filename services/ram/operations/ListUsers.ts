import * as contract from '@pileus/contract/generated/ram'
import { cutPage, parseMarkerPage } from '@pileus/kernel/marker-pages'
import { describeUser } from '../answers.ts'
import { read } from '../operation.ts'
import { listUsers } from '../tables/users.ts'

/** Users of the account, oldest first. */
export const ListUsers = read(contract.ListUsers, {
  permission: 'ram:ListUsers',
  resources: () => ['user/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = parseMarkerPage(request)
    const found = await listUsers(ctx.db, ctx.accountId, page)
    const { items, paging } = cutPage(found, page, (user) => ({ at: user.created_at, id: user.user_id }))
    return { Users: { User: items.map(describeUser) }, ...paging }
  },
})
