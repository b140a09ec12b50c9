/**
 * What of a call the trail may keep. The trail is for good and read by many, so parameters are kept by name: what is
 * not known to be harmless is masked, and a new operation's secret cannot slip in by being forgotten.
 */

/** What stands for a value that is not kept. */
export const masked = '******'

/** Longest kept value, in characters; a policy document has at most 6,144. */
const maxValueLength = 8_192
/** Most kept parameters of a call, so that an event stays below the 65,535 bytes of a log entry. */
const maxTotalLength = 24_000

/** Ends of names whose values say which, where, when and how much, never what was stored. */
const harmlessEnding =
  /(?:Ids?|Names?|Arns?|Types?|Regions?|Zones?|Status|Size|Count|Number|Time|Date|Timestamp|Enabled?|Enable|Mode|Method|Protocol|Version|Versions|Category|Cidr|CidrBlock|Block|Address|Addresses|Ip|Ips|Port|Ports|PortRange|Priority|Description|Comments?|Policy|PolicyDocument|Document|Algorithm|Spec|Usage|Origin|Level|Days|Hours|Seconds|Period|PeriodUnit|Unit|Limit|Max|Min|Amount|Bandwidth|Charge|ChargeType|Direction|Prefix|Bucket|Force|DryRun|RW|State|Action|Interval|Format|Offset|Marker|Items|Results|Acl|Owner|Family|Platform|Architecture|Locale|Language|Alias|Stage|Stages|Scope|Event|Events|Services?|Attributes?|Flags?|Cascade|Purpose|Class|Classes|Country|Countries|Jurisdictions?|Ports?|Timeout|Repeat|Username|Email|Host|HostName|Domain|Index|Order|Weight|Percent|Ratio|Default|Ipv6|Dns|Gateway|Mask)$/

/** Of these the ending says too little. */
const harmlessNames = new Set([
  'ClientToken',
  'NextToken',
  'Filter',
  'Key',
  'Value',
  'EncryptionContext',
  'PublicKeyBody',
  'AcceptLanguage',
  'TagKey',
  'TagValue',
  'RegionId',
])

/** Secret whatever they end in, and under whatever name they are nested. */
const secretName =
  /secret(?!name|type|id|arn)|password|passwd|plaintext|private|credential|securitytoken|userdata|content|material|assertion|idtoken|samlresponse|code$|seed|parameters?\b|digest|signature|blob/i

/** Tags have keys and values; any other nested `Value` may be anything. */
const tagPart = /^(?:Tag|Tags|tag|ResourceTag)$/

/** Parameters that every call has, and that say nothing about this one. */
const systemNames = new Set([
  'Action',
  'Version',
  'Format',
  'AccessKeyId',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureVersion',
  'SignatureType',
  'Timestamp',
  'SecurityToken',
])

/** Whether the value of `name`, such as `Tag.1.Value`, may be kept. */
export function isHarmless(name: string): boolean {
  const parts = name.split('.').filter((part) => !/^\d+$/.test(part))
  const last = parts.at(-1) ?? ''
  if (parts.some((part) => secretName.test(part))) return false
  if (last === 'Key' || last === 'Value') return parts.length > 1 && tagPart.test(parts.at(-2) ?? '')
  return harmlessNames.has(last) || harmlessEnding.test(last)
}

/** The parameters as the trail keeps them: system parameters left out, what may be secret masked. */
export function keptParameters(parameters: Iterable<readonly [string, string]>): Record<string, string> {
  const kept: Record<string, string> = {}
  let total = 0
  for (const [name, value] of parameters) {
    if (systemNames.has(name) || value === '') continue
    const shown = isHarmless(name) ? value.slice(0, maxValueLength) : masked
    total += name.length + shown.length
    if (total > maxTotalLength) {
      kept['pileus.truncated'] = 'the call had more parameters than the trail keeps'
      return kept
    }
    kept[name.slice(0, 256)] = shown
  }
  return kept
}

/** Ids and names in the answer of a write, by their paths: what it made. Nothing else of answers is kept. */
export function keptResponse(response: unknown): Record<string, string> {
  const kept: Record<string, string> = {}
  collect(response, '', kept)
  return kept
}

/** Most ids kept; a call may make a hundred machines. */
const maxResponseElements = 200

function collect(value: unknown, path: string, kept: Record<string, string>): void {
  if (Object.keys(kept).length >= maxResponseElements) return
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, `${path}.${index + 1}`, kept)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) collect(inner, path === '' ? name : `${path}.${name}`, kept)
  } else if (typeof value === 'string' && value !== '' && /(?:Ids?|Names?|Arn)(?:\.\d+)?$/.test(path)) {
    if (isHarmless(path)) kept[path] = value.slice(0, 256)
  }
}
