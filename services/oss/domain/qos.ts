/**
 * How much a bucket may be used, and by whom: bandwidth in Gbit/s and requests per second, each in all, over internal
 * host names and over the others. -1 is no limit, 0 refuses such use. @see docs/sources.md#oss-fetching
 */
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { allowOnly, malformedXml } from './xml.ts'
import { findValue } from './xml-values.ts'

const networks = ['Total', 'Intranet', 'Extranet'] as const
const kinds = ['UploadBandwidth', 'DownloadBandwidth', 'Qps'] as const
export type QosNetwork = (typeof networks)[number]
export type QosKind = (typeof kinds)[number]
export type QosName = `${QosNetwork}${QosKind}`
const names = kinds.flatMap((kind) => networks.map((network): QosName => `${network}${kind}`))

export type Qos = Readonly<Record<QosName, number>>

export const noLimits = Object.fromEntries(names.map((name) => [name, -1])) as Qos

/** What an account may give a bucket of a region; requests have no such limit. In the units of `Qos`. */
export const accountQos: Qos = { ...noLimits, TotalUploadBandwidth: 10, TotalDownloadBandwidth: 10 }

/** Users of a bucket that may have limits of their own. */
export const maxRequesters = 300

/** `within` bounds the totals. @throws MalformedXML, InvalidArgument */
export function readQos(root: XmlElement, within: Qos): Qos {
  allowOnly(root, ...names)
  const qos = Object.fromEntries(names.map((name) => [name, readNumber(root, name)])) as Record<QosName, number>
  for (const kind of kinds) {
    const total: QosName = `Total${kind}`
    for (const network of networks) {
      const name: QosName = `${network}${kind}`
      const [limit, by] =
        qos[total] >= 0 && name !== total ? [qos[total], total] : [within[total], 'the account or bucket']
      if (limit >= 0 && qos[name] > limit) throw refuse(say`${name} may not be more than ${limit}, the limit of ${by}.`)
    }
  }
  return qos
}

function readNumber(root: XmlElement, name: QosName): number {
  const value = findValue(root, name)
  if (value === undefined || value === '') return -1
  const number = /^-?\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(number)) throw malformedXml(say`${name} must be a whole number.`)
  if (number < -1) throw refuse(say`${name} must be -1 for no limit, or a number from 0 on.`)
  return number
}

/** As documents have it, in the order of the API. */
export function describeQos(qos: Qos): object {
  return Object.fromEntries(names.map((name) => [name, qos[name]]))
}

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason } })
}
