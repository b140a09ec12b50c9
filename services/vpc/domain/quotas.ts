/** The vendor's default quotas. */
export const quotas = {
  vpcsPerRegion: 10,
  vswitchesPerVpc: 150,
  secondaryCidrsPerVpc: 5,
  customRouteTablesPerVpc: 9,
  customEntriesPerRouteTable: 200,
  securityGroupsPerRegion: 100,
  rulesPerSecurityGroup: 200,
  securityGroupsPerNic: 5,
  /** Addresses in a security group: bounds the policy that the network must hold. */
  addressesPerSecurityGroup: { normal: 6_000, enterprise: 65_536 },
  privateIpsPerNic: 50,
  nicsPerRegion: 10_000,
} as const
