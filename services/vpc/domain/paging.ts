import { parsePage } from '@pileus/kernel/pagination'

/** Numbered pages as the VPC product has them: 10 a page, at most 50. */
export function parseVpcPage(request: { PageNumber?: number | undefined; PageSize?: number | undefined }): {
  pageNumber: number
  pageSize: number
} {
  const { PageNumber, PageSize } = request
  const page = parsePage({ PageNumber, PageSize }, { defaultSize: 10, maxSize: 50 })
  if (page.kind !== 'number') throw new Error('a numbered page was asked for')
  return page
}

/** `a,b` as ids; undefined when there is none. */
export function parseIdList(value: string | undefined): string[] | undefined {
  const ids = (value ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  return ids.length === 0 ? undefined : ids
}

/** A filter that clients may send empty. */
export function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}
