// Residency 2026-11-01 is ours: the vendor has no API for where law lets data be.

const source = 'services/residency/README.md'

const done = { RequestId: 'string' }
const page = { NextToken: 'string', MaxResults: 'number' }
const declaration = { ResourceArn: 'string', DataClass: 'string', Origin: 'string', CreateTime: 'string' }
const need = { Need: 'string', StatuteId: 'string', Description: 'string', Options: { Option: ['string'] } }
const statute = {
  StatuteId: 'string',
  Title: 'string',
  Citation: 'string',
  Status: 'string',
  Confidence: 'string',
  Decision: 'string',
  Needs: { Need: [need] },
}
const decision = {
  DecisionId: 'string',
  Action: 'string',
  Caller: 'string',
  FromRegionId: 'string',
  RegionId: 'string',
  Resource: 'string',
  Decision: 'string',
  OnDate: 'string',
  DataClasses: { DataClass: ['string'] },
  Facts: 'string',
  Statutes: { StatuteId: ['string'] },
  Needs: { Need: ['string'] },
  Times: 'number',
  FirstTime: 'string',
  LastTime: 'string',
  LastRequestId: 'string',
}

const actions = {
  TagDataClasses: {
    request: { DataClass: { $required: ['string'] }, ResourceArn: 'string', Origin: 'string' },
    response: done,
  },
  UntagDataClasses: { request: { DataClass: { $required: ['string'] }, ResourceArn: 'string' }, response: done },
  ListDataClasses: {
    request: { ...page, ResourceArn: 'string' },
    response: { ...done, NextToken: 'string', DataClasses: { DataClass: [declaration] } },
  },
  SetResidencyFacts: { request: { Facts: 'string!' }, response: done },
  GetResidencyFacts: { request: {}, response: { ...done, Facts: 'string' } },
  SetResidencyPolicy: { request: { AllowedPlace: { $required: ['string'] } }, response: done },
  GetResidencyPolicy: { request: {}, response: { ...done, AllowedPlaces: { AllowedPlace: ['string'] } } },
  DeleteResidencyPolicy: { request: {}, response: done },
  ExplainResidency: {
    request: { From: 'string!', To: 'string!', DataClass: ['string'], OnDate: 'string', Facts: 'string' },
    response: {
      ...done,
      Decision: 'string',
      Reason: 'string',
      OnDate: 'string',
      LocalCopyRequired: 'boolean',
      Statutes: { Statute: [statute] },
      Needs: { Need: ['string'] },
      Routes: { Route: ['string'] },
      Warnings: { StatuteId: ['string'] },
      Duties: { Duty: ['string'] },
    },
  },
  ListResidencyDecisions: {
    request: { ...page, Decision: 'string' },
    response: { ...done, NextToken: 'string', Decisions: { Decision: [decision] } },
  },
  GenerateResidencyReport: {
    request: {},
    response: { ...done, Report: 'string', PublicKey: 'string' },
  },
}

export default {
  product: 'Residency',
  version: '2026-11-01',
  actions: Object.fromEntries(Object.entries(actions).map(([name, shapes]) => [name, { source, ...shapes }])),
}
