// What this cloud adds to RAM. The vendor shows simulations in its console only, and has no action for them.
const ours = 'docs/extensions.md'

const statement = {
  PolicyType: 'string',
  PolicyName: 'string',
  PolicyVersion: 'string',
  AttachedEntityType: 'string',
  StatementIndex: 'number',
}

export default {
  product: 'Ram',
  version: '2015-05-01',
  actions: {
    SimulatePrincipalPolicy: {
      source: ours,
      request: {
        PrincipalArn: 'string!',
        ActionName: 'string!',
        ResourceArns: ['string'],
        SessionPolicy: 'string',
        ConditionEntries: [{ Key: 'string!', Value: 'string!' }],
      },
      response: {
        RequestId: 'string',
        Decision: 'string',
        Reason: 'string',
        DecidingResource: 'string',
        MatchedStatement: statement,
      },
    },
  },
}
