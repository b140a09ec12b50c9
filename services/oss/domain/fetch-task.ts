/** What a task says that fetches an object from another host (asyncFetch). @see docs/sources.md#oss-fetching */
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { parseCallback } from './callback.ts'
import { allowOnly } from './xml.ts'
import { findFlag, findValue, getValue } from './xml-values.ts'

/** Woken by new tasks. */
export const fetchTasksChanged = 'oss.fetch-tasks'

export interface FetchTask {
  url: string
  key: string
  /** `Host` header, when not the URL's. */
  host: string | undefined
  /** Base64, as the customer wrote it. */
  contentMd5: string | undefined
  /** JSON in Base64, as uploads have it. */
  callback: string | undefined
  /** An object that is there already is kept. */
  ignoreSameKey: boolean
  callbackWhenFailed: boolean
}

/** As the API calls them. */
export type FetchState = 'Running' | 'Retry' | 'FetchSuccessCallbackFailed' | 'Failed' | 'Success'

/** Longest URL, in characters. */
const maxUrlLength = 4_096

/** @throws MalformedXML, InvalidArgument */
export function readFetchTask(root: XmlElement): FetchTask {
  allowOnly(
    root,
    ...['Url', 'Object', 'Host', 'ContentMD5', 'Callback', 'IgnoreSameKey', 'CallbackWhenFailed', 'StorageClass'],
  )
  const url = getValue(root, 'Url')
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isWeb = parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
  if (!isWeb || parsed.username !== '' || parsed.password !== '' || url.length > maxUrlLength) {
    throw refuse(
      say`Url must be an http or https URL without user and password, of at most ${maxUrlLength} characters.`,
    )
  }
  const host = findValue(root, 'Host') || undefined
  if (host !== undefined && !/^[\w.:[\]-]{1,255}$/.test(host)) throw refuse(say`Host must be a host name.`)
  const contentMd5 = findValue(root, 'ContentMD5') || undefined
  if (contentMd5 !== undefined && Buffer.from(contentMd5, 'base64').length !== 16) {
    throw refuse(say`ContentMD5 must be an MD5 in Base64.`)
  }
  const callback = findValue(root, 'Callback') || undefined
  if (callback !== undefined) parseCallback(callback)
  return {
    ...{ url, host, contentMd5, callback },
    key: getValue(root, 'Object'),
    ignoreSameKey: findFlag(root, 'IgnoreSameKey') ?? true,
    callbackWhenFailed: findFlag(root, 'CallbackWhenFailed') ?? true,
  }
}

export function describeFetchTask(task: FetchTask): object {
  return {
    Url: task.url,
    Object: task.key,
    Host: task.host ?? '',
    ContentMD5: task.contentMd5 ?? '',
    Callback: task.callback ?? '',
    IgnoreSameKey: task.ignoreSameKey,
    CallbackWhenFailed: task.callbackWhenFailed,
  }
}

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason } })
}
