// Describes regions, then makes, finds and deletes a VPC, with the official Node SDKs and their configuration for the
// vendor's cloud: a region and a key, no endpoint. Prints one line of JSON.
const ecs = require('@alicloud/ecs20140526')
const { $OpenApiUtil } = require('@alicloud/openapi-core')
const vpc = require('@alicloud/vpc20160428')

const regionId = process.env.ALIBABA_CLOUD_REGION_ID
const config = () =>
  new $OpenApiUtil.Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    regionId,
  })

async function tour() {
  const { body } = await new ecs.default(config()).describeRegions(new ecs.DescribeRegionsRequest({}))
  const client = new vpc.default(config())
  const made = await client.createVpc(
    new vpc.CreateVpcRequest({ regionId, cidrBlock: '172.16.0.0/12', vpcName: 'from-node' }),
  )
  const { vpcId } = made.body
  const find = async () => (await client.describeVpcs(new vpc.DescribeVpcsRequest({ regionId, vpcId }))).body.vpcs.vpc
  const deadline = Date.now() + 20_000
  while ((await find())[0].status !== 'Available') {
    if (Date.now() > deadline) throw new Error(`${vpcId} does not become available`)
    await new Promise((wake) => setTimeout(wake, 50))
  }
  const name = (await find())[0].vpcName
  await client.deleteVpc(new vpc.DeleteVpcRequest({ regionId, vpcId }))
  return { regions: body.regions.region.map((one) => one.regionId), name, left: (await find()).length }
}

tour().then(
  (found) => console.log(JSON.stringify(found)),
  (error) => {
    console.error(error)
    process.exitCode = 1
  },
)
