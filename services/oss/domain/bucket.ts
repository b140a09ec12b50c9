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
  lifecycle?: object
  referer?: object
  encryption?: { algorithm: string; keyId?: string; dataEncryption?: string }
  website?: object
  logging?: object
  requestPayment?: string
  blockPublicAccess?: boolean
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
