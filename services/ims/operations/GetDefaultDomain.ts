import * as contract from '@pileus/contract/generated/ims'
import { read } from '../operation.ts'
import { findDomain } from '../user-names.ts'

/** The domain of user names: of the alias, where the account has one. */
export const GetDefaultDomain = read(contract.GetDefaultDomain, {
  permission: 'ims:GetDefaultDomain',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    return { DefaultDomainName: await findDomain(ctx) }
  },
})
