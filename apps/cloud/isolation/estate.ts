/** One of each resource, owned by one account in one region, so that others can try to reach them. */
import { randomBytes, randomUUID } from 'node:crypto'
import { newResourceId } from '@pileus/kernel/ids'
import { makeSigner } from '@pileus/sts/saml-under-test'
import { createOssClient } from '@pileus/testkit/oss-clients'
import type { TestAccount, TestCloud } from '@pileus/testkit/test-cloud'

/** Ids and names of resources, by what they are. */
export interface Ids {
  /** A VPC, and a switch and a virtual router of it. */
  vpc: string
  vswitch: string
  vrouter: string
  /** A route table that was made, with one entry. */
  routeTable: string
  routeEntry: string
  /** Two security groups; the first has a rule each way. */
  group: string
  otherGroup: string
  ingressRule: string
  egressRule: string
  /** Running, with the card, the disk and the key pair. */
  instance: string
  attachedNic: string
  disk: string
  /** Attached to nothing. */
  freeDisk: string
  keyPair: string
  /** A card on its own. */
  nic: string
  command: string
  invocation: string
  user: string
  userGroup: string
  role: string
  /** `acs:ram::<account>:role/<name>`. */
  roleArn: string
  policy: string
  accessKey: string
  /** `<user>@<account>.onaliyun.com`. */
  userPrincipal: string
  /** Serial numbers of two devices that are nobody's. */
  mfaDevice: string
  otherMfaDevice: string
  oidcProvider: string
  samlProvider: string
  /** Delivers to a bucket of its own. */
  trail: string
  /** A symmetric key, its first version, an alias without `alias/`, and something encrypted under it. */
  kmsKey: string
  kmsKeyArn: string
  kmsVersion: string
  alias: string
  ciphertext: string
  secret: string
}

export type Kind = keyof Ids

/** What belongs to an account and to no region. */
export const globalKinds = [
  'user',
  'userGroup',
  'role',
  'roleArn',
  'policy',
  'accessKey',
  'userPrincipal',
  'mfaDevice',
  'otherMfaDevice',
  'oidcProvider',
  'samlProvider',
] as const satisfies readonly Kind[]

export function isGlobal(kind: Kind): boolean {
  return (globalKinds as readonly Kind[]).includes(kind)
}

export interface Intruder {
  account: TestAccount
  /** A user of the account who may do everything: an account's own key assumes no roles. */
  user: TestAccount
  regionId: string
  /** What it may use: its own. */
  ids: Ids
}

const policyDocument = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'ecs:*', Resource: '*' }],
})

/** Makes everything in `Ids`. Names hold `label`, so that no two estates share one. */
export async function buildEstate(
  cloud: TestCloud,
  account: TestAccount,
  regionId: string,
  label: string,
): Promise<Ids> {
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  const ok = async (product: string, action: string, parameters: Record<string, string>): Promise<any> => {
    const { status, body } = await account.call(product, action, {
      ...(product === 'Ram' ? {} : { RegionId: regionId }),
      ...parameters,
    })
    if (status !== 200) throw new Error(`${action} for ${label}: ${status} ${JSON.stringify(body)}`)
    return body
  }
  const { VpcId: vpc, VRouterId: vrouter } = await ok('Vpc', 'CreateVpc', {
    CidrBlock: '10.0.0.0/16',
    VpcName: `${label}-vpc`,
  })
  await ok('Vpc', 'AssociateVpcCidrBlock', { VpcId: vpc, SecondaryCidrBlock: '172.16.0.0/16' })
  const { VSwitchId: vswitch } = await ok('Vpc', 'CreateVSwitch', {
    VpcId: vpc,
    ZoneId: firstZoneOf(regionId),
    CidrBlock: '10.0.1.0/24',
  })
  const { RouteTableId: routeTable } = await ok('Vpc', 'CreateRouteTable', { VpcId: vpc })
  const group = (await ok('Ecs', 'CreateSecurityGroup', { VpcId: vpc, SecurityGroupName: `${label}-group` }))
    .SecurityGroupId
  const otherGroup = (await ok('Ecs', 'CreateSecurityGroup', { VpcId: vpc })).SecurityGroupId
  const rule = { SecurityGroupId: group, IpProtocol: 'tcp', PortRange: '22/22' }
  await ok('Ecs', 'AuthorizeSecurityGroup', { ...rule, SourceCidrIp: '10.0.0.0/8' })
  await ok('Ecs', 'AuthorizeSecurityGroupEgress', { ...rule, DestCidrIp: '10.0.0.0/8' })
  const { Permissions } = await ok('Ecs', 'DescribeSecurityGroupAttribute', { SecurityGroupId: group })
  const ruleOf = (direction: string): string =>
    Permissions.Permission.find((one: { Direction: string }) => one.Direction === direction).SecurityGroupRuleId
  const keyPair = `${label}-key`
  await ok('Ecs', 'CreateKeyPair', { KeyPairName: keyPair })
  const { InstanceIdSets } = await ok('Ecs', 'RunInstances', {
    ImageId: 'micro',
    InstanceType: 'ecs.t5-lc2m1.nano',
    VSwitchId: vswitch,
    SecurityGroupId: group,
    KeyPairName: keyPair,
    InstanceName: `${label}-instance`,
  })
  const instance: string = InstanceIdSets.InstanceIdSet[0]
  await cloud.eventually(`${instance} Running`, async () => {
    const { InstanceStatuses } = await ok('Ecs', 'DescribeInstanceStatus', { 'InstanceId.1': instance })
    return InstanceStatuses.InstanceStatus[0]?.Status === 'Running'
  })
  const { NetworkInterfaceSets } = await ok('Ecs', 'DescribeNetworkInterfaces', { InstanceId: instance })
  const { Disks } = await ok('Ecs', 'DescribeDisks', { InstanceId: instance })
  const { DiskId } = await ok('Ecs', 'CreateDisk', { ZoneId: Disks.Disk[0].ZoneId, Size: '20' })
  const { NetworkInterfaceId: nic } = await ok('Ecs', 'CreateNetworkInterface', {
    VSwitchId: vswitch,
    SecurityGroupId: group,
  })
  await ok('Vpc', 'CreateRouteEntry', {
    RouteTableId: routeTable,
    DestinationCidrBlock: '192.168.9.0/24',
    NextHopType: 'NetworkInterface',
    NextHopId: nic,
  })
  const { RouteEntrys } = await ok('Vpc', 'DescribeRouteEntryList', {
    RouteTableId: routeTable,
    DestinationCidrBlock: '192.168.9.0/24',
  })
  const command = (
    await ok('Ecs', 'CreateCommand', { Name: `${label}-command`, Type: 'RunShellScript', CommandContent: 'dHJ1ZQ==' })
  ).CommandId
  const invocation = (
    await ok('Ecs', 'RunCommand', { Type: 'RunShellScript', CommandContent: 'dHJ1ZQ==', 'InstanceId.1': instance })
  ).InvokeId
  return {
    vpc,
    vswitch,
    vrouter,
    routeTable,
    routeEntry: RouteEntrys.RouteEntry[0].RouteEntryId,
    group,
    otherGroup,
    ingressRule: ruleOf('ingress'),
    egressRule: ruleOf('egress'),
    instance,
    attachedNic: NetworkInterfaceSets.NetworkInterfaceSet[0].NetworkInterfaceId,
    disk: Disks.Disk[0].DiskId,
    freeDisk: DiskId,
    keyPair,
    nic,
    command,
    invocation,
    ...(await buildPrincipals(ok, account, label)),
    ...(await buildKeys(ok, label)),
    trail: await buildTrail(ok, cloud, account, regionId, label),
  }
}

async function buildPrincipals(
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  ok: (product: string, action: string, parameters: Record<string, string>) => Promise<any>,
  account: TestAccount,
  label: string,
): Promise<Pick<Ids, (typeof globalKinds)[number]>> {
  const user = `${label}-user`
  const userGroup = `${label}-crew`
  const role = `${label}-role`
  const policy = `${label}-policy`
  const [oidcProvider, samlProvider] = [`${label}-oidc`, `${label}-saml`]
  const issuer = { IssuerUrl: 'https://issuer.example', ClientIds: 'app' }
  await ok('Ims', 'CreateOIDCProvider', { OIDCProviderName: oidcProvider, ...issuer })
  const EncodedSAMLMetadataDocument = Buffer.from((await makeSigner(label)).metadata).toString('base64')
  await ok('Ims', 'CreateSAMLProvider', { SAMLProviderName: samlProvider, EncodedSAMLMetadataDocument })
  await ok('Ram', 'CreateUser', { UserName: user })
  await ok('Ram', 'CreateGroup', { GroupName: userGroup })
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${account.accountId}:root`] } },
    ],
  })
  await ok('Ram', 'CreateRole', { RoleName: role, AssumeRolePolicyDocument })
  await ok('Ram', 'CreatePolicy', { PolicyName: policy, PolicyDocument: policyDocument })
  await ok('Ram', 'CreatePolicyVersion', { PolicyName: policy, PolicyDocument: policyDocument })
  await ok('Ram', 'AddUserToGroup', { UserName: user, GroupName: userGroup })
  const attached = { PolicyName: policy, PolicyType: 'Custom' }
  await ok('Ram', 'AttachPolicyToUser', { ...attached, UserName: user })
  await ok('Ram', 'AttachPolicyToGroup', { ...attached, GroupName: userGroup })
  await ok('Ram', 'AttachPolicyToRole', { ...attached, RoleName: role })
  const { AccessKey } = await ok('Ram', 'CreateAccessKey', { UserName: user })
  await ok('Ram', 'CreateLoginProfile', { UserName: user, Password: 'Correct-Horse-9' })
  return {
    user,
    userGroup,
    role,
    roleArn: `acs:ram::${account.accountId}:role/${role}`,
    policy,
    accessKey: AccessKey.AccessKeyId,
    userPrincipal: `${user}@${account.accountId}.onaliyun.com`,
    mfaDevice: (await ok('Ram', 'CreateVirtualMFADevice', { VirtualMFADeviceName: `${label}-mfa` })).VirtualMFADevice
      .SerialNumber,
    otherMfaDevice: (await ok('Ram', 'CreateVirtualMFADevice', { VirtualMFADeviceName: `${label}-other-mfa` }))
      .VirtualMFADevice.SerialNumber,
    oidcProvider,
    samlProvider,
  }
}

async function buildTrail(
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  ok: (product: string, action: string, parameters: Record<string, string>) => Promise<any>,
  { endpoint }: TestCloud,
  { accessKeyId, accessKeySecret }: TestAccount,
  regionId: string,
  label: string,
): Promise<string> {
  const bucket = `${label}-trail-bucket`
  await createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret }).putBucket(bucket)
  await ok('Actiontrail', 'CreateTrail', { Name: `${label}-trail`, OssBucketName: bucket })
  return `${label}-trail`
}

async function buildKeys(
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  ok: (product: string, action: string, parameters: Record<string, string>) => Promise<any>,
  label: string,
): Promise<Pick<Ids, 'kmsKey' | 'kmsKeyArn' | 'kmsVersion' | 'alias' | 'ciphertext' | 'secret'>> {
  const { KeyMetadata: key } = await ok('Kms', 'CreateKey', {})
  const [alias, secret] = [`${label}-alias`, `${label}-secret`]
  await ok('Kms', 'CreateAlias', { KeyId: key.KeyId, AliasName: `alias/${alias}` })
  await ok('Kms', 'CreateSecret', { SecretName: secret, VersionId: 'v1', SecretData: 'x' })
  const { CiphertextBlob: ciphertext } = await ok('Kms', 'Encrypt', { KeyId: key.KeyId, Plaintext: 'eA==' })
  return { kmsKey: key.KeyId, kmsKeyArn: key.Arn, kmsVersion: key.PrimaryKeyVersion, alias, ciphertext, secret }
}

/** A RAM user who may do everything in the account. */
export async function newAdministrator(cloud: TestCloud, account: TestAccount, userName: string): Promise<TestAccount> {
  await account.call('Ram', 'CreateUser', { UserName: userName })
  const policy = { PolicyName: 'AdministratorAccess', PolicyType: 'System' }
  await account.call('Ram', 'AttachPolicyToUser', { ...policy, UserName: userName })
  const { body } = await account.call('Ram', 'CreateAccessKey', { UserName: userName })
  const { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret } = body.AccessKey
  return cloud.as({ accessKeyId, accessKeySecret })
}

/** Ids of the right shape that nobody ever had. */
export function neverExisted(like: Ids): Ids {
  const fresh = (id: string): string => {
    const prefix = /^([a-z]+)-[0-9a-z]{20}$/.exec(id)?.[1]
    return prefix ? newResourceId(prefix) : `never-${newResourceId('x').slice(2, 12)}`
  }
  return {
    ...(Object.fromEntries(Object.entries(like).map(([kind, id]) => [kind, fresh(id)])) as unknown as Ids),
    roleArn: like.roleArn.replace(/role\/.*$/, `role/${fresh('')}`),
    userPrincipal: like.userPrincipal.replace(/^[^@]*/, fresh('')),
    mfaDevice: like.mfaDevice.replace(/mfa\/.*$/, `mfa/${fresh('')}`),
    otherMfaDevice: like.otherMfaDevice.replace(/mfa\/.*$/, `mfa/${fresh('')}`),
    accessKey: `LTAI5t${newResourceId('x').slice(2, 20)}`,
    kmsKey: randomUUID(),
    kmsKeyArn: like.kmsKeyArn.replace(/key\/.*$/, `key/${randomUUID()}`),
    kmsVersion: randomUUID(),
    ciphertext: underAnotherKey(like.ciphertext),
  }
}

/** The key's id follows the format byte. */
function underAnotherKey(ciphertext: string): string {
  const bytes = Buffer.from(ciphertext, 'base64')
  bytes.set(randomBytes(16), 1)
  return bytes.toString('base64')
}

function firstZoneOf(regionId: string): string {
  return regionId.startsWith('cn-') ? `${regionId}-b` : `${regionId}a`
}
