import { createHash } from 'node:crypto'
import * as contract from '@pileus/contract/generated/sts'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { claimOnce } from '@pileus/kernel/nonces'
import { parseSessionName, parseSessionPolicy } from '../domain/assume-role.ts'
import { parseProviderArn } from '../domain/federated.ts'
import { stsErrors } from '../errors.ts'
import { openSession } from '../open-session.ts'
import { read } from '../operation.ts'
import { verifyAssertion } from '../saml-assertion.ts'
import { getFederatedRole } from '../trusted-role.ts'

/** Who signs nothing: strangers learn nothing of which providers an account has. */
const nobody = { issuer: '', certificates: [] }

/**
 * Opens a session of a role for whom a SAML provider vouches. Nobody signs: the assertion is what proves who asks, and
 * it does so once. The session is made before the assertion is used up, so that a request that is wrong in another way
 * can be mended.
 */
export const AssumeRoleWithSAML = read(contract.AssumeRoleWithSAML, {
  permission: { anonymous: true },
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const ref = parseProviderArn('saml', request.SAMLProviderArn)
    const sessionPolicy = parseSessionPolicy(request.Policy, ctx.ram.checkPolicy)
    const encoded = request.SAMLAssertion
    if (!encoded) throw apiError(commonErrors.MissingParameter, { parameter: 'SAMLAssertion' })
    const provider = await ctx.ims.findSamlProvider(ctx.db, ref.accountId, ref.name)
    const claims = verifyAssertion(provider ?? nobody, encoded, ctx.clock.now())
    const isNamed = claims.roles.some((one) => one.roleArn === plain(request.RoleArn) && one.providerArn === ref.arn)
    if (!isNamed) {
      const reason = `its Role attribute does not name ${request.RoleArn} with ${ref.arn}.`
      throw apiError(stsErrors['AuthenticationFail.SAMLAssertion.Invalid'], { reason })
    }
    const role = await getFederatedRole(ctx, request.RoleArn, ref.arn, {
      'saml:recipient': claims.recipient,
      'saml:sub': claims.subject,
    })
    const askedSeconds = request.DurationSeconds ?? claims.sessionSeconds
    const sessionName = parseSessionName(claims.sessionName)
    const session = openSession(ctx, role, { sessionName, sessionPolicy, askedSeconds, isChained: false })
    if (!(await claimOnce(ctx.db, `saml ${ref.arn}`, digestOf(claims.id), claims.endsAt))) {
      const reason = say`it has been used before. Sign in again.`
      throw apiError(stsErrors['AuthenticationFail.SAMLAssertion.Invalid'], { reason })
    }
    return {
      ...session,
      SAMLAssertionInfo: {
        Issuer: claims.issuer,
        Recipient: claims.recipient,
        Subject: claims.subject,
        SubjectType: claims.subjectType,
      },
    }
  },
})

/** Ids may be of any length. */
function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64')
}

function plain(arn: string | undefined): string {
  return (arn ?? '').replace(/^acs:ram:\*:/, 'acs:ram::')
}
