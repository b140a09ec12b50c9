/** A numbered page; the first is 1. */
export interface PageNumber {
  pageNumber: number
  pageSize: number
}

export function offsetOf(page: PageNumber): number {
  return (page.pageNumber - 1) * page.pageSize
}

/** Key of an item in lists ordered by creation time and id. */
export function creationKey(createdAt: Date, id: string): string {
  return `${createdAt.toISOString()} ${id}`
}

/** The two parts of a key, or undefined when it is none. */
export function findCreationKey(key: string): { createdAt: Date; id: string } | undefined {
  const [time = '', id = ''] = key.split(' ')
  const createdAt = new Date(time)
  return Number.isNaN(createdAt.getTime()) || id === '' ? undefined : { createdAt, id }
}
