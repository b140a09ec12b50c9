import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSigner, type Signer } from './saml-under-test.ts'

let cloud: TestCloud
let issuer: Server
let issuerUrl: string
let keys: Awaited<ReturnType<typeof generateKeyPair>>
let fetches = 0
let signer: Signer
let stranger: Signer

beforeAll(async () => {
  keys = await generateKeyPair('RS256')
  signer = await makeSigner('idp')
  stranger = await makeSigner('idp')
  issuer = createServer(async (request, response) => {
    fetches += 1
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256' }
    const isKeys = request.url === '/keys'
    response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` }))
  })
  await new Promise<void>((ready) => issuer.listen(0, '127.0.0.1', ready))
  const { port } = issuer.address() as AddressInfo
  issuerUrl = `http://127.0.0.1:${port}`
  cloud = await startTestCloud({ outboundAllow: [`127.0.0.1:${port}`] })
  await call('Ims', 'CreateOIDCProvider', { OIDCProviderName: 'ci', IssuerUrl: issuerUrl, ClientIds: 'app,other' })
  await call('Ims', 'CreateSAMLProvider', {
    SAMLProviderName: 'corp',
    EncodedSAMLMetadataDocument: Buffer.from(signer.metadata).toString('base64'),
  })
  await newRole('deployer', 'oidc-provider/ci', { StringEquals: { 'oidc:sub': 'repo:main', 'oidc:aud': 'app' } })
  const recipient = { StringEquals: { 'saml:recipient': 'https://signin.aliyun.com/saml-role/sso' } }
  await newRole('staff', 'saml-provider/corp', recipient)
})
afterAll(async () => {
  issuer?.close()
  await cloud?.[Symbol.asyncDispose]()
})

async function call(product: string, action: string, parameters: Record<string, string>) {
  const { status, body } = await cloud.call(product, action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

const arn = (rest: string) => `acs:ram::${cloud.accountId}:${rest}`

async function newRole(RoleName: string, provider: string, Condition: object): Promise<void> {
  const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Federated: [arn(provider)] }, Condition }
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement: [statement] })
  await call('Ram', 'CreateRole', { RoleName, AssumeRolePolicyDocument })
}

/** An unsigned call, as clients make that have no key yet. */
async function unsigned(Action: string, parameters: Record<string, string>) {
  const body = new URLSearchParams({ Action, Version: '2015-04-01', Format: 'JSON', ...parameters })
  const response = await fetch(`http://${cloud.endpoint}/`, { method: 'POST', body })
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  return { status: response.status, body: (await response.json()) as any }
}

async function identityOf({ Credentials }: { Credentials: Record<string, string> }) {
  const session = cloud.as({
    accessKeyId: Credentials['AccessKeyId'] ?? '',
    accessKeySecret: Credentials['AccessKeySecret'] ?? '',
    securityToken: Credentials['SecurityToken'] ?? '',
  })
  return (await session.call('Sts', 'GetCallerIdentity')).body
}

describe('AssumeRoleWithOIDC', () => {
  const token = async (claims: object = {}, how: { key?: typeof keys.privateKey; kid?: string; exp?: string } = {}) =>
    await new SignJWT({ sub: 'repo:main', aud: 'app', iss: issuerUrl, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: how.kid ?? 'k1' })
      .setIssuedAt(how.exp ? Math.floor(Date.now() / 1_000) - 7_200 : undefined)
      .setExpirationTime(how.exp ?? '5m')
      .sign(how.key ?? keys.privateKey)
  const assume = async (OIDCToken: string, more: Record<string, string> = {}) =>
    await unsigned('AssumeRoleWithOIDC', {
      OIDCProviderArn: arn('oidc-provider/ci'),
      RoleArn: arn('role/deployer'),
      RoleSessionName: 'ci-run',
      OIDCToken,
      ...more,
    })

  test('opens a session for whom the role trusts', async () => {
    const { status, body } = await assume(await token())
    expect([status, body.Code]).toEqual([200, undefined])
    expect(body.OIDCTokenInfo).toMatchObject({ Issuer: issuerUrl, Subject: 'repo:main', ClientIds: 'app' })
    expect(await identityOf(body)).toMatchObject({
      IdentityType: 'AssumedRoleUser',
      Arn: arn('assumed-role/deployer/ci-run'),
    })
    const before = fetches
    expect((await assume(await token())).status).toBe(200)
    expect(fetches).toBe(before)
  })

  test('refuses other subjects, audiences, issuers, keys, times and algorithms', async () => {
    const other = await generateKeyPair('RS256')
    const code = async (given: string, more = {}) => (await assume(given, more)).body.Code
    expect(await code(await token({ sub: 'repo:fork' }))).toBe('AuthenticationFail.NoPermission')
    expect(await code(await token({ aud: 'other' }))).toBe('AuthenticationFail.NoPermission')
    expect(await code(await token({ aud: 'stranger' }))).toBe('AuthenticationFail.OIDCToken.Invalid')
    expect(await code(await token({ iss: 'https://evil.example' }))).toBe('AuthenticationFail.OIDCToken.Invalid')
    expect(await code(await token({}, { key: other.privateKey }))).toBe('AuthenticationFail.OIDCToken.Invalid')
    expect(await code(await token({}, { key: other.privateKey, kid: 'k2' }))).toBe(
      'AuthenticationFail.OIDCToken.Invalid',
    )
    expect(await code(await token({}, { exp: '-1h' }))).toBe('AuthenticationFail.OIDCToken.Expired')
    const [, payload] = (await token()).split('.')
    const unsecured = `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${payload}.`
    expect(await code(unsecured)).toBe('AuthenticationFail.OIDCToken.Invalid')
    expect(await code('x')).toBe('AuthenticationFail.OIDCToken.Invalid')
    expect(await code(await token(), { RoleArn: arn('role/staff') })).toBe('AuthenticationFail.NoPermission')
    expect(await code(await token(), { RoleArn: arn('role/nobody') })).toBe('AuthenticationFail.NoPermission')
    const absent = { OIDCProviderArn: arn('oidc-provider/none') }
    expect(await code(await token(), absent)).toBe('AuthenticationFail.OIDCToken.Invalid')
    expect(await code(await token(), { DurationSeconds: '60' })).toBe('InvalidParameter.DurationSeconds')
  })

  test('strangers are told the same whether there is a provider or not', async () => {
    for (const iss of ['https://evil.example', '']) {
      const given = await token({ iss })
      const there = await assume(given)
      const absent = await assume(given, { OIDCProviderArn: arn('oidc-provider/none') })
      expect([absent.status, absent.body.Message]).toEqual([there.status, there.body.Message])
    }
  })

  test('reaches no issuer that is not on the public network, unless the operator lets it', async () => {
    const privateIssuer = 'http://127.0.0.1:9'
    await call('Ims', 'CreateOIDCProvider', { OIDCProviderName: 'inside', IssuerUrl: privateIssuer, ClientIds: 'app' })
    const given = await token({ iss: privateIssuer })
    const { body } = await assume(given, { OIDCProviderArn: arn('oidc-provider/inside') })
    expect(body.Code).toBe('AuthenticationFail.OIDCProvider.Unreachable')
    expect(body.Message).toContain('public network')
  })
})

describe('AssumeRoleWithSAML', () => {
  const assume = async (xml: string, more: Record<string, string> = {}) =>
    await unsigned('AssumeRoleWithSAML', {
      SAMLProviderArn: arn('saml-provider/corp'),
      RoleArn: arn('role/staff'),
      SAMLAssertion: Buffer.from(xml).toString('base64'),
      ...more,
    })
  const role = () => `${arn('role/staff')},${arn('saml-provider/corp')}`
  const refused = async (xml: string, more = {}) => {
    const { body } = await assume(xml, more)
    return `${body.Code}: ${body.Message}`
  }

  test('opens a session for whom the role trusts, whether the response or the assertion is signed', async () => {
    for (const what of ['Assertion', 'Response'] as const) {
      const { status, body } = await assume(signer.respond({ role: role(), sign: what }))
      expect([what, status, body.Message]).toEqual([what, 200, undefined])
      expect(body.SAMLAssertionInfo).toMatchObject({
        Issuer: 'https://idp.example/saml',
        Subject: 'dora',
        Recipient: 'https://signin.aliyun.com/saml-role/sso',
      })
      expect(await identityOf(body)).toMatchObject({ Arn: arn('assumed-role/staff/dora') })
    }
  })

  test('refuses what is not signed by the provider, and what is not for it', async () => {
    const good = { role: role(), sign: 'Assertion' } as const
    expect(await refused(stranger.respond(good))).toContain('not that of the provider')
    expect(await refused(signer.respond({ role: role(), sign: undefined }))).toContain('is signed')
    expect(await refused(signer.respond(good).replaceAll('dora', 'root'))).toContain('not that of the provider')
    expect(await refused(signer.respond({ ...good, issuer: 'https://evil.example' }))).toContain('Issuer')
    expect(await refused(signer.respond({ ...good, audience: 'urn:other' }))).toContain('audience')
    expect(await refused(signer.respond({ ...good, recipient: 'https://evil.example' }))).toContain('confirmed')
    expect(await refused(signer.respond({ ...good, minutes: -10 }))).toContain('SAMLAssertion.Expired')
    expect(await refused(signer.respond({ ...good, role: arn('role/other') }))).toContain('Role attribute')
    expect(await refused(signer.respond({ ...good, algorithm: 'sha1' }))).toContain('algorithm')
    expect(await refused('<x/>')).toContain('root must be a Response')
    expect(await refused(`<!DOCTYPE x [<!ENTITY a "b">]>${signer.respond(good)}`)).toContain('document type')
  })

  test('takes an assertion once, however it is written, and only one that ends soon', async () => {
    const once = signer.respond({ role: role(), sign: 'Assertion' })
    // What is wrong with the request uses nothing up.
    expect(await refused(once, { DurationSeconds: '60' })).toContain('DurationSeconds')
    const both = await Promise.all([assume(once), assume(once)])
    expect(both.map((one) => one.status).sort()).toEqual([200, 400])
    expect(await refused(once)).toContain('used before')
    expect(await refused(once.replace('ID="_r1"', 'ID="_r2"'))).toContain('used before')
    const rows = await cloud.running.store.pool.query(
      `select valid_until from kernel.nonces where access_key_id like 'saml %'`,
    )
    for (const { valid_until } of rows.rows) expect(valid_until.getTime()).toBeLessThan(Date.now() + 10 * 60_000)
    expect(rows.rows.length).toBeGreaterThan(0)
    expect(await refused(signer.respond({ role: role(), sign: 'Assertion', minutes: 1_500 }))).toContain('within a day')
    expect(await refused(signer.respond({ role: role(), sign: 'Response', id: '' }))).toContain('must have an ID')
  })

  test('is not led to read an assertion that was wrapped around, or put beside, the signed one', async () => {
    const signed = signer.respond({ role: role(), sign: 'Assertion' })
    const [assertion = ''] = /<saml:Assertion.*<\/saml:Assertion>/s.exec(signed) ?? []
    const forged = assertion
      .replace(/<ds:Signature.*<\/ds:Signature>|<Signature.*<\/Signature>/s, '')
      .replaceAll('dora', 'root')
      .replace(/ID="[^"]*"/, 'ID="_forged"')
    const beside = signed.replace('<saml:Assertion', `${forged}<saml:Assertion`)
    const around = signed.replace(assertion, forged.replace('</saml:Subject>', `</saml:Subject>${assertion}`))
    const inExtension = signed.replace(assertion, `${forged}<samlp:Extensions>${assertion}</samlp:Extensions>`)
    const [, id = ''] = /<saml:Assertion ID="([^"]*)"/.exec(signed) ?? []
    const sameId = signed.replace('<saml:Assertion', `${forged.replace('_forged', id)}<saml:Assertion`)
    const commented = signed.replace('dora', 'do<!-- -->ra')
    for (const xml of [beside, around, inExtension, sameId]) {
      expect(await refused(xml)).toContain('AuthenticationFail.SAMLAssertion.Invalid')
    }
    // Comments are not signed, and cut no text in two.
    const { body } = await assume(commented)
    expect(body.SAMLAssertionInfo?.Subject ?? 'dora').toBe('dora')
  })
})

test('providers are listed, changed and deleted', async () => {
  const { OIDCProvider } = await call('Ims', 'AddClientIdToOIDCProvider', { OIDCProviderName: 'ci', ClientId: 'third' })
  expect(OIDCProvider.ClientIds).toBe('app,other,third')
  const print = 'a'.repeat(40)
  await call('Ims', 'AddFingerprintToOIDCProvider', { OIDCProviderName: 'ci', Fingerprint: print })
  await call('Ims', 'RemoveFingerprintFromOIDCProvider', { OIDCProviderName: 'ci', Fingerprint: print })
  await call('Ims', 'RemoveClientIdFromOIDCProvider', { OIDCProviderName: 'ci', ClientId: 'third' })
  const changed = { OIDCProviderName: 'ci', NewDescription: 'builds', IssuanceLimitTime: '6' }
  expect((await call('Ims', 'UpdateOIDCProvider', changed)).OIDCProvider).toMatchObject({
    ClientIds: 'app,other',
    Fingerprints: '',
    IssuanceLimitTime: 6,
    Description: 'builds',
  })
  const { SAMLProvider } = await call('Ims', 'GetSAMLProvider', { SAMLProviderName: 'corp' })
  expect(Buffer.from(SAMLProvider.EncodedSAMLMetadataDocument, 'base64').toString()).toBe(signer.metadata)
  const page = await call('Ims', 'ListOIDCProviders', { MaxItems: '1' })
  expect(page).toMatchObject({ IsTruncated: true, OIDCProviders: { OIDCProvider: [{ OIDCProviderName: 'ci' }] } })
  const rest = await call('Ims', 'ListOIDCProviders', { Marker: page.Marker })
  expect(rest.OIDCProviders.OIDCProvider).toMatchObject([{ OIDCProviderName: 'inside' }])
  await call('Ims', 'DeleteSAMLProvider', { SAMLProviderName: 'corp' })
  const { status, body } = await cloud.call('Ims', 'GetSAMLProvider', { SAMLProviderName: 'corp' })
  expect([status, body.Code]).toEqual([404, 'EntityNotExist.SAMLProvider'])
  const bad = { SAMLProviderName: 'x', EncodedSAMLMetadataDocument: Buffer.from('<a/>').toString('base64') }
  expect((await cloud.call('Ims', 'CreateSAMLProvider', bad)).body.Code).toBe('InvalidParameter')
})
