import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { cutPage, parseMarkerPage } from '@pileus/kernel/marker-pages'
import { describePolicy, describeSystemPolicy } from '../answers.ts'
import { listSystemPolicies, systemPoliciesSince } from '../domain/system-policies.ts'
import { ramErrors } from '../errors.ts'
import { read } from '../operation.ts'
import { countAttachments } from '../tables/attachments.ts'
import { listPolicies } from '../tables/policies.ts'
import { describeTags, parseTagFilters } from '../tagging.ts'

/** Begins the ids of system policies in markers. */
const systemMark = 'system:'

/** Custom policies of the account, oldest first, then the system's. */
export const ListPolicies = read(contract.ListPolicies, {
  permission: 'ram:ListPolicies',
  resources: () => ['policy/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { PolicyType: type } = request
    if (type !== undefined && type !== '' && type !== 'System' && type !== 'Custom') {
      throw apiError(ramErrors['InvalidParameter.PolicyType'], { value: type })
    }
    const page = parseMarkerPage(request)
    const filters = parseTagFilters(request.Tag)
    // Custom policies come first; system ones, which carry no tags, follow by name.
    const after = page.after?.id.startsWith(systemMark) ? page.after.id.slice(systemMark.length) : undefined
    const isPastCustom = type === 'System' || after !== undefined
    const custom = isPastCustom ? [] : await listPolicies(ctx.db, ctx.accountId, filters, page)
    const hasSystem = type !== 'Custom' && filters.length === 0 && custom.length <= page.limit
    const system = hasSystem ? listSystemPolicies().filter((policy) => after === undefined || policy.name > after) : []
    const tags = await describeTags(
      ctx.db,
      'policy',
      custom.map((policy) => policy.policy_id),
    )
    const all = [
      ...custom.map((row) => ({
        key: { at: row.created_at, id: row.policy_id },
        policy: { ...describePolicy(row), Tags: { Tag: tags(row.policy_id) } },
      })),
      ...system.map((policy) => ({
        key: { at: systemPoliciesSince, id: `${systemMark}${policy.name}` },
        policy: { ...describeSystemPolicy(policy), Tags: { Tag: [] } },
      })),
    ]
    const { items, paging } = cutPage(all, page, (item) => item.key)
    const names = items.map(({ policy }) => policy.PolicyName)
    const attached = await countAttachments(ctx.db, ctx.accountId, names)
    const policies = items.map(({ policy }) => ({
      ...policy,
      AttachmentCount: attached.get(`${policy.PolicyType}/${policy.PolicyName}`) ?? 0,
    }))
    return { Policies: { Policy: policies }, ...paging }
  },
})
