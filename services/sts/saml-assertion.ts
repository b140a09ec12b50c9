/**
 * SAML responses, verified. What is read is what was signed: the text that the signature covers is parsed again, and
 * nothing outside it is looked at, so that no second assertion can be wrapped around the signed one.
 */

import type { SamlProvider } from '@pileus/ims/port'
import { type ApiError, apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { DOMParser, type Document, type Element } from '@xmldom/xmldom'
import { SignedXml } from 'xml-crypto'
import { stsErrors } from './errors.ts'

export interface SamlClaims {
  /** By which its provider tells it from all others. */
  id: string
  /** When it can be used no more, tolerance included. */
  endsAt: Date
  issuer: string
  subject: string
  /** Format of the subject's name, such as `urn:oasis:names:tc:SAML:2.0:nameid-format:persistent`. */
  subjectType: string
  recipient: string
  sessionName: string
  sessionSeconds: number | undefined
  roles: readonly { roleArn: string; providerArn: string }[]
}

const ns = {
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
} as const
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'
/** Where responses are meant to be sent, and for whom. @see docs/sources.md#sts */
const audiences = ['urn:alibaba:cloudcomputing', 'urn:alibaba:cloudcomputing:international']
const recipients = ['https://signin.aliyun.com/saml-role/sso', 'https://signin.alibabacloud.com/saml-role/sso']
const attributePrefix = /^https:\/\/www\.(?:aliyun|alibabacloud)\.com\/SAML-Role\/Attributes\//
const signatureAlgorithms = ['rsa-sha256', 'rsa-sha512'].map((name) => `http://www.w3.org/2001/04/xmldsig-more#${name}`)
const digestAlgorithms = ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']
const transforms = [
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
]
const skewMs = 60_000
/** What has been used is remembered until it ends, so the end must be near. */
const longestMs = 24 * 3_600_000
const longestResponse = 200_000

/** @throws AuthenticationFail.SAMLAssertion.Invalid, .Expired */
export function verifyAssertion(provider: SamlProvider, encoded: string, now: Date): SamlClaims {
  if (encoded.length > longestResponse) throw invalid(say`it is too long.`)
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const assertion = readSigned(provider, text)
  const only = (parent: Element, name: string): Element => {
    const found = childrenOf(parent, ns.assertion, name)
    if (found.length !== 1 || !found[0]) throw invalid(say`it must have one ${name}.`)
    return found[0]
  }
  if (textOf(only(assertion, 'Issuer')) !== provider.issuer) throw invalid(say`its Issuer is not that of the metadata.`)
  const id = assertion.getAttribute('ID')
  if (!id) throw invalid(say`its Assertion must have an ID.`)
  const conditions = only(assertion, 'Conditions')
  checkConditions(conditions, now)
  const subject = only(assertion, 'Subject')
  const nameId = only(subject, 'NameID')
  const attributes = readAttributes(assertion)
  const seconds = attributes.get('SessionDuration')?.[0]
  const { recipient, untilMs } = readConfirmation(subject, now)
  const endMs = Math.min(untilMs, timeOf(conditions, 'NotOnOrAfter') ?? untilMs) + skewMs
  if (endMs > now.getTime() + longestMs) throw invalid(say`it must end within a day.`)
  return {
    id,
    endsAt: new Date(endMs),
    issuer: provider.issuer,
    subject: textOf(nameId),
    subjectType: nameId.getAttribute('Format') ?? '',
    recipient,
    sessionName: attributes.get('RoleSessionName')?.[0] ?? '',
    sessionSeconds: seconds === undefined ? undefined : Number(seconds),
    roles: (attributes.get('Role') ?? []).map(parseRole),
  }
}

/** The assertion as its signature covers it. */
function readSigned(provider: SamlProvider, text: string): Element {
  const document = parse(text)
  const root = document.documentElement
  if (!root || !isNamed(root, ns.protocol, 'Response')) throw invalid(say`its root must be a Response of SAML 2.0.`)
  const status = [...root.getElementsByTagNameNS(ns.protocol, 'StatusCode')][0]?.getAttribute('Value')
  if (status !== success) throw invalid(say`its status is not success.`)
  const assertions = [...document.getElementsByTagNameNS(ns.assertion, 'Assertion')]
  const [assertion] = assertions
  if (assertions.length !== 1 || assertion?.parentNode !== root) throw invalid(say`it must have one Assertion.`)
  const ids = [...document.getElementsByTagName('*')].flatMap((one) => {
    return ['ID', 'Id', 'id', 'AssertionID'].flatMap((name) => one.getAttribute(name) || [])
  })
  if (new Set(ids).size !== ids.length) throw invalid(say`ids in it are used twice.`)
  for (const parent of [assertion, root]) {
    const signatures = childrenOf(parent, ns.signature, 'Signature')
    if (signatures.length > 1) throw invalid(say`something in it is signed twice.`)
    const [signature] = signatures
    if (!signature) continue
    const signed = parse(checkSignature(provider, text, signature, parent)).documentElement
    if (signed && isNamed(signed, ns.assertion, 'Assertion')) return signed
    const inside = signed ? childrenOf(signed, ns.assertion, 'Assertion') : []
    if (inside.length === 1 && inside[0]) return inside[0]
  }
  throw invalid(say`neither the Response nor the Assertion is signed.`)
}

/** The text that the signature covers, which is all of `parent` but the signature. */
function checkSignature(provider: SamlProvider, text: string, signature: Element, parent: Element): string {
  const references = [...signature.getElementsByTagNameNS(ns.signature, 'Reference')]
  const id = parent.getAttribute('ID')
  if (references.length !== 1 || !id || references[0]?.getAttribute('URI') !== `#${id}`) {
    throw invalid(say`a signature in it must cover the element that it is in, and nothing else.`)
  }
  const algorithmOf = (name: string) =>
    [...signature.getElementsByTagNameNS(ns.signature, name)].map((one) => one.getAttribute('Algorithm') ?? '')
  const isAllowed =
    algorithmOf('SignatureMethod').every((one) => signatureAlgorithms.includes(one)) &&
    algorithmOf('DigestMethod').every((one) => digestAlgorithms.includes(one)) &&
    algorithmOf('CanonicalizationMethod').every((one) => transforms.slice(1).includes(one)) &&
    algorithmOf('Transform').every((one) => transforms.includes(one))
  if (!isAllowed) throw invalid(say`it is signed with an algorithm that is not taken: use RSA with SHA-256 or SHA-512.`)
  for (const publicCert of provider.certificates) {
    // Keys that come with the signature prove nothing.
    const verifier = new SignedXml({ publicCert, getCertFromKeyInfo: () => null })
    try {
      verifier.loadSignature(signature as never)
      if (!verifier.checkSignature(text)) continue
    } catch {
      continue
    }
    const [covered] = verifier.getSignedReferences()
    if (covered !== undefined) return covered
  }
  throw invalid(say`its signature is not that of the provider, or there is no such provider.`)
}

function parse(text: string): Document {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw invalid(say`it must not have a document type.`)
  const stop = (_level: string, message: string): never => {
    throw new Error(message)
  }
  try {
    return new DOMParser({ onError: stop }).parseFromString(text, 'text/xml')
  } catch (cause) {
    throw invalid(say`it is not XML, in Base64.`, cause)
  }
}

function checkConditions(conditions: Element, now: Date): void {
  checkTimes(conditions, now)
  const restrictions = childrenOf(conditions, ns.assertion, 'AudienceRestriction')
  if (restrictions.length === 0) throw invalid(say`it names no audience.`)
  for (const restriction of restrictions) {
    const named = childrenOf(restriction, ns.assertion, 'Audience').map(textOf)
    if (!named.some((one) => audiences.includes(one))) throw invalid(say`its audience must be ${audiences[0]}.`)
  }
}

/** Where the bearer was sent, one of ours, and until when. */
function readConfirmation(subject: Element, now: Date): { recipient: string; untilMs: number } {
  for (const confirmation of childrenOf(subject, ns.assertion, 'SubjectConfirmation')) {
    const [data] = childrenOf(confirmation, ns.assertion, 'SubjectConfirmationData')
    const recipient = data?.getAttribute('Recipient')
    if (confirmation.getAttribute('Method') !== bearer || !data || !recipient || !recipients.includes(recipient))
      continue
    const untilMs = timeOf(data, 'NotOnOrAfter')
    if (untilMs === undefined) continue
    checkTimes(data, now)
    return { recipient, untilMs }
  }
  throw invalid(say`it is not confirmed for a bearer at ${recipients[0]}.`)
}

function checkTimes(element: Element, now: Date): void {
  const [from, until] = [timeOf(element, 'NotBefore'), timeOf(element, 'NotOnOrAfter')]
  if (from !== undefined && now.getTime() < from - skewMs) throw invalid(say`its time has not come.`)
  if (until !== undefined && now.getTime() >= until + skewMs) {
    throw apiError(stsErrors['AuthenticationFail.SAMLAssertion.Expired'])
  }
}

/** In milliseconds; undefined when it is not said. */
function timeOf(element: Element, name: 'NotBefore' | 'NotOnOrAfter'): number | undefined {
  const text = element.getAttribute(name)
  if (!text) return undefined
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw invalid(say`its ${name} is not a time.`)
  return ms
}

/** Values by the last part of the attribute's name. */
function readAttributes(assertion: Element): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const statement of childrenOf(assertion, ns.assertion, 'AttributeStatement')) {
    for (const attribute of childrenOf(statement, ns.assertion, 'Attribute')) {
      const name = attribute.getAttribute('Name') ?? ''
      if (!attributePrefix.test(name)) continue
      const short = name.replace(attributePrefix, '')
      const values = childrenOf(attribute, ns.assertion, 'AttributeValue').map(textOf)
      found.set(short, [...(found.get(short) ?? []), ...values])
    }
  }
  return found
}

/** The role and the provider, in either order. */
function parseRole(value: string): SamlClaims['roles'][number] {
  const arns = value.split(',').map((arn) => arn.trim().replace(/^acs:ram:\*:/, 'acs:ram::'))
  const roleArn = arns.find((arn) => arn.includes(':role/')) ?? ''
  return { roleArn, providerArn: arns.find((arn) => arn.includes(':saml-provider/')) ?? '' }
}

function childrenOf(parent: Element, namespace: string, name: string): Element[] {
  return [...parent.childNodes].filter((node): node is Element => isNamed(node as Element, namespace, name))
}

function isNamed(node: Element, namespace: string, name: string): boolean {
  return node.nodeType === 1 && node.namespaceURI === namespace && node.localName === name
}

function textOf(element: Element): string {
  return (element.textContent ?? '').trim()
}

function invalid(reason: Text, cause?: unknown): ApiError {
  return apiError(stsErrors['AuthenticationFail.SAMLAssertion.Invalid'], { reason }, { cause })
}
