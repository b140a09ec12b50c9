/** Parameters of secrets. */

import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { kmsErrors } from '../errors.ts'
import { invalid } from './parameters.ts'

/** @throws UnsupportedOperation for types of secrets that a product would manage, and for their rotation */
export function refuseManaged(request: {
  SecretType?: string | undefined
  EnableAutomaticRotation?: boolean | undefined
  DKMSInstanceId?: string | undefined
}): void {
  const reason =
    request.SecretType !== undefined && request.SecretType !== 'Generic'
      ? `SecretType must be Generic, and is "${request.SecretType}".`
      : request.EnableAutomaticRotation === true
        ? 'generic secrets do not rotate by themselves; put new values with PutSecretValue.'
        : request.DKMSInstanceId
          ? 'there are no KMS instances here; omit DKMSInstanceId.'
          : undefined
  if (reason !== undefined) throw apiError(kmsErrors.UnsupportedOperation, { reason })
}

/** A JSON list of 1 to 8 stages; `ACSCurrent` alone when nothing is given. @throws InvalidParameter */
export function parseStages(text: string | undefined): string[] {
  if (!text) return ['ACSCurrent']
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    list = undefined
  }
  const isList = Array.isArray(list) && list.length > 0 && list.length <= 8
  const isStages = isList && (list as unknown[]).every((stage) => typeof stage === 'string' && isStage(stage))
  if (!isStages) {
    throw invalid('VersionStages', say`it must be a JSON list of up to 8 stages, each of 1 to 64 letters, digits or -.`)
  }
  return [...new Set(list as string[])]
}

/** Of the stages that begin with ACS, `ACSCurrent` alone is for customers to move. */
function isStage(stage: string): boolean {
  return /^[A-Za-z0-9_./+=@-]{1,64}$/.test(stage) && (stage === 'ACSCurrent' || !stage.startsWith('ACS'))
}

export interface SecretFilter {
  nameHolds: string | undefined
  tags: { key: string; value?: string }[]
}

/** Reads `[{"Key": "SecretName" | "TagKey" | "TagValue", "Values": […]}]`. @throws InvalidParameter */
export function parseSecretFilters(text: string | undefined): SecretFilter {
  const filter: SecretFilter = { nameHolds: undefined, tags: [] }
  if (!text) return filter
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    list = undefined
  }
  const found = new Map<string, string>()
  for (const item of Array.isArray(list) ? (list as { Key?: unknown; Values?: unknown }[]) : [undefined]) {
    const [value] = Array.isArray(item?.Values) ? item.Values : []
    const isKnown = item?.Key === 'SecretName' || item?.Key === 'TagKey' || item?.Key === 'TagValue'
    if (!isKnown || typeof value !== 'string') {
      throw invalid(
        'Filters',
        say`it must be a JSON list of ${'{"Key", "Values"}'}, with keys SecretName, TagKey, TagValue.`,
      )
    }
    found.set(String(item.Key), value)
  }
  const [key, value] = [found.get('TagKey'), found.get('TagValue')]
  if (value !== undefined && key === undefined) throw invalid('Filters', say`TagValue needs TagKey.`)
  filter.nameHolds = found.get('SecretName')
  if (key !== undefined) filter.tags.push({ key, ...(value === undefined ? {} : { value }) })
  return filter
}
