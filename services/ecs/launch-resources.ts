import type { LaunchRequest } from './domain/plan-instances.ts'

/** What a launch touches: a policy may let somebody launch some images only, or into some networks. */
export function launchResources(request: LaunchRequest): string[] {
  const primary = request.NetworkInterface?.[0]
  const groups = [
    request.SecurityGroupId,
    ...(request.SecurityGroupIds ?? []),
    primary?.SecurityGroupId,
    ...(primary?.SecurityGroupIds ?? []),
  ]
  const vswitchId = request.VSwitchId || primary?.VSwitchId
  return [
    'instance/*',
    `image/${request.ImageId || '*'}`,
    `securitygroup/${named(groups)[0] ?? '*'}`,
    ...named(groups)
      .slice(1)
      .map((id) => `securitygroup/${id}`),
    `vswitch/${vswitchId || '*'}`,
    ...named([request.KeyPairName]).map((name) => `keypair/${name}`),
  ]
}

function named(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.flatMap((id) => id || []))]
}
