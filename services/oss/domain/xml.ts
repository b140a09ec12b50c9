/** Reading elements of XML bodies. */
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name)
}

export function findChild(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

/** Text of a child, or undefined when there is none. */
export function findText(element: XmlElement, name: string): string | undefined {
  return findChild(element, name)?.text
}

/** @throws MalformedXML when there is no such child */
export function getText(element: XmlElement, name: string): string {
  const text = findText(element, name)
  if (text === undefined) throw malformedXml(say`${element.name} has no ${name}.`)
  return text
}

/** Trimmed text of all children of that name. */
export function textsOf(element: XmlElement, name: string): string[] {
  return childrenOf(element, name).map((child) => child.text.trim())
}

/** @throws MalformedXML that names a child which is none of `known` */
export function allowOnly(element: XmlElement, ...known: string[]): void {
  const other = element.children.find((child) => !known.includes(child.name))
  if (other) throw malformedXml(say`${element.name} has ${other.name}, which is not one of ${known.join(', ')}.`)
}

export function malformedXml(reason: Text) {
  return objectError(errors.MalformedXML, { facts: { reason } })
}
