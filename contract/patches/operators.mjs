// Operators 2026-10-01 is ours: the vendor has no API for the companies that run its regions.

const source = 'services/operators/README.md'

const operator = {
  OperatorId: 'string',
  Form: 'string',
  Brand: 'string',
  SeatRegionId: 'string',
  RegionIds: { RegionId: ['string'] },
  SupportLanguages: { SupportLanguage: ['string'] },
  SupportHours: { Urgent: 'string', Ordinary: 'string', TimeZone: 'string' },
}
const access = {
  EmergencyAccessId: 'string',
  AccountId: 'string',
  RegionId: 'string',
  Reason: 'string',
  Status: 'string',
  RequestedBy: 'string',
  RequestedByOperator: 'string',
  RequestTime: 'string',
  DecidedBy: 'string',
  DecidedByOperator: 'string',
  DecisionTime: 'string',
  EndedBy: 'string',
  DurationMinutes: 'number',
  ExpireTime: 'string',
}
const customer = {
  AccountId: 'string',
  OperatorId: 'string',
  IdentityStatus: 'string',
  IdentityReference: 'string',
  CreateTime: 'string',
}
const filing = {
  Domain: 'string',
  Jurisdiction: 'string',
  FilingNumber: 'string',
  AccountId: 'string',
  OperatorId: 'string',
  CreateTime: 'string',
}
const id = { EmergencyAccessId: 'string!' }
const done = { RequestId: 'string' }
const page = { NextToken: 'string', MaxResults: 'number' }

const actions = {
  DescribeOperators: { request: { OperatorId: 'string' }, response: { ...done, Operators: { Operator: [operator] } } },
  CreateCustomer: {
    request: { IdentityReference: 'string', ClientToken: 'string' },
    response: { ...done, AccountId: 'string', AccessKeyId: 'string', AccessKeySecret: 'string' },
  },
  ListCustomers: { request: page, response: { ...done, NextToken: 'string', Customers: { Customer: [customer] } } },
  SetCustomerIdentity: {
    request: { AccountId: 'string!', IdentityStatus: 'string!', IdentityReference: 'string' },
    response: done,
  },
  GetIdentityStatus: { request: {}, response: { ...done, Customer: customer } },
  RegisterWebsiteFiling: {
    request: { AccountId: 'string!', Domain: 'string!', Jurisdiction: 'string!', FilingNumber: 'string!' },
    response: done,
  },
  RemoveWebsiteFiling: { request: { Domain: 'string!', Jurisdiction: 'string!' }, response: done },
  ListWebsiteFilings: { request: page, response: { ...done, NextToken: 'string', Filings: { Filing: [filing] } } },
  RequestEmergencyAccess: {
    request: { AccountId: 'string!', RegionId: 'string!', Reason: 'string!', DurationMinutes: 'number' },
    response: { ...done, EmergencyAccess: access },
  },
  ApproveEmergencyAccess: { request: id, response: { ...done, EmergencyAccess: access } },
  RejectEmergencyAccess: { request: id, response: { ...done, EmergencyAccess: access } },
  RevokeEmergencyAccess: { request: id, response: { ...done, EmergencyAccess: access } },
  OpenEmergencySession: {
    request: id,
    response: {
      ...done,
      Credentials: { AccessKeyId: 'string', AccessKeySecret: 'string', SecurityToken: 'string', Expiration: 'string' },
    },
  },
  ListEmergencyAccesses: {
    request: { ...page, Status: 'string' },
    response: { ...done, NextToken: 'string', EmergencyAccesses: { EmergencyAccess: [access] } },
  },
}

export default {
  product: 'Operators',
  version: '2026-10-01',
  actions: Object.fromEntries(Object.entries(actions).map(([name, shapes]) => [name, { source, ...shapes }])),
}
