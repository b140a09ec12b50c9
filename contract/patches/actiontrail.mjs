// ActionTrail 2020-07-06 has no npm package. Parameters and fields are those that the vendor's Go SDK and API metadata
// declare. An event is a map, because its fields depend on the call it tells of.

const source = (file) => `https://github.com/aliyun/alibaba-cloud-sdk-go/blob/master/services/actiontrail/${file}.go`
const metadata = (name) =>
  `https://github.com/aliyun/aliyun-openapi-meta/blob/master/metadatas/actiontrail/${name}.json`

const destination = {
  EventRW: 'string',
  MaxComputeProjectArn: 'string',
  MaxComputeWriteRoleArn: 'string',
  OssBucketName: 'string',
  OssKeyPrefix: 'string',
  OssWriteRoleArn: 'string',
  SlsProjectArn: 'string',
  SlsWriteRoleArn: 'string',
  TrailRegion: 'string',
}
const changed = { RequestId: 'string', Name: 'string', HomeRegion: 'string', ...destination }
const trail = {
  Name: 'string',
  HomeRegion: 'string',
  Region: 'string',
  Status: 'string',
  TrailArn: 'string',
  IsOrganizationTrail: 'boolean',
  OrganizationId: 'string',
  OssBucketLocation: 'string',
  CreateTime: 'string',
  UpdateTime: 'string',
  StartLoggingTime: 'string',
  StopLoggingTime: 'string',
  ...destination,
}
const selectors = { RequestId: 'string', TrailArn: 'string', DataEventSelectors: 'string' }

export default {
  product: 'Actiontrail',
  version: '2020-07-06',
  actions: {
    CreateTrail: {
      source: source('create_trail'),
      request: { Name: 'string!', IsOrganizationTrail: 'boolean', ...destination },
      response: changed,
    },
    UpdateTrail: {
      source: source('update_trail'),
      request: { Name: 'string!', ...destination },
      response: changed,
    },
    DeleteTrail: {
      source: source('delete_trail'),
      request: { Name: 'string!' },
      response: { RequestId: 'string' },
    },
    DescribeTrails: {
      source: source('describe_trails'),
      request: { NameList: 'string', IncludeShadowTrails: 'boolean', IncludeOrganizationTrail: 'boolean' },
      response: { RequestId: 'string', TrailList: [trail] },
    },
    GetTrailStatus: {
      source: source('get_trail_status'),
      request: { Name: 'string!', IsOrganizationTrail: 'boolean' },
      response: {
        RequestId: 'string',
        IsLogging: 'boolean',
        LatestDeliveryError: 'string',
        LatestDeliveryTime: 'string',
        LatestDeliveryLogServiceError: 'string',
        LatestDeliveryLogServiceTime: 'string',
        OssBucketStatus: 'boolean',
        SlsLogStoreStatus: 'boolean',
        StartLoggingTime: 'string',
        StopLoggingTime: 'string',
      },
    },
    StartLogging: {
      source: source('start_logging'),
      request: { Name: 'string!' },
      response: { RequestId: 'string' },
    },
    StopLogging: {
      source: source('stop_logging'),
      request: { Name: 'string!' },
      response: { RequestId: 'string' },
    },
    LookupEvents: {
      source: source('lookup_events'),
      request: {
        StartTime: 'string',
        EndTime: 'string',
        LookupAttribute: [{ Key: 'string', Value: 'string' }],
        Direction: 'string',
        MaxResults: 'string',
        NextToken: 'string',
      },
      response: {
        RequestId: 'string',
        StartTime: 'string',
        EndTime: 'string',
        NextToken: 'string',
        Events: [{ $map: 'any' }],
      },
    },
    DescribeRegions: {
      source: source('describe_regions'),
      request: { AcceptLanguage: 'string' },
      response: {
        RequestId: 'string',
        Regions: { Region: [{ RegionId: 'string', RegionEndpoint: 'string', LocalName: 'string' }] },
      },
    },
    PutDataEventSelector: {
      source: metadata('PutDataEventSelector'),
      request: {
        TrailName: 'string!',
        EventSelectors: 'string!',
        IsTrailAllRegion: 'boolean',
        TrailRegionIds: 'string',
      },
      response: selectors,
    },
    GetDataEventSelector: {
      source: metadata('GetDataEventSelector'),
      request: { TrailName: 'string!' },
      response: { ...selectors, IsTrailAllRegion: 'boolean' },
    },
    DeleteDataEventSelector: {
      source: metadata('DeleteDataEventSelector'),
      request: { TrailName: 'string!' },
      response: { RequestId: 'string' },
    },
  },
}
