/**
 * Condition keys that this cloud fills whenever they apply. Such a key that a request does not have is *absent*, which
 * operators answer; any other key is *unknown*, which never allows and always denies.
 */
const knownKeys = new Set(
  [
    'acs:SourceIp',
    'acs:SecureTransport',
    'acs:CurrentTime',
    'acs:UserAgent',
    'acs:MFAPresent',
    'acs:PrincipalARN',
    'acs:Username',
    'acs:UserId',
    'acs:AccountId',
    'acs:RoleName',
    'acs:TagKeys',
    'oss:Prefix',
    'oss:Delimiter',
    'oss:MaxKeys',
    'ecs:InstanceType',
    'sts:ExternalId',
    'oidc:iss',
    'oidc:aud',
    'oidc:sub',
    'saml:recipient',
    'saml:sub',
    'ram:Service',
  ].map((key) => key.toLowerCase()),
)

/** Keys that say who asks; the authorizer fills them for policies that mention them. */
export const principalKeys = [
  'acs:PrincipalARN',
  'acs:Username',
  'acs:UserId',
  'acs:AccountId',
  'acs:RoleName',
] as const

export const requestTagPrefix = 'acs:RequestTag/'
export const resourceTagPrefix = 'acs:ResourceTag/'
/** Present, with any value, when the tags of the resource were looked up: a tag that is not there is then absent. */
export const resourceTagsKnown = 'acs:ResourceTag/*'

const requestTags = requestTagPrefix.toLowerCase()
const resourceTags = resourceTagPrefix.toLowerCase()

export function isResourceTagKey(lowerKey: string): boolean {
  return lowerKey.startsWith(resourceTags)
}

/** Whether a key that is not among the request's values is known to be absent. */
export function isAbsenceKnown(lowerKey: string, has: (key: string) => boolean): boolean {
  if (isResourceTagKey(lowerKey)) return has(resourceTagsKnown)
  return lowerKey.startsWith(requestTags) || knownKeys.has(lowerKey)
}
