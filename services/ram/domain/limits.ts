/** Quotas of an account, as the vendor's defaults. */
export const limits = {
  users: 1_000,
  groups: 50,
  roles: 1_000,
  policies: 1_500,
  versionsPerPolicy: 5,
  accessKeysPerOwner: 2,
} as const
