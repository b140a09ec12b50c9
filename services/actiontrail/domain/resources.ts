/** Types of ARN parts whose names in the trail are not simply capitalised. */
const typeNames: Readonly<Record<string, string>> = {
  securitygroup: 'SecurityGroup',
  keypair: 'KeyPair',
  vswitch: 'VSwitch',
  vpc: 'VPC',
  routetable: 'RouteTable',
  networkinterface: 'NetworkInterface',
  eip: 'EIP',
  natgateway: 'NatGateway',
  accesskey: 'AccessKey',
}

/** Most names kept; one call may touch a hundred machines. */
const maxNames = 100

export interface EventResources {
  /** Type and name of what the call is mainly about. */
  resourceType?: string
  resourceName?: string
  /** Names by type, such as `{ 'ACS::ECS::Instance': ['i-…'] }`. */
  referencedResources?: Readonly<Record<string, readonly string[]>>
}

/** What an event is about, out of the ARNs that authorization asked about and the ids that the answer told. */
export function resourcesOf(
  arns: readonly string[],
  response: Readonly<Record<string, string>> | undefined,
): EventResources {
  const byType: Record<string, string[]> = {}
  let count = 0
  for (const arn of arns) {
    const [, service = '', , , ...rest] = arn.split(':')
    const [kind, name] = splitResource(service, rest.join(':'))
    if (kind === '' || count >= maxNames) continue
    const type = `ACS::${service.toUpperCase()}::${typeName(kind)}`
    const names = name === '*' || name === '' ? madeNames(kind, response) : [name]
    byType[type] = [...(byType[type] ?? []), ...names]
    count += names.length
  }
  const [first] = Object.entries(byType).sort(([, one], [, other]) => Number(other.length > 0) - Number(one.length > 0))
  if (!first) return {}
  const [resourceType, names] = first
  if (names.length === 0) return { resourceType }
  const named = Object.fromEntries(
    Object.entries(byType)
      .filter(([, list]) => list.length > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
  return { resourceType, resourceName: names.slice(0, 10).join(','), referencedResources: named }
}

/** `instance/i-1` is of kind `instance`; in object storage a part without a kind is a bucket or an object. */
function splitResource(service: string, resource: string): [kind: string, name: string] {
  const slash = resource.indexOf('/')
  if (service === 'oss') {
    if (resource === '*') return ['', '']
    return slash === -1 ? ['bucket', resource] : ['object', resource]
  }
  return slash === -1 ? ['', ''] : [resource.slice(0, slash), resource.slice(slash + 1)]
}

function typeName(kind: string): string {
  const known = typeNames[kind.toLowerCase()]
  return known ?? kind.charAt(0).toUpperCase() + kind.slice(1)
}

/** Ids of that kind which the answer gave: the call that makes a thing is about the thing. */
function madeNames(kind: string, response: Readonly<Record<string, string>> | undefined): string[] {
  const wanted = `${kind.replace(/-/g, '').toLowerCase()}id`
  return Object.entries(response ?? {})
    .filter(([path]) => new RegExp(`(?:^|\\.)${wanted}s?(?:\\.|$)`).test(path.toLowerCase()))
    .map(([, value]) => value)
    .slice(0, maxNames)
}
