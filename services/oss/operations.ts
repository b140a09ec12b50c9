import type { BoundOperation } from './operation.ts'
import { AbortMultipartUpload } from './operations/AbortMultipartUpload.ts'
import { AppendObject } from './operations/AppendObject.ts'
import { CompleteMultipartUpload } from './operations/CompleteMultipartUpload.ts'
import { CopyObject } from './operations/CopyObject.ts'
import { DeleteBucket } from './operations/DeleteBucket.ts'
import { DeleteBucketCors } from './operations/DeleteBucketCors.ts'
import { DeleteBucketPolicy } from './operations/DeleteBucketPolicy.ts'
import { DeleteBucketPublicAccessBlock } from './operations/DeleteBucketPublicAccessBlock.ts'
import { DeleteBucketTags } from './operations/DeleteBucketTags.ts'
import { DeleteMultipleObjects } from './operations/DeleteMultipleObjects.ts'
import { DeleteObject } from './operations/DeleteObject.ts'
import { DeleteObjectTagging } from './operations/DeleteObjectTagging.ts'
import { GetBucketAccessMonitor } from './operations/GetBucketAccessMonitor.ts'
import { GetBucketAcl } from './operations/GetBucketAcl.ts'
import { GetBucketCors } from './operations/GetBucketCors.ts'
import { GetBucketEncryption } from './operations/GetBucketEncryption.ts'
import { GetBucketInfo } from './operations/GetBucketInfo.ts'
import { GetBucketLifecycle } from './operations/GetBucketLifecycle.ts'
import { GetBucketLocation } from './operations/GetBucketLocation.ts'
import { GetBucketLogging } from './operations/GetBucketLogging.ts'
import { GetBucketPolicy } from './operations/GetBucketPolicy.ts'
import { GetBucketPolicyStatus } from './operations/GetBucketPolicyStatus.ts'
import { GetBucketPublicAccessBlock } from './operations/GetBucketPublicAccessBlock.ts'
import { GetBucketReferer } from './operations/GetBucketReferer.ts'
import { GetBucketReplication } from './operations/GetBucketReplication.ts'
import { GetBucketRequestPayment } from './operations/GetBucketRequestPayment.ts'
import { GetBucketStat } from './operations/GetBucketStat.ts'
import { GetBucketTags } from './operations/GetBucketTags.ts'
import { GetBucketTransferAcceleration } from './operations/GetBucketTransferAcceleration.ts'
import { GetBucketVersioning } from './operations/GetBucketVersioning.ts'
import { GetBucketWebsite } from './operations/GetBucketWebsite.ts'
import { GetBucketWorm } from './operations/GetBucketWorm.ts'
import { GetObject } from './operations/GetObject.ts'
import { GetObjectAcl } from './operations/GetObjectAcl.ts'
import { GetObjectMeta } from './operations/GetObjectMeta.ts'
import { GetObjectTagging } from './operations/GetObjectTagging.ts'
import { GetSymlink } from './operations/GetSymlink.ts'
import { HeadBucket } from './operations/HeadBucket.ts'
import { HeadObject } from './operations/HeadObject.ts'
import { InitiateMultipartUpload } from './operations/InitiateMultipartUpload.ts'
import { ListBuckets } from './operations/ListBuckets.ts'
import { ListLiveChannel } from './operations/ListLiveChannel.ts'
import { ListMultipartUploads } from './operations/ListMultipartUploads.ts'
import { ListObjects } from './operations/ListObjects.ts'
import { ListObjectsV2 } from './operations/ListObjectsV2.ts'
import { ListObjectVersions } from './operations/ListObjectVersions.ts'
import { ListParts } from './operations/ListParts.ts'
import { OptionBucket, OptionObject } from './operations/OptionObject.ts'
import { PostObject } from './operations/PostObject.ts'
import { ProcessImage } from './operations/ProcessImage.ts'
import { ProcessObject } from './operations/ProcessObject.ts'
import { PutBucket } from './operations/PutBucket.ts'
import { PutBucketAcl } from './operations/PutBucketAcl.ts'
import { PutBucketCors } from './operations/PutBucketCors.ts'
import { PutBucketPolicy } from './operations/PutBucketPolicy.ts'
import { PutBucketPublicAccessBlock } from './operations/PutBucketPublicAccessBlock.ts'
import { PutBucketTags } from './operations/PutBucketTags.ts'
import { PutBucketVersioning } from './operations/PutBucketVersioning.ts'
import { PutObject } from './operations/PutObject.ts'
import { PutObjectAcl } from './operations/PutObjectAcl.ts'
import { PutObjectTagging } from './operations/PutObjectTagging.ts'
import { PutSymlink } from './operations/PutSymlink.ts'
import { RestoreObject } from './operations/RestoreObject.ts'
import { UploadPart } from './operations/UploadPart.ts'
import { UploadPartCopy } from './operations/UploadPartCopy.ts'

/** Every operation of object storage. */
export const operations: readonly BoundOperation[] = [
  AbortMultipartUpload,
  AppendObject,
  CompleteMultipartUpload,
  CopyObject,
  DeleteBucket,
  DeleteBucketCors,
  DeleteBucketPolicy,
  DeleteBucketPublicAccessBlock,
  DeleteBucketTags,
  DeleteMultipleObjects,
  DeleteObject,
  DeleteObjectTagging,
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
  PutBucketPolicy,
  PutBucketPublicAccessBlock,
  PutBucketTags,
  PutBucketVersioning,
  PutObject,
  PutObjectAcl,
  PutObjectTagging,
  PutSymlink,
  RestoreObject,
  UploadPart,
  UploadPartCopy,
]

/** Names of what is implemented, for docs/parity.md. */
export const implementedOssOperations: readonly string[] = operations.map((operation) => operation.name).sort()
