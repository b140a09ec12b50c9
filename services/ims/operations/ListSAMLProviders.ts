import * as contract from '@pileus/contract/generated/ims'
import { cutPage, parseMarkerPage } from '@pileus/kernel/marker-pages'
import { describeSamlProvider } from '../answers.ts'
import { read } from '../operation.ts'
import { listSamlProviders } from '../tables/providers.ts'

/** Providers of the account, oldest first. */
export const ListSAMLProviders = read(contract.ListSAMLProviders, {
  permission: 'ims:ListSAMLProviders',
  resources: () => ['saml-provider/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = parseMarkerPage(request)
    const found = await listSamlProviders(ctx.db, ctx.accountId, page)
    const { items, paging } = cutPage(found, page, (row) => ({ at: row.created_at, id: row.name }))
    return { SAMLProviders: { SAMLProvider: items.map(describeSamlProvider) }, ...paging }
  },
})
