/** Users by the names of this API: `<user name>@<account or alias>.onaliyun.com`. */

import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { imsErrors } from './errors.ts'
import type { ImsContext } from './operation.ts'

const suffix = '.onaliyun.com'

/** The domain that answers give: of the alias, where the account has one. */
export async function findDomain(ctx: ImsContext): Promise<string> {
  return `${(await ctx.ram.findAccountAlias(ctx.db, ctx.accountId)) ?? ctx.accountId}${suffix}`
}

/** The name that RAM has for the user; of the account's own domains. @throws InvalidParameter.UserPrincipalName */
export async function parseUserName(ctx: ImsContext, value: string | undefined): Promise<string> {
  const [, name, domain] = /^([^@]*)@([^@]+)$/.exec(value ?? '') ?? []
  const own = await findDomain(ctx)
  if (name !== undefined && (domain === own || domain === ctx.accountId + suffix)) return name
  throw apiError(imsErrors['InvalidParameter.UserPrincipalName'], { domain: own, value: value ?? '' })
}

/** As `parseUserName`, of a user who may not be named: then it is the caller. */
export async function parseOptionalUserName(ctx: ImsContext, value: string | undefined): Promise<string | undefined> {
  return value === undefined || value === '' ? undefined : await parseUserName(ctx, value)
}

/** Of a user who is named, or told by id or access key. @throws MissingParameter, EntityNotExist.User */
export async function findNamedUser(
  ctx: ImsContext,
  request: {
    UserPrincipalName?: string | undefined
    UserId?: string | undefined
    UserAccessKeyId?: string | undefined
  },
): Promise<string> {
  if (request.UserPrincipalName) return await parseUserName(ctx, request.UserPrincipalName)
  const by = request.UserId
    ? { userId: request.UserId }
    : request.UserAccessKeyId
      ? { accessKeyId: request.UserAccessKeyId }
      : undefined
  if (!by) throw apiError(commonErrors.MissingParameter, { parameter: 'UserPrincipalName' })
  const name = await ctx.ram.findUserName(ctx.db, ctx.accountId, by)
  if (name === undefined) throw apiError(imsErrors['EntityNotExist.User'], { value: Object.values(by)[0] ?? '' })
  return name
}

/** A user as RAM describes it, in the words of this API. */
export function describeUser<User extends { UserName?: string | undefined }>(user: User | undefined, domain: string) {
  const { UserName, ...rest } = user ?? ({} as User)
  return { ...rest, UserPrincipalName: `${UserName ?? ''}@${domain}`, ProvisionType: 'Manual' }
}

/** The part of an ARN for the user that a request names; `*` where it names none. */
export function userResource(request: { UserPrincipalName?: string | undefined }): string[] {
  return [`user/${request.UserPrincipalName?.replace(/@.*$/, '') || '*'}`]
}

/** RAM keeps no display names of groups. @throws InvalidParameter */
export function refuseDisplayName(parameter: string, value: string | undefined): void {
  if (!value) return
  throw apiError(commonErrors.InvalidParameter, { parameter, reason: say`this cloud names groups by GroupName alone.` })
}

/** Login profiles here are in use while they are there. @throws InvalidParameter */
export function refuseInactive(status: string | undefined): void {
  if (status === undefined || status === '' || status === 'Active') return
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'Status',
    reason: say`a login profile is Active; delete it to keep its user out.`,
  })
}
