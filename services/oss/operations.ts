import type { BoundOperation } from './operation.ts'
import { AbortBucketWorm } from './operations/AbortBucketWorm.ts'
import { AbortMultipartUpload } from './operations/AbortMultipartUpload.ts'
import { AppendObject } from './operations/AppendObject.ts'
import { CleanRestoredObject } from './operations/CleanRestoredObject.ts'
import { CompleteBucketWorm } from './operations/CompleteBucketWorm.ts'
import { CompleteMultipartUpload } from './operations/CompleteMultipartUpload.ts'
import { CopyObject } from './operations/CopyObject.ts'
import { CreateCnameToken } from './operations/CreateCnameToken.ts'
import { CreateSelectObjectMeta } from './operations/CreateSelectObjectMeta.ts'
import { DeleteBucket } from './operations/DeleteBucket.ts'
import { DeleteBucketCallbackPolicy } from './operations/DeleteBucketCallbackPolicy.ts'
import { DeleteBucketCors } from './operations/DeleteBucketCors.ts'
import { DeleteBucketEncryption } from './operations/DeleteBucketEncryption.ts'
import { DeleteBucketInventory } from './operations/DeleteBucketInventory.ts'
import { DeleteBucketLifecycle } from './operations/DeleteBucketLifecycle.ts'
import { DeleteBucketLogging } from './operations/DeleteBucketLogging.ts'
import { DeleteBucketPolicy } from './operations/DeleteBucketPolicy.ts'
import { DeleteBucketPublicAccessBlock } from './operations/DeleteBucketPublicAccessBlock.ts'
import { DeleteBucketQosInfo } from './operations/DeleteBucketQosInfo.ts'
import { DeleteBucketReplication } from './operations/DeleteBucketReplication.ts'
import { DeleteBucketRequesterQosInfo } from './operations/DeleteBucketRequesterQosInfo.ts'
import { DeleteBucketTags } from './operations/DeleteBucketTags.ts'
import { DeleteBucketWebsite } from './operations/DeleteBucketWebsite.ts'
import { DeleteCname } from './operations/DeleteCname.ts'
import { DeleteMultipleObjects } from './operations/DeleteMultipleObjects.ts'
import { DeleteObject } from './operations/DeleteObject.ts'
import { DeleteObjectTagging } from './operations/DeleteObjectTagging.ts'
import { DeletePublicAccessBlock } from './operations/DeletePublicAccessBlock.ts'
import { DeleteStyle } from './operations/DeleteStyle.ts'
import { DeleteUserDefinedLogFieldsConfig } from './operations/DeleteUserDefinedLogFieldsConfig.ts'
import { DescribeRegions } from './operations/DescribeRegions.ts'
import { ExtendBucketWorm } from './operations/ExtendBucketWorm.ts'
import { GetAsyncFetchTask } from './operations/GetAsyncFetchTask.ts'
import { GetBucketAccessMonitor } from './operations/GetBucketAccessMonitor.ts'
import { GetBucketAcl } from './operations/GetBucketAcl.ts'
import { GetBucketArchiveDirectRead } from './operations/GetBucketArchiveDirectRead.ts'
import { GetBucketCallbackPolicy } from './operations/GetBucketCallbackPolicy.ts'
import { GetBucketCors } from './operations/GetBucketCors.ts'
import { GetBucketEncryption } from './operations/GetBucketEncryption.ts'
import { GetBucketHttpsConfig } from './operations/GetBucketHttpsConfig.ts'
import { GetBucketInfo } from './operations/GetBucketInfo.ts'
import { GetBucketInventory } from './operations/GetBucketInventory.ts'
import { GetBucketLifecycle } from './operations/GetBucketLifecycle.ts'
import { GetBucketLocation } from './operations/GetBucketLocation.ts'
import { GetBucketLogging } from './operations/GetBucketLogging.ts'
import { GetBucketPolicy } from './operations/GetBucketPolicy.ts'
import { GetBucketPolicyStatus } from './operations/GetBucketPolicyStatus.ts'
import { GetBucketPublicAccessBlock } from './operations/GetBucketPublicAccessBlock.ts'
import { GetBucketQosInfo } from './operations/GetBucketQosInfo.ts'
import { GetBucketReferer } from './operations/GetBucketReferer.ts'
import { GetBucketReplication } from './operations/GetBucketReplication.ts'
import { GetBucketReplicationLocation } from './operations/GetBucketReplicationLocation.ts'
import { GetBucketReplicationProgress } from './operations/GetBucketReplicationProgress.ts'
import { GetBucketRequesterQosInfo } from './operations/GetBucketRequesterQosInfo.ts'
import { GetBucketRequestPayment } from './operations/GetBucketRequestPayment.ts'
import { GetBucketResourceGroup } from './operations/GetBucketResourceGroup.ts'
import { GetBucketStat } from './operations/GetBucketStat.ts'
import { GetBucketTags } from './operations/GetBucketTags.ts'
import { GetBucketTransferAcceleration } from './operations/GetBucketTransferAcceleration.ts'
import { GetBucketVersioning } from './operations/GetBucketVersioning.ts'
import { GetBucketWebsite } from './operations/GetBucketWebsite.ts'
import { GetBucketWorm } from './operations/GetBucketWorm.ts'
import { GetCnameToken } from './operations/GetCnameToken.ts'
import { GetObject } from './operations/GetObject.ts'
import { GetObjectAcl } from './operations/GetObjectAcl.ts'
import { GetObjectMeta } from './operations/GetObjectMeta.ts'
import { GetObjectTagging } from './operations/GetObjectTagging.ts'
import { GetPublicAccessBlock } from './operations/GetPublicAccessBlock.ts'
import { GetStyle } from './operations/GetStyle.ts'
import { GetSymlink } from './operations/GetSymlink.ts'
import { GetUserDefinedLogFieldsConfig } from './operations/GetUserDefinedLogFieldsConfig.ts'
import { GetUserQosInfo } from './operations/GetUserQosInfo.ts'
import { HeadBucket } from './operations/HeadBucket.ts'
import { HeadObject } from './operations/HeadObject.ts'
import { InitiateBucketWorm } from './operations/InitiateBucketWorm.ts'
import { InitiateMultipartUpload } from './operations/InitiateMultipartUpload.ts'
import { ListBucketInventory } from './operations/ListBucketInventory.ts'
import { ListBucketRequesterQosInfos } from './operations/ListBucketRequesterQosInfos.ts'
import { ListBuckets } from './operations/ListBuckets.ts'
import { ListCname } from './operations/ListCname.ts'
import { ListLiveChannel } from './operations/ListLiveChannel.ts'
import { ListMultipartUploads } from './operations/ListMultipartUploads.ts'
import { ListObjects } from './operations/ListObjects.ts'
import { ListObjectsV2 } from './operations/ListObjectsV2.ts'
import { ListObjectVersions } from './operations/ListObjectVersions.ts'
import { ListParts } from './operations/ListParts.ts'
import { ListStyle } from './operations/ListStyle.ts'
import { OptionBucket, OptionObject } from './operations/OptionObject.ts'
import { PostObject } from './operations/PostObject.ts'
import { ProcessImage } from './operations/ProcessImage.ts'
import { ProcessObject } from './operations/ProcessObject.ts'
import { PutAsyncFetchTask } from './operations/PutAsyncFetchTask.ts'
import { PutBucket } from './operations/PutBucket.ts'
import { PutBucketAccessMonitor } from './operations/PutBucketAccessMonitor.ts'
import { PutBucketAcl } from './operations/PutBucketAcl.ts'
import { PutBucketArchiveDirectRead } from './operations/PutBucketArchiveDirectRead.ts'
import { PutBucketCallbackPolicy } from './operations/PutBucketCallbackPolicy.ts'
import { PutBucketCors } from './operations/PutBucketCors.ts'
import { PutBucketEncryption } from './operations/PutBucketEncryption.ts'
import { PutBucketHttpsConfig } from './operations/PutBucketHttpsConfig.ts'
import { PutBucketInventory } from './operations/PutBucketInventory.ts'
import { PutBucketLifecycle } from './operations/PutBucketLifecycle.ts'
import { PutBucketLogging } from './operations/PutBucketLogging.ts'
import { PutBucketPolicy } from './operations/PutBucketPolicy.ts'
import { PutBucketPublicAccessBlock } from './operations/PutBucketPublicAccessBlock.ts'
import { PutBucketQosInfo } from './operations/PutBucketQosInfo.ts'
import { PutBucketReferer } from './operations/PutBucketReferer.ts'
import { PutBucketReplication } from './operations/PutBucketReplication.ts'
import { PutBucketRequesterQosInfo } from './operations/PutBucketRequesterQosInfo.ts'
import { PutBucketRequestPayment } from './operations/PutBucketRequestPayment.ts'
import { PutBucketResourceGroup } from './operations/PutBucketResourceGroup.ts'
import { PutBucketRtc } from './operations/PutBucketRtc.ts'
import { PutBucketTags } from './operations/PutBucketTags.ts'
import { PutBucketTransferAcceleration } from './operations/PutBucketTransferAcceleration.ts'
import { PutBucketVersioning } from './operations/PutBucketVersioning.ts'
import { PutBucketWebsite } from './operations/PutBucketWebsite.ts'
import { PutCname } from './operations/PutCname.ts'
import { PutObject } from './operations/PutObject.ts'
import { PutObjectAcl } from './operations/PutObjectAcl.ts'
import { PutObjectTagging } from './operations/PutObjectTagging.ts'
import { PutPublicAccessBlock } from './operations/PutPublicAccessBlock.ts'
import { PutStyle } from './operations/PutStyle.ts'
import { PutSymlink } from './operations/PutSymlink.ts'
import { PutUserDefinedLogFieldsConfig } from './operations/PutUserDefinedLogFieldsConfig.ts'
import { RestoreObject } from './operations/RestoreObject.ts'
import { SealAppendObject } from './operations/SealAppendObject.ts'
import { SelectObject } from './operations/SelectObject.ts'
import { UploadPart } from './operations/UploadPart.ts'
import { UploadPartCopy } from './operations/UploadPartCopy.ts'

/** Every operation of object storage. */
export const operations: readonly BoundOperation[] = [
  AbortMultipartUpload,
  AppendObject,
  CleanRestoredObject,
  CompleteMultipartUpload,
  CopyObject,
  DeleteBucket,
  DeleteBucketCors,
  DeleteBucketEncryption,
  DeleteBucketPolicy,
  DeleteBucketPublicAccessBlock,
  DeleteBucketTags,
  DeleteMultipleObjects,
  DeleteObject,
  DeleteObjectTagging,
  DescribeRegions,
  GetBucketAccessMonitor,
  GetBucketAcl,
  GetBucketCors,
  GetBucketEncryption,
  GetBucketInfo,
  GetBucketLifecycle,
  GetBucketLocation,
  GetBucketLogging,
  GetBucketPolicy,
  GetBucketPolicyStatus,
  GetBucketPublicAccessBlock,
  GetBucketReferer,
  GetBucketReplication,
  GetBucketRequestPayment,
  GetBucketStat,
  GetBucketTags,
  GetBucketTransferAcceleration,
  GetBucketVersioning,
  GetBucketWebsite,
  GetBucketWorm,
  GetObject,
  GetObjectAcl,
  GetObjectMeta,
  GetObjectTagging,
  GetSymlink,
  HeadBucket,
  HeadObject,
  InitiateMultipartUpload,
  ListBuckets,
  ListLiveChannel,
  ListMultipartUploads,
  ListObjectVersions,
  ListObjects,
  ListObjectsV2,
  ListParts,
  OptionBucket,
  OptionObject,
  PostObject,
  ProcessImage,
  ProcessObject,
  PutBucket,
  PutBucketAcl,
  PutBucketCors,
  PutBucketEncryption,
  PutBucketPolicy,
  PutBucketPublicAccessBlock,
  PutBucketTags,
  PutBucketVersioning,
  PutObject,
  PutObjectAcl,
  PutObjectTagging,
  PutSymlink,
  RestoreObject,
  SealAppendObject,
  UploadPart,
  UploadPartCopy,
  PutBucketLifecycle,
  DeleteBucketLifecycle,
  PutBucketReferer,
  PutBucketWebsite,
  DeleteBucketWebsite,
  PutBucketLogging,
  DeleteBucketLogging,
  PutUserDefinedLogFieldsConfig,
  GetUserDefinedLogFieldsConfig,
  DeleteUserDefinedLogFieldsConfig,
  PutBucketRequestPayment,
  PutBucketTransferAcceleration,
  PutBucketResourceGroup,
  GetBucketResourceGroup,
  PutBucketHttpsConfig,
  GetBucketHttpsConfig,
  PutBucketArchiveDirectRead,
  GetBucketArchiveDirectRead,
  InitiateBucketWorm,
  AbortBucketWorm,
  CompleteBucketWorm,
  ExtendBucketWorm,
  PutStyle,
  GetStyle,
  ListStyle,
  DeleteStyle,
  PutBucketReplication,
  DeleteBucketReplication,
  PutBucketRtc,
  GetBucketReplicationLocation,
  GetBucketReplicationProgress,
  PutBucketInventory,
  GetBucketInventory,
  ListBucketInventory,
  DeleteBucketInventory,
  PutPublicAccessBlock,
  GetPublicAccessBlock,
  DeletePublicAccessBlock,
  PutCname,
  DeleteCname,
  ListCname,
  CreateCnameToken,
  GetCnameToken,
  PutBucketAccessMonitor,
  SelectObject,
  CreateSelectObjectMeta,
  PutBucketCallbackPolicy,
  GetBucketCallbackPolicy,
  DeleteBucketCallbackPolicy,
  PutAsyncFetchTask,
  GetAsyncFetchTask,
  PutBucketQosInfo,
  GetBucketQosInfo,
  DeleteBucketQosInfo,
  GetUserQosInfo,
  PutBucketRequesterQosInfo,
  GetBucketRequesterQosInfo,
  DeleteBucketRequesterQosInfo,
  ListBucketRequesterQosInfos,
]

/** Names of what is implemented, for docs/parity.md. */
export const implementedOssOperations: readonly string[] = operations.map((operation) => operation.name).sort()
