import * as contract from '@pileus/contract/generated/ims'
import { cutPage, parseMarkerPage } from '@pileus/kernel/marker-pages'
import { describeOidcProvider } from '../answers.ts'
import { read } from '../operation.ts'
import { listOidcProviders } from '../tables/providers.ts'

/** Providers of the account, oldest first. */
export const ListOIDCProviders = read(contract.ListOIDCProviders, {
  permission: 'ims:ListOIDCProviders',
  resources: () => ['oidc-provider/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = parseMarkerPage(request)
    const found = await listOidcProviders(ctx.db, ctx.accountId, page)
    const { items, paging } = cutPage(found, page, (row) => ({ at: row.created_at, id: row.name }))
    return { OIDCProviders: { OIDCProvider: items.map(describeOidcProvider) }, ...paging }
  },
})
