/** How to call each operation of object storage on a bucket of another account. An operation without a row fails. */

export interface IsolationRow {
  /** Values of the route's sub-resources, and more of the query. */
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: string
  /** What a root key of another account is told; 403 AccessDenied unless said otherwise. */
  stranger?: { status: number; code: string | undefined; why: string }
  /** What anybody is told about a bucket that is not there; 404 NoSuchBucket unless said otherwise. */
  missing?: { status: number; code: string | undefined; why: string }
}

const xml = (root: string, inner = ''): IsolationRow => ({ body: `<${root}>${inner}</${root}>` })
const plain: IsolationRow = {}
const upload = { uploadId: 'ABCDEF0123456789ABCDEF0123456789' }
const style = { styleName: 'small' }
const rule = '<Rule><ID>r</ID></Rule>'
const nobodysBucket = 'it is about no bucket'

const inventory = { inventoryId: 'i' }
const bind = xml('BucketCnameConfiguration', '<Cname><Domain>a.example</Domain></Cname>')
/** It is about the caller's own account. */
const ofAccount = (told: { status: number; code: string | undefined }): IsolationRow => ({
  stranger: { ...told, why: nobodysBucket },
  missing: { ...told, why: nobodysBucket },
})

export const isolationRows: Readonly<Record<string, IsolationRow>> = {
  AbortBucketWorm: plain,
  AbortMultipartUpload: { query: upload },
  AppendObject: { query: { position: '0' }, body: 'x' },
  CleanRestoredObject: plain,
  CompleteBucketWorm: { query: { wormId: 'ABC' } },
  CompleteMultipartUpload: {
    query: upload,
    ...xml('CompleteMultipartUpload', '<Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>'),
  },
  CopyObject: { headers: { 'x-oss-copy-source': '/isolation-stranger/k' } },
  CreateCnameToken: bind,
  CreateSelectObjectMeta: xml('CsvMetaRequest', '<InputSerialization/>'),
  DeleteBucket: plain,
  DeleteBucketCallbackPolicy: plain,
  DeleteBucketCors: plain,
  DeleteBucketEncryption: plain,
  DeleteBucketInventory: { query: inventory },
  DeleteBucketLifecycle: plain,
  DeleteBucketLogging: plain,
  DeleteBucketPolicy: plain,
  DeleteBucketPublicAccessBlock: plain,
  DeleteBucketQosInfo: plain,
  DeleteBucketReplication: xml('ReplicationRules', '<ID>r</ID>'),
  DeleteBucketRequesterQosInfo: { query: { qosRequester: '1' } },
  DeleteBucketTags: plain,
  DeleteBucketWebsite: plain,
  DeleteCname: bind,
  DeleteMultipleObjects: xml('Delete', '<Object><Key>k</Key></Object>'),
  DeleteObject: plain,
  DeleteObjectTagging: plain,
  DeletePublicAccessBlock: ofAccount({ status: 204, code: undefined }),
  DeleteStyle: { query: style },
  DeleteUserDefinedLogFieldsConfig: plain,
  DescribeRegions: ofAccount({ status: 200, code: undefined }),
  ExtendBucketWorm: {
    query: { wormId: 'ABC' },
    ...xml('ExtendWormConfiguration', '<RetentionPeriodInDays>9</RetentionPeriodInDays>'),
  },
  GetAsyncFetchTask: { headers: { 'x-oss-task-id': 'none' } },
  GetBucketAccessMonitor: plain,
  GetBucketAcl: plain,
  GetBucketArchiveDirectRead: plain,
  GetBucketCallbackPolicy: plain,
  GetBucketCors: plain,
  GetBucketEncryption: plain,
  GetBucketHttpsConfig: plain,
  GetBucketInfo: plain,
  GetBucketInventory: { query: inventory },
  GetBucketLifecycle: plain,
  GetBucketLocation: plain,
  GetBucketLogging: plain,
  GetBucketPolicy: plain,
  GetBucketPolicyStatus: plain,
  GetBucketPublicAccessBlock: plain,
  GetBucketQosInfo: plain,
  GetBucketReferer: plain,
  GetBucketReplication: plain,
  GetBucketReplicationLocation: plain,
  GetBucketReplicationProgress: plain,
  GetBucketRequestPayment: plain,
  GetBucketRequesterQosInfo: { query: { qosRequester: '1' } },
  GetBucketResourceGroup: plain,
  GetBucketStat: plain,
  GetBucketTags: plain,
  GetBucketTransferAcceleration: plain,
  GetBucketVersioning: plain,
  GetBucketWebsite: plain,
  GetBucketWorm: plain,
  GetCnameToken: { query: { cname: 'a.example' } },
  GetObject: plain,
  GetObjectAcl: plain,
  GetObjectMeta: plain,
  GetObjectTagging: plain,
  GetPublicAccessBlock: ofAccount({ status: 200, code: undefined }),
  GetStyle: { query: style },
  GetSymlink: plain,
  GetUserDefinedLogFieldsConfig: plain,
  GetUserQosInfo: ofAccount({ status: 200, code: undefined }),
  HeadBucket: plain,
  HeadObject: plain,
  InitiateBucketWorm: xml('InitiateWormConfiguration', '<RetentionPeriodInDays>1</RetentionPeriodInDays>'),
  InitiateMultipartUpload: plain,
  ListBucketInventory: plain,
  ListBucketRequesterQosInfos: plain,
  ListBuckets: ofAccount({ status: 200, code: undefined }),
  ListCname: plain,
  ListLiveChannel: plain,
  ListMultipartUploads: plain,
  ListObjectVersions: plain,
  ListObjects: plain,
  ListObjectsV2: plain,
  ListParts: { query: upload },
  ListStyle: plain,
  OptionBucket: { stranger: { status: 403, code: 'AccessForbidden', why: 'only CORS rules decide' } },
  OptionObject: { stranger: { status: 403, code: 'AccessForbidden', why: 'only CORS rules decide' } },
  PostObject: plain,
  ProcessImage: { query: { 'x-oss-process': 'image/info' } },
  ProcessObject: { body: 'x-oss-process=image/info|sys/saveas,o_YQ' },
  PutBucket: {
    stranger: { status: 409, code: 'BucketAlreadyExists', why: 'names are shared by all accounts' },
    missing: { status: 200, code: undefined, why: 'it makes the bucket' },
  },
  PutAsyncFetchTask: xml(
    'AsyncFetchTaskConfiguration',
    '<Url>http://a.example/</Url><Object>k</Object><IgnoreSameKey>false</IgnoreSameKey>',
  ),
  PutBucketAccessMonitor: xml('AccessMonitorConfiguration', '<Status>Enabled</Status>'),
  PutBucketAcl: { headers: { 'x-oss-acl': 'public-read-write' } },
  PutBucketArchiveDirectRead: xml('ArchiveDirectReadConfiguration', '<Enabled>true</Enabled>'),
  PutBucketCallbackPolicy: xml(
    'BucketCallbackPolicy',
    '<PolicyItem><PolicyName>p</PolicyName><Callback>e30=</Callback></PolicyItem>',
  ),
  PutBucketCors: xml(
    'CORSConfiguration',
    '<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>',
  ),
  PutBucketEncryption: xml(
    'ServerSideEncryptionRule',
    '<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>',
  ),
  PutBucketHttpsConfig: xml('HttpsConfiguration', '<TLS><Enable>false</Enable></TLS>'),
  PutBucketInventory: { query: inventory, ...xml('InventoryConfiguration', '<Id>i</Id>') },
  PutBucketLifecycle: xml(
    'LifecycleConfiguration',
    '<Rule><ID>r</ID><Prefix></Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>',
  ),
  PutBucketLogging: xml(
    'BucketLoggingStatus',
    '<LoggingEnabled><TargetBucket>isolation-stranger</TargetBucket><TargetPrefix>p</TargetPrefix></LoggingEnabled>',
  ),
  PutBucketPolicy: {
    body: '{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:*"],"Principal":["*"],"Resource":["*"]}]}',
  },
  PutBucketPublicAccessBlock: xml('PublicAccessBlockConfiguration', '<BlockPublicAccess>false</BlockPublicAccess>'),
  PutBucketQosInfo: xml('QoSConfiguration', '<TotalQps>0</TotalQps>'),
  PutBucketReferer: xml(
    'RefererConfiguration',
    '<AllowEmptyReferer>true</AllowEmptyReferer><RefererList><Referer>http://a.example</Referer></RefererList>',
  ),
  PutBucketReplication: xml('ReplicationConfiguration', rule),
  PutBucketRequestPayment: xml('RequestPaymentConfiguration', '<Payer>Requester</Payer>'),
  PutBucketResourceGroup: xml('BucketResourceGroupConfiguration', '<ResourceGroupId>rg-a</ResourceGroupId>'),
  PutBucketRequesterQosInfo: {
    query: { qosRequester: '1' },
    ...xml('QoSConfiguration', '<TotalQps>0</TotalQps>'),
  },
  PutBucketRtc: xml('ReplicationRule', '<RTC><Status>enabled</Status></RTC><ID>r</ID>'),
  PutBucketTags: xml('Tagging', '<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>'),
  PutBucketTransferAcceleration: xml('TransferAccelerationConfiguration', '<Enabled>true</Enabled>'),
  PutBucketVersioning: xml('VersioningConfiguration', '<Status>Enabled</Status>'),
  PutBucketWebsite: xml('WebsiteConfiguration', '<IndexDocument><Suffix>index.html</Suffix></IndexDocument>'),
  PutCname: bind,
  PutObject: { body: 'stolen' },
  PutObjectAcl: { headers: { 'x-oss-object-acl': 'public-read' } },
  PutObjectTagging: xml('Tagging', '<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>'),
  PutPublicAccessBlock: {
    ...xml('PublicAccessBlockConfiguration', '<BlockPublicAccess>false</BlockPublicAccess>'),
    ...ofAccount({ status: 200, code: undefined }),
  },
  PutStyle: { query: style, ...xml('Style', '<Content>image/resize,w_1</Content>') },
  PutSymlink: { headers: { 'x-oss-symlink-target': 'other' } },
  PutUserDefinedLogFieldsConfig: xml('UserDefinedLogFieldsConfiguration', '<HeaderSet><header>a</header></HeaderSet>'),
  RestoreObject: plain,
  SealAppendObject: { query: { position: '8' } },
  SelectObject: xml('SelectRequest', '<Expression>c2VsZWN0ICogZnJvbSBvc3NvYmplY3Q=</Expression><InputSerialization/>'),
  UploadPart: { query: { ...upload, partNumber: '1' }, body: 'x' },
  UploadPartCopy: { query: { ...upload, partNumber: '1' }, headers: { 'x-oss-copy-source': '/isolation-stranger/k' } },
}
