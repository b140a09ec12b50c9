import * as contract from '@pileus/contract/generated/sts'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { parseSessionName, parseSessionPolicy } from '../domain/assume-role.ts'
import { parseProviderArn } from '../domain/federated.ts'
import { stsErrors } from '../errors.ts'
import { openSession } from '../open-session.ts'
import { read } from '../operation.ts'
import { verifyAssertion } from '../saml-assertion.ts'
import { getFederatedRole } from '../trusted-role.ts'

/** Who signs nothing: strangers learn nothing of which providers an account has. */
const nobody = { issuer: '', certificates: [] }

/** Opens a session of a role for whom a SAML provider vouches. Nobody signs: the assertion is what proves who asks. */
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
    return {
      ...openSession(ctx, role, { sessionName, sessionPolicy, askedSeconds, isChained: false }),
      SAMLAssertionInfo: {
        Issuer: claims.issuer,
        Recipient: claims.recipient,
        Subject: claims.subject,
        SubjectType: claims.subjectType,
      },
    }
  },
})

function plain(arn: string | undefined): string {
  return (arn ?? '').replace(/^acs:ram:\*:/, 'acs:ram::')
}
