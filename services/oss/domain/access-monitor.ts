/** Since when a bucket notes when its objects are read and written; an ISO time. */
export interface AccessMonitor {
  since: string
}

/** Since when an object was not used; objects that were not used since the monitor began count from there. */
export function idleSince(monitor: AccessMonitor, modifiedAt: Date, accessedAt: Date | undefined): Date {
  return new Date(Math.max(Date.parse(monitor.since), modifiedAt.getTime(), accessedAt?.getTime() ?? 0))
}
