/** What agents' answers wake on. */

/** Something about some machines changed; the network says so when cards become ready. */
export const machinesTopic = 'ecs.machines'

/** Something about machines of this pool changed. */
export function poolTopic(poolId: string): string {
  return `ecs.machines/${poolId}`
}
