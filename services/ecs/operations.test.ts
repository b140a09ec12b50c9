/** The catalogue, key pairs, disks and tags on the wire, by the official SDK. */
import * as $Ecs from '@alicloud/ecs20140526'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let cloud: TestCloud
let other: TestAccount
let instanceId: string
let regionId: string
beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
  regionId = cloud.regionId
  const request = new $Ecs.RunInstancesRequest({
    regionId,
    imageId: 'micro',
    instanceType: 'ecs.t6-c1m1.large',
    userData: Buffer.from('#!/bin/sh\n').toString('base64'),
    dataDisk: [{ size: 20 }],
  })
  instanceId = (await cloud.ecs.runInstances(request)).body?.instanceIdSets?.instanceIdSet?.[0] ?? ''
  await untilStatus('Running')
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const code = (name: string) => expect.objectContaining({ code: name })

async function describeInstance() {
  const request = new $Ecs.DescribeInstancesRequest({ regionId, instanceIds: JSON.stringify([instanceId]) })
  return (await cloud.ecs.describeInstances(request)).body?.instances?.instance?.[0]
}

async function untilStatus(status: string) {
  await cloud.eventually(status, async () => (await describeInstance())?.status === status)
}

async function stop() {
  await cloud.ecs.stopInstance(new $Ecs.StopInstanceRequest({ instanceId }))
  await untilStatus('Stopped')
}

async function start() {
  await cloud.ecs.startInstance(new $Ecs.StartInstanceRequest({ instanceId }))
  await untilStatus('Running')
}

describe('the catalogue', () => {
  test('DescribeRegions and DescribeZones name places in the language asked for', async () => {
    const regions = (await cloud.ecs.describeRegions(new $Ecs.DescribeRegionsRequest({ acceptLanguage: 'zh-CN' }))).body
    const ids = regions?.regions?.region?.map((region) => region.regionId)
    expect(ids).toEqual(cloud.running.ready.regions)
    expect(regions?.regions?.region?.every((region) => region.localName && region.regionEndpoint)).toBe(true)
    const zones = (await cloud.ecs.describeZones(new $Ecs.DescribeZonesRequest({ regionId, acceptLanguage: 'en-US' })))
      .body
    expect(zones?.zones?.zone?.[0]?.localName).toMatch(/Hangzhou Zone/)
    expect(zones?.zones?.zone?.[0]?.availableInstanceTypes?.instanceTypes).toContain('ecs.g6.large')
  })

  test('DescribeInstanceTypes filters and pages', async () => {
    const describe = async (fields: object) =>
      (await cloud.ecs.describeInstanceTypes(new $Ecs.DescribeInstanceTypesRequest(fields))).body!
    const large = (await describe({ instanceTypes: ['ecs.g6.large'] })).instanceTypes?.instanceType
    expect(large).toMatchObject([{ instanceTypeId: 'ecs.g6.large', cpuCoreCount: 2, memorySize: 8, eniQuantity: 2 }])
    const small = await describe({ maximumMemorySize: 1, maximumCpuCoreCount: 1 })
    expect(small.instanceTypes?.instanceType?.map((one) => one.instanceTypeId)).toEqual([
      'ecs.t5-lc2m1.nano',
      'ecs.t5-lc1m1.small',
    ])
    const all = (await describe({})).instanceTypes?.instanceType ?? []
    const paged: (string | undefined)[] = []
    let nextToken: string | undefined
    do {
      const page = await describe({ maxResults: 20, nextToken })
      paged.push(...(page.instanceTypes?.instanceType ?? []).map((one) => one.instanceTypeId))
      nextToken = page.nextToken
    } while (nextToken)
    expect(paged).toEqual(all.map((one) => one.instanceTypeId))
    expect((await describe({ minimumGPUAmount: 1 })).instanceTypes?.instanceType).toEqual([])
  })

  test('DescribeInstanceTypeFamilies lists each family once', async () => {
    const request = new $Ecs.DescribeInstanceTypeFamiliesRequest({ regionId, generation: 'ecs-5' })
    const families = (await cloud.ecs.describeInstanceTypeFamilies(request)).body?.instanceTypeFamilies
      ?.instanceTypeFamily
    expect(families?.map((family) => family.instanceTypeFamilyId)).toEqual(['ecs.t6', 'ecs.g6', 'ecs.c6', 'ecs.r6'])
  })

  test('DescribeAvailableResource says what is in stock in each zone', async () => {
    const request = new $Ecs.DescribeAvailableResourceRequest({
      regionId,
      destinationResource: 'InstanceType',
      cores: 2,
      memory: 2,
    })
    const zones = (await cloud.ecs.describeAvailableResource(request)).body?.availableZones?.availableZone ?? []
    expect(zones.length).toBeGreaterThan(1)
    expect(zones[0]).toMatchObject({ status: 'Available', statusCategory: 'WithStock' })
    const values = zones[0]?.availableResources?.availableResource?.[0]?.supportedResources?.supportedResource
    expect(values).toContainEqual(expect.objectContaining({ value: 'ecs.t6-c1m1.large', status: 'Available' }))
    const wrong = new $Ecs.DescribeAvailableResourceRequest({ regionId, destinationResource: 'Moon' })
    await expect(cloud.ecs.describeAvailableResource(wrong)).rejects.toEqual(code('InvalidParameter'))
  })

  test('DescribeImages says that images are simulated, and finds by id, family and name', async () => {
    const find = async (fields: object) =>
      (
        await cloud.ecs.describeImages(new $Ecs.DescribeImagesRequest({ regionId, ...fields }))
      ).body?.images?.image?.map((image) => image.imageFamily)
    expect(await find({})).toEqual(['debian-12', 'micro'])
    expect(await find({ imageId: 'pileus_micro_x64.qcow2' })).toEqual(['micro'])
    expect(await find({ imageFamily: 'debian-12', OSType: 'linux', imageOwnerAlias: 'system' })).toEqual(['debian-12'])
    expect(await find({ imageName: 'pileus_deb*' })).toEqual(['debian-12'])
    expect(await find({ imageOwnerAlias: 'self' })).toEqual([])
    expect(await find({ pageSize: 1, pageNumber: 2 })).toEqual(['micro'])
    const [image] =
      (await cloud.ecs.describeImages(new $Ecs.DescribeImagesRequest({ regionId }))).body?.images?.image ?? []
    expect(image?.description).toMatch(/simulated/i)
  })

  test('DescribeImageSupportInstanceTypes leaves out types that are too small', async () => {
    const request = new $Ecs.DescribeImageSupportInstanceTypesRequest({ regionId, imageId: 'debian-12' })
    const types = (await cloud.ecs.describeImageSupportInstanceTypes(request)).body?.instanceTypes?.instanceType
    expect(types?.length).toBeGreaterThan(50)
    const unknown = new $Ecs.DescribeImageSupportInstanceTypesRequest({ regionId, imageId: 'none' })
    await expect(cloud.ecs.describeImageSupportInstanceTypes(unknown)).rejects.toEqual(code('InvalidImageId.NotFound'))
  })

  test('DescribeAccountAttributes answers those named', async () => {
    const request = new $Ecs.DescribeAccountAttributesRequest({
      regionId,
      attributeName: ['max-security-groups', 'none'],
    })
    const items = (await cloud.ecs.describeAccountAttributes(request)).body?.accountAttributeItems?.accountAttributeItem
    expect(items).toMatchObject([
      { attributeName: 'max-security-groups', attributeValues: { valueItem: [{ value: '500' }] } },
    ])
  })
})

describe('attributes of an instance', () => {
  test('ModifyInstanceAttribute changes what is given and leaves the rest', async () => {
    const userData = Buffer.from('new').toString('base64')
    await cloud.ecs.modifyInstanceAttribute(
      new $Ecs.ModifyInstanceAttributeRequest({ instanceId, instanceName: 'renamed', hostName: 'host-1', userData }),
    )
    expect(await describeInstance()).toMatchObject({ instanceName: 'renamed', hostName: 'host-1', description: '' })
    const shown = await cloud.ecs.describeUserData(new $Ecs.DescribeUserDataRequest({ regionId, instanceId }))
    expect(shown.body).toMatchObject({ instanceId, userData })
    await expect(
      cloud.ecs.modifyInstanceAttribute(new $Ecs.ModifyInstanceAttributeRequest({ instanceId, password: 'x' })),
    ).rejects.toEqual(code('InvalidParameter'))
  })

  test('ModifyInstanceMetadataOptions is seen in DescribeInstances', async () => {
    const request = { regionId, instanceId, httpEndpoint: 'enabled', httpTokens: 'required' }
    await cloud.ecs.modifyInstanceMetadataOptions(new $Ecs.ModifyInstanceMetadataOptionsRequest(request))
    expect((await describeInstance())?.metadataOptions).toMatchObject({
      httpTokens: 'required',
      httpEndpoint: 'enabled',
    })
  })

  test('ModifyInstanceSpec asks for a stopped instance, and moves the reservation', async () => {
    const change = () =>
      cloud.ecs.modifyInstanceSpec(new $Ecs.ModifyInstanceSpecRequest({ instanceId, instanceType: 'ecs.g6.large' }))
    await expect(change()).rejects.toEqual(code('IncorrectInstanceStatus'))
    await stop()
    await change()
    expect(await describeInstance()).toMatchObject({ instanceType: 'ecs.g6.large', cpu: 2, memory: 8192 })
    const pools = await cloud.running.store.pool.query('select reserved_vcpus, reserved_memory_mib from ecs.host_pools')
    expect(pools.rows).toEqual([{ reserved_vcpus: 2, reserved_memory_mib: 8192 }])
    await start()
  })

  test('ModifyInstanceAutoReleaseTime sets a time and takes it back', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z/, 'Z')
    const set = (autoReleaseTime?: string) =>
      cloud.ecs.modifyInstanceAutoReleaseTime(
        new $Ecs.ModifyInstanceAutoReleaseTimeRequest({
          regionId,
          instanceId,
          ...(autoReleaseTime ? { autoReleaseTime } : {}),
        }),
      )
    await set(at)
    expect((await describeInstance())?.autoReleaseTime).toBe(`${at.slice(0, 16)}Z`)
    await set()
    expect((await describeInstance())?.autoReleaseTime).toBe('')
    await expect(set('2001-01-01T00:00:00Z')).rejects.toEqual(code('InvalidAutoReleaseTime.Malformed'))
  })

  test('what Terraform reads of an instance is there', async () => {
    const ids = JSON.stringify([instanceId])
    const role = await cloud.ecs.describeInstanceRamRole(
      new $Ecs.DescribeInstanceRamRoleRequest({ regionId, instanceIds: ids }),
    )
    expect(role.body?.instanceRamRoleSets?.instanceRamRoleSet).toMatchObject([{ instanceId, ramRoleName: '' }])
    const renew = await cloud.ecs.describeInstanceAutoRenewAttribute(
      new $Ecs.DescribeInstanceAutoRenewAttributeRequest({ regionId, instanceId }),
    )
    expect(renew.body?.instanceRenewAttributes?.instanceRenewAttribute).toMatchObject([
      { instanceId, autoRenewEnabled: false },
    ])
    const maintenance = await cloud.ecs.describeInstanceMaintenanceAttributes(
      new $Ecs.DescribeInstanceMaintenanceAttributesRequest({ regionId, instanceId: [instanceId] }),
    )
    expect(maintenance.body?.maintenanceAttributes?.maintenanceAttribute).toMatchObject([
      { instanceId, actionOnMaintenance: { value: 'AutoRecover' } },
    ])
    const attachment = await cloud.ecs.describeInstanceAttachmentAttributes(
      new $Ecs.DescribeInstanceAttachmentAttributesRequest({ regionId, instanceIds: ids }),
    )
    expect(attachment.body?.instances?.instance).toMatchObject([
      { instanceId, privatePoolOptionsMatchCriteria: 'None' },
    ])
    const attribute = await cloud.ecs.describeInstanceAttribute(
      new $Ecs.DescribeInstanceAttributeRequest({ instanceId }),
    )
    expect(attribute.body).toMatchObject({ instanceId, ioOptimized: 'optimized', status: 'Running' })
    const status = await cloud.ecs.describeInstanceStatus(new $Ecs.DescribeInstanceStatusRequest({ regionId }))
    expect(status.body).toMatchObject({
      totalCount: 1,
      instanceStatuses: { instanceStatus: [{ instanceId, status: 'Running' }] },
    })
  })

  test('GetInstanceConsoleOutput has the tail of the console, labelled as simulated', async () => {
    const output = await cloud.eventually('console output', async () => {
      const request = new $Ecs.GetInstanceConsoleOutputRequest({ regionId, instanceId })
      return (await cloud.ecs.getInstanceConsoleOutput(request)).body?.consoleOutput || undefined
    })
    expect(Buffer.from(output, 'base64').toString()).toMatch(/^Simulated machine/)
  })
})

describe('key pairs', () => {
  test('create, import, list, attach, refuse deletion while used, detach, delete', async () => {
    const made = (
      await cloud.ecs.createKeyPair(
        new $Ecs.CreateKeyPairRequest({ regionId, keyPairName: 'kp-a', tag: [{ key: 'k', value: 'v' }] }),
      )
    ).body
    expect(made?.privateKeyBody).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/)
    expect(made?.keyPairFingerPrint).toMatch(/^[0-9a-f]{32}$/)
    await expect(
      cloud.ecs.createKeyPair(new $Ecs.CreateKeyPairRequest({ regionId, keyPairName: 'kp-a' })),
    ).rejects.toEqual(code('KeyPair.AlreadyExist'))
    const list = async (fields: object = {}, account: TestAccount = cloud) =>
      (await account.ecs.describeKeyPairs(new $Ecs.DescribeKeyPairsRequest({ regionId, ...fields }))).body?.keyPairs
        ?.keyPair ?? []
    const [listed] = await list({ keyPairName: 'kp-a', includePublicKey: true })
    expect(listed).toMatchObject({
      keyPairFingerPrint: made?.keyPairFingerPrint,
      tags: { tag: [{ tagKey: 'k', tagValue: 'v' }] },
    })
    const imported = await cloud.ecs.importKeyPair(
      new $Ecs.ImportKeyPairRequest({
        regionId,
        keyPairName: 'kp-b',
        publicKeyBody: `${listed?.publicKey} someone@somewhere`,
      }),
    )
    expect(imported.body?.keyPairFingerPrint).toBe(made?.keyPairFingerPrint)
    expect((await list({ keyPairName: 'kp-*' })).map((pair) => pair.keyPairName).sort()).toEqual(['kp-a', 'kp-b'])
    expect(await list({}, other)).toEqual([])
    const bad = new $Ecs.ImportKeyPairRequest({ regionId, keyPairName: 'kp-c', publicKeyBody: 'ssh-rsa AAAA' })
    await expect(cloud.ecs.importKeyPair(bad)).rejects.toEqual(code('InvalidPublicKeyBody.Malformed'))

    const instanceIds = JSON.stringify([instanceId])
    const attached = await cloud.ecs.attachKeyPair(
      new $Ecs.AttachKeyPairRequest({ regionId, keyPairName: 'kp-a', instanceIds }),
    )
    expect(attached.body).toMatchObject({
      totalCount: '1',
      failCount: '0',
      results: { result: [{ instanceId, success: 'true' }] },
    })
    expect((await describeInstance())?.keyPairName).toBe('kp-a')
    const remove = (names: string[], account: TestAccount = cloud) =>
      account.ecs.deleteKeyPairs(new $Ecs.DeleteKeyPairsRequest({ regionId, keyPairNames: JSON.stringify(names) }))
    await expect(remove(['kp-b', 'kp-a'])).rejects.toEqual(code('InvalidParameter.KeypairAlreadyAttachedInstance'))
    await remove(['kp-a', 'kp-b'], other)
    expect(await list()).toHaveLength(2)
    await cloud.ecs.detachKeyPair(new $Ecs.DetachKeyPairRequest({ regionId, keyPairName: 'kp-a', instanceIds }))
    await remove(['kp-a', 'kp-b', 'kp-none'])
    expect(await list()).toEqual([])
  })
})

describe('disks', () => {
  const list = async (fields: object = {}, account: TestAccount = cloud) =>
    (await account.ecs.describeDisks(new $Ecs.DescribeDisksRequest({ regionId, ...fields }))).body?.disks?.disk ?? []

  test('are found by id, type, instance and name; not by others', async () => {
    const [data] = await list({ diskType: 'data' })
    expect(data).toMatchObject({ instanceId, size: 20, status: 'In_use', portable: true, deleteWithInstance: true })
    expect(await list({ diskIds: JSON.stringify([data?.diskId]) })).toHaveLength(1)
    expect(await list({ instanceId, diskType: 'all' })).toHaveLength(2)
    expect(await list({ status: 'Available' })).toEqual([])
    expect(await list({ diskIds: JSON.stringify([data?.diskId]) }, other)).toEqual([])
    await cloud.ecs.modifyDiskAttribute(
      new $Ecs.ModifyDiskAttributeRequest({ regionId, diskId: data?.diskId, diskName: 'dn' }),
    )
    expect(await list({ diskName: 'd*' })).toMatchObject([{ diskId: data?.diskId, diskName: 'dn' }])
    await expect(
      other.ecs.modifyDiskAttribute(
        new $Ecs.ModifyDiskAttributeRequest({ regionId, diskId: data?.diskId, diskName: 'dn' }),
      ),
    ).rejects.toEqual(code('InvalidDiskId.NotFound'))
  })

  test('grow, whether the instance runs or not', async () => {
    const [data] = await list({ diskType: 'data' })
    const resize = (newSize: number, account: TestAccount = cloud) =>
      account.ecs.resizeDisk(new $Ecs.ResizeDiskRequest({ diskId: data?.diskId, newSize }))
    await resize(30)
    await stop()
    await expect(resize(20)).rejects.toEqual(code('InvalidDiskSize.TooSmall'))
    await expect(resize(40, other)).rejects.toEqual(code('InvalidDiskId.NotFound'))
    await resize(40)
    expect((await list({ diskType: 'data' }))[0]?.size).toBe(40)
    await start()
  })
})

describe('tags', () => {
  test('TagResources, ListTagResources, DescribeTags, UntagResources', async () => {
    const tag = [{ key: 'env', value: 'test' }]
    const base = { regionId, resourceType: 'instance', resourceId: [instanceId] }
    await cloud.ecs.tagResources(new $Ecs.TagResourcesRequest({ ...base, tag }))
    const list = async (fields: object, account: TestAccount = cloud) =>
      (
        await account.ecs.listTagResources(
          new $Ecs.ListTagResourcesRequest({ regionId, resourceType: 'instance', ...fields }),
        )
      ).body
    const expected = [{ resourceId: instanceId, resourceType: 'instance', tagKey: 'env', tagValue: 'test' }]
    expect(await list({ resourceId: [instanceId] })).toMatchObject({
      nextToken: '',
      tagResources: { tagResource: expected },
    })
    expect((await list({ tag: [{ key: 'env' }] }))?.tagResources?.tagResource).toMatchObject(expected)
    expect((await list({ tag: [{ key: 'env' }] }, other))?.tagResources?.tagResource).toEqual([])
    expect((await list({ resourceId: [instanceId] }, other))?.tagResources?.tagResource).toEqual([])
    await expect(other.ecs.tagResources(new $Ecs.TagResourcesRequest({ ...base, tag }))).rejects.toEqual(
      code('InvalidResourceId.NotFound'),
    )
    const counts = await cloud.ecs.describeTags(new $Ecs.DescribeTagsRequest({ regionId, resourceType: 'instance' }))
    expect(counts.body?.tags?.tag).toMatchObject([
      { tagKey: 'env', tagValue: 'test', resourceTypeCount: { instance: 1 } },
    ])
    await cloud.ecs.untagResources(new $Ecs.UntagResourcesRequest({ ...base, tagKey: ['env'] }))
    expect((await list({ resourceId: [instanceId] }))?.tagResources?.tagResource).toEqual([])
    await expect(
      cloud.ecs.tagResources(new $Ecs.TagResourcesRequest({ ...base, resourceType: 'moon', tag })),
    ).rejects.toEqual(code('InvalidResourceType.NotFound'))
  })
})

test('StopInstances answers for each instance, and SuccessFirst goes on after a refusal', async () => {
  const request = new $Ecs.RunInstancesRequest({ regionId, imageId: 'micro', instanceType: 'ecs.t5-lc2m1.nano' })
  const second = (await cloud.ecs.runInstances(request)).body?.instanceIdSets?.instanceIdSet?.[0] ?? ''
  await cloud.eventually('it runs', async () => {
    const all = await cloud.ecs.describeInstances(new $Ecs.DescribeInstancesRequest({ regionId, status: 'Running' }))
    return all.body?.totalCount === 2
  })
  await stop()
  const stopBoth = (fields: object = {}) =>
    cloud.ecs.stopInstances(new $Ecs.StopInstancesRequest({ regionId, instanceId: [instanceId, second], ...fields }))
  await expect(stopBoth()).rejects.toEqual(code('IncorrectInstanceStatus'))
  const { body } = await stopBoth({ batchOptimization: 'SuccessFirst' })
  expect(body?.instanceResponses?.instanceResponse).toMatchObject([
    { instanceId, code: 'IncorrectInstanceStatus', previousStatus: 'Stopped', currentStatus: 'Stopped' },
    { instanceId: second, code: '200', previousStatus: 'Running', currentStatus: 'Stopping' },
  ])
})
