import { commonErrors, errorCatalogue } from '@pileus/kernel/errors'

/** Codes of the operators' own API; the vendor has none. */
export const errors = {
  InvalidParameter: commonErrors.InvalidParameter,
  InvalidRegionId: commonErrors['InvalidRegionId.NotFound'],
  ...errorCatalogue({
    'Forbidden.NotOperator': [403, 'Only the company that runs a region may do this, and your account is none.'],
    'Forbidden.OtherOperator': [
      403,
      'The region {regionId} is run by the operator "{operator}"; only its own administrators may do this.',
    ],
    'Forbidden.NoPerson': [
      403,
      'Emergency access names the people who ask and approve: use the access key of a RAM user of your operator.',
    ],
    'Forbidden.SamePerson': [
      403,
      'Emergency access needs two persons: who requested it cannot approve it. Ask another administrator of "{operator}".',
    ],
    'Forbidden.NotRequester': [403, 'Only {requester}, who requested this access, may use it.'],
    'Forbidden.Residency': [403, 'The law does not allow this access from {regionId}: {reason}'],
    'EntityNotExist.Operator': [404, 'There is no operator "{operatorId}". There are: {known}.'],
    'EntityNotExist.Account': [404, 'Your operator has no customer {accountId}.'],
    'EntityNotExist.Filing': [404, 'Your operator has registered no filing of {domain} in {jurisdiction}.'],
    'EntityNotExist.EmergencyAccess': [404, 'There is no emergency access "{id}".'],
    'EntityAlreadyExist.Filing': [409, 'The domain {domain} has a filing in {jurisdiction} already; remove it first.'],
    'IncorrectStatus.EmergencyAccess': [409, 'The emergency access {id} is {status}, and must be {wanted} for this.'],
  }),
}
