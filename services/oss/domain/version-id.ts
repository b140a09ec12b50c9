import { randomBytes } from 'node:crypto'

const versionId = /^(?:CAEQ[0-9a-f]{60}|null)$/

/** A version id as customers see it: 64 characters that need no encoding. */
export function newVersionId(): string {
  return `CAEQ${randomBytes(30).toString('hex')}`
}

/** Whether a text could be a version id. */
export function isVersionId(text: string): boolean {
  return versionId.test(text)
}
