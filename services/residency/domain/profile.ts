/** What an account has declared, ready to be asked. */
import type { ResidencyFacts } from '@pileus/kernel/residency/question'
import { findRegion } from '@pileus/world/regions'

export interface Declaration {
  /** Beginning of an ARN; '' for all of the account. */
  resourceArn: string
  dataClass: string
  /** Jurisdiction, or ''. */
  origin: string
}

export interface Profile {
  accountId: string
  declarations: readonly Declaration[]
  facts: ResidencyFacts
  /** Undefined: everywhere. */
  allowedPlaces: readonly string[] | undefined
}

/** Nothing is known to be regulated: everything is allowed without a question. */
export function isOpen(profile: Profile): boolean {
  return profile.declarations.length === 0 && profile.allowedPlaces === undefined
}

/** Whether the account's own policy lets data be in the region. */
export function allowsRegion({ allowedPlaces }: Profile, regionId: string): boolean {
  if (allowedPlaces === undefined || allowedPlaces.includes(regionId)) return true
  return allowedPlaces.includes(findRegion(regionId)?.jurisdiction ?? '')
}

/** Declarations about the account and about any of these resources. */
export function declarationsFor(profile: Profile, resources: readonly string[]): Declaration[] {
  return profile.declarations.filter(
    ({ resourceArn }) => resourceArn === '' || resources.some((arn) => isWithin(arn, resourceArn)),
  )
}

/**
 * `acs:oss:*:<account>:bucket` holds the bucket and what is in it, and not `bucket-2`; what ends in `/` or `*` is a
 * plain beginning. The region may be `*`.
 */
function isWithin(arn: string, declared: string): boolean {
  const [, product, region, owner, ...resource] = declared.split(':')
  const [, otherProduct, otherRegion, otherOwner, ...otherResource] = arn.split(':')
  if (product !== otherProduct || owner !== otherOwner || (region !== '*' && region !== otherRegion)) return false
  const wanted = resource.join(':')
  const other = otherResource.join(':')
  if (wanted.endsWith('*')) return other.startsWith(wanted.slice(0, -1))
  return other === wanted || other.startsWith(wanted.endsWith('/') ? wanted : `${wanted}/`)
}

/** What is asked of the law, once for each origin. */
export interface LawQuestion {
  from: string
  to: string
  dataClasses: readonly string[]
  facts: ResidencyFacts
}

/**
 * The laws to ask when data of the profile is put in `regionId`, coming from `fromRegionId` when it moves: that of the
 * place it leaves for all its classes, and that of each class's origin wherever the data is.
 */
export function questionsOf(
  profile: Profile,
  asked: { resources: readonly string[]; regionId: string; fromRegionId?: string | undefined },
): LawQuestion[] {
  const to = findRegion(asked.regionId)?.jurisdiction ?? asked.regionId
  const left = asked.fromRegionId === undefined ? undefined : findRegion(asked.fromRegionId)
  const classesFrom = new Map<string, Set<string>>()
  const add = (from: string, dataClass: string): void => {
    if (from === to || from === '') return
    const classes = classesFrom.get(from) ?? new Set()
    classesFrom.set(from, classes.add(dataClass))
  }
  for (const { dataClass, origin } of declarationsFor(profile, asked.resources)) {
    add(origin, dataClass)
    if (left) add(left.jurisdiction, dataClass)
  }
  return [...classesFrom].map(([from, dataClasses]) => ({
    from,
    to,
    dataClasses: [...dataClasses].sort(),
    facts:
      left?.jurisdiction === from && profile.facts['fromCity'] === undefined
        ? { ...profile.facts, fromCity: left.city['en-US'] }
        : profile.facts,
  }))
}
