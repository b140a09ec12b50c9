import * as contract from '@pileus/contract/generated/sts'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { parseSessionName, parseSessionPolicy } from '../domain/assume-role.ts'
import { parseProviderArn } from '../domain/federated.ts'
import { openSession } from '../open-session.ts'
import { read } from '../operation.ts'
import { getFederatedRole } from '../trusted-role.ts'

/** Whose tokens there are none of: strangers learn nothing of which providers an account has. */
const nobody = { issuerUrl: '', clientIds: [], fingerprints: [], issuanceLimitHours: 1 }

/** Opens a session of a role for whom an OIDC issuer vouches. Nobody signs: the token is what proves who asks. */
export const AssumeRoleWithOIDC = read(contract.AssumeRoleWithOIDC, {
  permission: { anonymous: true },
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const ref = parseProviderArn('oidc', request.OIDCProviderArn)
    const sessionName = parseSessionName(request.RoleSessionName ?? '')
    const sessionPolicy = parseSessionPolicy(request.Policy, ctx.ram.checkPolicy)
    const token = request.OIDCToken
    if (!token) throw apiError(commonErrors.MissingParameter, { parameter: 'OIDCToken' })
    const provider = await ctx.ims.findOidcProvider(ctx.db, ref.accountId, ref.name)
    const claims = await ctx.oidc.verify(provider ?? nobody, token)
    const role = await getFederatedRole(ctx, request.RoleArn, ref.arn, {
      'oidc:iss': claims.issuer,
      'oidc:sub': claims.subject,
      'oidc:aud': claims.audiences,
    })
    const askedSeconds = request.DurationSeconds
    return {
      ...openSession(ctx, role, { sessionName, sessionPolicy, askedSeconds, isChained: false }),
      OIDCTokenInfo: {
        Issuer: claims.issuer,
        Subject: claims.subject,
        ClientIds: claims.audiences.join(','),
        IssuanceTime: isoSeconds(claims.issuedAt),
        ExpirationTime: isoSeconds(claims.expiresAt),
        VerificationInfo: 'Success',
      },
    }
  },
})
