/**
 * A signed statement of where everything of an account lies. The signature is Ed25519 over the canonical JSON
 * (RFC 8785) of `report`, so a report that was stored in another layout still verifies.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { canonicalJson, type Json } from '../audit/canonical-json.ts'
import type { InventoryItem } from '../operation.ts'

export interface ResidencyReport {
  readonly format: 'pileus-residency-report/1'
  readonly accountId: string
  /** Of which installation. */
  readonly cellId: string
  /** ISO 8601. */
  readonly generatedAt: string
  /** Regions and jurisdictions; null when everywhere is allowed. */
  readonly allowedPlaces: readonly string[] | null
  readonly dataClasses: readonly { resourceArn: string; dataClass: string; origin: string }[]
  /** How often the gate decided so, since the account exists. */
  readonly decisions: { allow: number; conditional: number; deny: number }
  readonly regions: readonly RegionShare[]
  readonly resources: readonly (InventoryItem & { jurisdiction: string })[]
}

/** What lies in one region. */
export interface RegionShare {
  readonly regionId: string
  readonly jurisdiction: string
  /** Who runs it. */
  readonly operatorId: string
  readonly resources: number
  readonly bytes: number
}

export interface SignedReport {
  readonly report: ResidencyReport
  readonly signature: {
    readonly algorithm: 'Ed25519'
    /** SPKI in DER, base64. */
    readonly publicKey: string
    readonly value: string
  }
}

export interface ReportKey {
  /** SPKI in DER, base64. */
  publicKey: string
  /** PKCS #8 in DER, base64. */
  privateKey: string
}

export function newReportKey(): ReportKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  }
}

export function signReport(report: ResidencyReport, { publicKey, privateKey }: ReportKey): SignedReport {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), type: 'pkcs8', format: 'der' })
  const value = sign(null, messageOf(report), key).toString('base64')
  return { report, signature: { algorithm: 'Ed25519', publicKey, value } }
}

export type VerifiedReport =
  | { kind: 'valid'; report: ResidencyReport; publicKey: string }
  /** One sentence. */
  | { kind: 'invalid'; reason: string }

/** Checks a report from a file. `trustedKey` is the key that the installation is known by, where it is known. */
export function verifyReport(text: string, trustedKey?: string): VerifiedReport {
  const invalid = (reason: string): VerifiedReport => ({ kind: 'invalid', reason })
  let signed: SignedReport
  try {
    signed = JSON.parse(text) as SignedReport
  } catch {
    return invalid('it is not JSON.')
  }
  const { report, signature } = signed ?? {}
  if (report?.format !== 'pileus-residency-report/1') return invalid('it is no residency report of a known format.')
  if (signature?.algorithm !== 'Ed25519') return invalid('it has no Ed25519 signature.')
  if (trustedKey !== undefined && signature.publicKey !== trustedKey) return invalid('another key has signed it.')
  try {
    const key = createPublicKey({ key: Buffer.from(signature.publicKey, 'base64'), type: 'spki', format: 'der' })
    const isGenuine = verify(null, messageOf(report), key, Buffer.from(signature.value, 'base64'))
    return isGenuine
      ? { kind: 'valid', report, publicKey: signature.publicKey }
      : invalid('it was changed after it was signed.')
  } catch {
    return invalid('its key or signature is malformed.')
  }
}

function messageOf(report: ResidencyReport): Buffer {
  return Buffer.from(canonicalJson(report as unknown as Json))
}

/** The report as text for people. */
export function renderReport(report: ResidencyReport): string {
  const { allowedPlaces, decisions } = report
  const lines = [
    `Residency report of account ${report.accountId}`,
    `made         ${report.generatedAt} by installation ${report.cellId}`,
    `policy       ${allowedPlaces ? `only ${allowedPlaces.join(', ')}` : 'none: every region is allowed'}`,
    `decisions    ${decisions.allow} allowed, ${decisions.conditional} conditional, ${decisions.deny} denied`,
    ...report.dataClasses.map(
      ({ resourceArn, dataClass, origin }) =>
        `data         ${dataClass}${origin ? ` under the law of ${origin}` : ''} in ${resourceArn || 'all of the account'}`,
    ),
    ...report.regions.map(
      (one) =>
        `region       ${one.regionId} (${one.jurisdiction}, run by ${one.operatorId}): ${one.resources} resources, ${one.bytes} bytes`,
    ),
    '',
    ...report.resources.map((one) => {
      const size = one.bytes === undefined ? '' : ` ${one.bytes} bytes`
      const items = one.items === undefined ? '' : ` in ${one.items} items`
      return `${one.regionId.padEnd(18)}${one.kind.padEnd(20)}${one.arn}${size}${items}`
    }),
  ]
  return `${lines.join('\n')}\n`
}
