/** English source of what is said about residency; the files beside hold translations by these texts. */

/** `law` is a citation with an id, `data` data classes, `needs` and `way` phrases from below. */
export const templates = {
  denied: '{law} does not let data of class {data} leave {from} for {to}.',
  needs: '{law} lets data of class {data} leave {from} for {to} only with {needs}.',
  allowed: '{law} lets data of class {data} leave {from} for {to}: {way}.',
  nothing: 'No law known here holds back data of class {data} from leaving {from} for {to} on {on}.',
  stays: 'Data of class {data} stays in {to}.',
  policy: 'The residency policy of account {account} allows data in {allowed} only, so not in {region}.',
} as const

const phrases: Readonly<Record<string, string>> = {
  adequacy: 'a recipient or country listed as adequate',
  attestation: 'an attestation of the provider',
  bcr: 'binding corporate rules',
  'binding-safeguards': 'binding safeguards',
  certification: 'a certification',
  'cisa-security-requirements': 'the security requirements for restricted transactions',
  confidentiality: 'confidentiality',
  consent: 'consent of the people concerned',
  'consent-and-no-objection': 'consent, and no objection of the central bank',
  contract: 'a contract',
  'contract-necessity': 'necessity for a contract with the person',
  derogation: 'a derogation',
  'domestic-law-reach': 'reach of domestic law',
  'equivalent-law': 'equivalent law at the destination',
  'equivalent-measures': 'equivalent measures of the recipient',
  exception: 'an exception in the law',
  exempt: 'an exemption',
  'filed-scc': 'a filed standard contract',
  'filed-scc-or-certification': 'a filed standard contract or a certification',
  'foreign-leg': 'the foreign leg of a payment',
  'foreign-order': 'a ground besides the foreign order',
  'free-trade-zone-negative-list': 'data off the negative list of a free-trade zone',
  'in-transit': 'mere transit',
  'judicial-cooperation': 'judicial cooperation',
  'legal-claims': 'legal claims',
  'ministerial-exception': 'an exception of the ministry',
  place: 'an allowed place',
  'public-data': 'publicly available data',
  'public-interest': 'a public interest',
  'publish-jurisdiction': 'the published jurisdiction of the infrastructure',
  'reasonable-steps': 'reasonable steps',
  'recipient-not-covered': 'a recipient that the rule does not cover',
  register: 'an entry in the register',
  'regulator-approval': 'an approval of the authority',
  'regulator-notice': 'a notice to the regulator',
  'regulator-register': 'an entry in the register of the regulator',
  'resist-foreign-access': 'resistance to foreign orders',
  'return-and-delete': 'deletion abroad and return within 24 hours',
  scc: 'standard clauses',
  'scc-with-tia': 'standard clauses with a transfer impact assessment',
  'security-assessment': 'a passed security assessment',
  'statutory-exception': 'a statutory exception',
  'supervision-access': 'access of the supervising authorities',
  'tax-books': 'an approval of the tax office',
  'technology-unavailable': 'a finding that the technology is missing at home',
  'transfer-impact-assessment': 'a transfer impact assessment of the last three years',
  treaty: 'a treaty',
  'vital-interest': 'a vital interest',
}

/** What a need of the vocabulary is called; its name where there is no phrase. */
export function needPhrase(need: string): string {
  return phrases[need] ?? need
}

/** Every text that a translation must have. */
export const sources: readonly string[] = [...Object.values(templates), ...Object.values(phrases)]
