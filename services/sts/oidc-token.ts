/** Tokens of OIDC issuers, verified against the keys that the issuer publishes. */

import type { OidcProvider } from '@pileus/ims/port'
import type { Clock } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { OutboundError, type OutboundHttp } from '@pileus/kernel/outbound-http'
import {
  createLocalJWKSet,
  decodeJwt,
  type JSONWebKeySet,
  type JWTPayload,
  errors as joseErrors,
  jwtVerify,
} from 'jose'
import { stsErrors } from './errors.ts'

export interface OidcClaims {
  issuer: string
  subject: string
  audiences: readonly string[]
  issuedAt: Date
  expiresAt: Date
}

export interface OidcVerifier {
  /** @throws AuthenticationFail.OIDCToken…, AuthenticationFail.OIDCProvider.Unreachable */
  verify(provider: OidcProvider, token: string): Promise<OidcClaims>
}

/** Signatures that only the issuer's private key can make. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const keysFreshMs = 10 * 60_000
/** A key that is not known may be new; how often to look, at most. */
const refetchAfterMs = 30_000
const maxKnown = 1_000
const toleranceS = 60
const longestToken = 20_000

type KeySet = ReturnType<typeof createLocalJWKSet>

export function createOidcVerifier(outbound: OutboundHttp, clock: Clock): OidcVerifier {
  const known = new Map<string, { keys: KeySet; fetchedMs: number }>()

  const load = async (provider: OidcProvider, maxAgeMs: number): Promise<KeySet> => {
    // Other fingerprints may tell another server.
    const name = JSON.stringify([provider.issuerUrl, provider.fingerprints])
    const before = known.get(name)
    const nowMs = clock.now().getTime()
    if (before && nowMs - before.fetchedMs < maxAgeMs) return before.keys
    const keys = createLocalJWKSet(await fetchKeys(outbound, provider))
    if (known.size >= maxKnown) known.clear()
    known.set(name, { keys, fetchedMs: nowMs })
    return keys
  }

  const check = async (provider: OidcProvider, token: string, maxAgeMs: number): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, await load(provider, maxAgeMs), {
      algorithms,
      issuer: provider.issuerUrl,
      audience: [...provider.clientIds],
      requiredClaims: ['iat', 'exp', 'sub'],
      maxTokenAge: provider.issuanceLimitHours * 3_600,
      clockTolerance: toleranceS,
      currentDate: clock.now(),
    })
    return payload
  }

  return {
    async verify(provider, token) {
      // Nothing is fetched for a token that does not even claim to be the issuer's.
      const isNobody = provider.issuerUrl === ''
      if (isNobody || token.length > longestToken || issuerOf(token) !== provider.issuerUrl) {
        throw apiError(stsErrors['AuthenticationFail.OIDCToken.Invalid'], {
          reason: say`there is no such provider, or the token is not one of its issuer.`,
        })
      }
      try {
        return claimsOf(await check(provider, token, keysFreshMs))
      } catch (error) {
        if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw refusalOf(error)
      }
      try {
        return claimsOf(await check(provider, token, refetchAfterMs))
      } catch (error) {
        throw refusalOf(error)
      }
    },
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

function claimsOf({ iss = '', sub = '', aud = [], iat = 0, exp = 0 }: JWTPayload): OidcClaims {
  const audiences = [aud].flat()
  return { issuer: iss, subject: sub, audiences, issuedAt: new Date(iat * 1_000), expiresAt: new Date(exp * 1_000) }
}

async function fetchKeys(outbound: OutboundHttp, provider: OidcProvider): Promise<JSONWebKeySet> {
  const { issuerUrl } = provider
  const configuration = await fetchJson(
    outbound,
    provider,
    `${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`,
  )
  if (configuration['issuer'] !== issuerUrl || typeof configuration['jwks_uri'] !== 'string') {
    throw unreachable(say`its configuration names another issuer, or no keys.`)
  }
  const keySet = await fetchJson(outbound, provider, configuration['jwks_uri'])
  if (!Array.isArray(keySet['keys'])) throw unreachable(say`its keys are not a JSON Web Key Set.`)
  return keySet as unknown as JSONWebKeySet
}

async function fetchJson(
  outbound: OutboundHttp,
  { issuerUrl, fingerprints }: OidcProvider,
  url: string,
): Promise<Record<string, unknown>> {
  // Keys that came unprotected would be anybody's.
  if (issuerUrl.startsWith('https:') && !url.startsWith('https:'))
    throw unreachable(say`its keys are not given by https.`)
  try {
    const answer = await outbound.request({
      url,
      method: 'GET',
      headers: { accept: 'application/json' },
      timeoutMs: 5_000,
      maxAnswerBytes: 262_144,
      pinnedSha1: fingerprints,
    })
    if (answer.status !== 200) throw unreachable(say`it answered ${answer.status}.`)
    const value: unknown = JSON.parse(answer.body.toString('utf8'))
    if (typeof value !== 'object' || value === null) throw unreachable(say`it did not answer with a JSON object.`)
    return value as Record<string, unknown>
  } catch (error) {
    if (error instanceof OutboundError) throw unreachable(say`${error.message}`, error)
    if (error instanceof SyntaxError) throw unreachable(say`it did not answer with JSON.`, error)
    throw error
  }
}

function unreachable(reason: Text, cause?: unknown) {
  return apiError(stsErrors['AuthenticationFail.OIDCProvider.Unreachable'], { reason }, { cause })
}

function refusalOf(error: unknown): unknown {
  if (error instanceof joseErrors.JWTExpired) {
    return apiError(stsErrors['AuthenticationFail.OIDCToken.Expired'], {}, { cause: error })
  }
  if (error instanceof joseErrors.JOSEError) {
    const reason = `${error.message}.`
    return apiError(stsErrors['AuthenticationFail.OIDCToken.Invalid'], { reason }, { cause: error })
  }
  return error
}
