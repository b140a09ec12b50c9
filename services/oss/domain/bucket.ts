import type { AccessLogging, LogFields } from './access-log.ts'
import type { AccessMonitor } from './access-monitor.ts'
import type { CallbackPolicy } from './callback.ts'
import type { EncryptionWish } from './encryption.ts'
import type { HttpsRules } from './https-rules.ts'
import type { LifecycleRule } from './lifecycle.ts'
import type { Qos } from './qos.ts'
import type { Referer } from './referer.ts'
import type { Website } from './website.ts'
import type { Worm } from './worm.ts'

/** A bucket as operations know it. */
export interface Bucket {
  bucketId: number
  name: string
  accountId: string
  regionId: string
  acl: Acl
  storageClass: StorageClass
  redundancy: 'LRS' | 'ZRS'
  /** Undefined when it was never set. */
  versioning: 'Enabled' | 'Suspended' | undefined
  settings: BucketSettings
  createdAt: Date
  /** Whether its account lets no strangers into any of its buckets. */
  isAccountClosed: boolean
}

export const acls = ['private', 'public-read', 'public-read-write'] as const
export type Acl = (typeof acls)[number]

export const storageClasses = ['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive'] as const
export type StorageClass = (typeof storageClasses)[number]

/** Documents of sub-resources, each absent until it is set. */
export interface BucketSettings {
  tagging?: Tag[]
  cors?: { rules: CorsRule[]; responseVary: boolean }
  policy?: string
  lifecycle?: LifecycleRule[]
  referer?: Referer
  encryption?: EncryptionWish
  website?: Website
  logging?: AccessLogging
  logFields?: LogFields
  requestPayment?: 'BucketOwner' | 'Requester'
  worm?: Worm
  /** Set while the bucket notes when its objects are used. */
  accessMonitor?: AccessMonitor
  transferAcceleration?: boolean
  styles?: Record<string, ImageStyle>
  resourceGroupId?: string
  https?: HttpsRules
  /** Whether it has replication rules. */
  isReplicated?: true
  /** Archived objects may be read without being restored first. */
  archiveDirectRead?: boolean
  blockPublicAccess?: boolean
  callbackPolicies?: CallbackPolicy[]
  qos?: Qos
  /** By the id of an account or a user. */
  requesterQos?: Record<string, Qos>
}

/** A saved chain of image operations; `createdAt` and `modifiedAt` are ISO times. */
export interface ImageStyle {
  content: string
  category: string
  createdAt: string
  modifiedAt: string
}

export interface Tag {
  key: string
  value: string
}

export interface CorsRule {
  allowedOrigins: string[]
  allowedMethods: string[]
  allowedHeaders: string[]
  exposeHeaders: string[]
  maxAgeSeconds: number | undefined
}
