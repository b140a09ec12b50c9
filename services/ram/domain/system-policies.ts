/** Policies that every account has and nobody can change. Written for this cloud; names are the vendor's. */

export interface SystemPolicy {
  readonly name: string
  readonly description: string
  readonly document: string
}

/** When the policies were written, for answers that carry a date. */
export const systemPoliciesSince = new Date('2026-01-01T00:00:00Z')

const reading = ['Describe*', 'List*', 'Get*', 'Query*', 'Check*', 'Search*', 'BatchGet*']

const policies: SystemPolicy[] = [
  allow('AdministratorAccess', 'Everything in the account.', ['*']),
  allow('ReadOnlyAccess', 'Reading everything in the account.', readingOf('*')),
  ...product('ECS', 'machines, disks, images and their networks', ['ecs'], {
    extraReading: ['vpc:DescribeVpcs', 'vpc:DescribeVSwitches'],
  }),
  ...product('VPC', 'virtual private clouds', ['vpc'], {
    extra: ['ecs:*SecurityGroup*', 'ecs:*NetworkInterface*'],
    extraReading: ['ecs:DescribeSecurityGroup*', 'ecs:DescribeNetworkInterface*'],
  }),
  ...product('EIP', 'elastic addresses', [], {
    extra: ['vpc:*EipAddress*', 'vpc:ListTagResources', 'vpc:TagResources', 'vpc:UntagResources'],
    extraReading: ['vpc:DescribeEipAddresses', 'vpc:ListTagResources'],
  }),
  ...product('SLB', 'load balancers', ['slb', 'alb', 'nlb'], { extraReading: ['ecs:DescribeInstances'] }),
  ...product('OSS', 'buckets and objects', ['oss']),
  ...product('RDS', 'databases', ['rds']),
  ...product('KvStore', 'key-value stores', ['kvstore']),
  ...product('RAM', 'users, groups, roles and policies', ['ram', 'ims']),
  ...product('KMS', 'encryption keys', ['kms']),
  ...product('Log', 'logs', ['log']),
  ...product('CloudMonitor', 'metrics and alarms', ['cms']),
  ...product('ActionTrail', 'records of calls', ['actiontrail']),
  ...product('ESS', 'groups that scale', ['ess']),
  ...product('CEN', 'networks between regions', ['cen', 'cbn']),
  ...product('ROS', 'stacks of resources', ['ros']),
  ...product('BSS', 'bills and orders', ['bss', 'bssapi']),
  ...product('ResourceDirectory', 'accounts of an organization', ['resourcemanager']),
  ...product('Tag', 'tags', ['tag']),
  allow('AliyunECSAssistantFullAccess', 'Running commands inside machines.', [
    'ecs:*Command*',
    'ecs:*Invocation*',
    'ecs:*CloudAssistant*',
    'ecs:SendFile',
    'ecs:DescribeSendFileResults',
    'ecs:DescribeInstances',
  ]),
  allow('AliyunSTSAssumeRoleAccess', 'Assuming roles.', ['sts:AssumeRole']),
]

const byName = new Map(policies.map((policy) => [policy.name, policy]))

export function findSystemPolicy(name: string): SystemPolicy | undefined {
  return byName.get(name)
}

/** By name. */
export function listSystemPolicies(): readonly SystemPolicy[] {
  return sorted
}

const sorted = [...policies].sort((a, b) => (a.name < b.name ? -1 : 1))

function product(
  name: string,
  subject: string,
  services: readonly string[],
  more: { extra?: readonly string[]; extraReading?: readonly string[] } = {},
): SystemPolicy[] {
  const extraReading = more.extraReading ?? []
  return [
    allow(`Aliyun${name}FullAccess`, `Managing ${subject}.`, [
      ...services.map((service) => `${service}:*`),
      ...(more.extra ?? []),
      ...extraReading,
    ]),
    allow(`Aliyun${name}ReadOnlyAccess`, `Reading ${subject}.`, [...services.flatMap(readingOf), ...extraReading]),
  ]
}

function readingOf(service: string): string[] {
  return reading.map((verb) => `${service}:${verb}`)
}

function allow(name: string, description: string, actions: readonly string[]): SystemPolicy {
  const [only] = actions
  const statement = { Effect: 'Allow', Action: actions.length === 1 ? only : [...new Set(actions)], Resource: '*' }
  return { name, description, document: JSON.stringify({ Version: '1', Statement: [statement] }) }
}
