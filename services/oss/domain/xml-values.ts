/** Values of elements in the documents of buckets. Each throws MalformedXML that names the element. */
import { say } from '@pileus/kernel/messages/text'
import type { XmlElement } from '@pileus/kernel/object-protocol'
import { childrenOf, malformedXml } from './xml.ts'

/** The child of that name, which may be there once. */
export function findOnly(element: XmlElement, name: string): XmlElement | undefined {
  const found = childrenOf(element, name)
  if (found.length > 1) throw malformedXml(say`${element.name} has more than one ${name}.`)
  return found[0]
}

/** The child of that name, which must be there once. */
export function getOnly(element: XmlElement, name: string): XmlElement {
  const found = findOnly(element, name)
  if (!found) throw malformedXml(say`${element.name} has no ${name}.`)
  return found
}

/** Trimmed text; undefined when there is no such child. */
export function findValue(element: XmlElement, name: string): string | undefined {
  return findOnly(element, name)?.text.trim()
}

/** Trimmed text that is not empty. */
export function getValue(element: XmlElement, name: string): string {
  const value = getOnly(element, name).text.trim()
  if (value === '') throw malformedXml(say`${element.name} has an empty ${name}.`)
  return value
}

export function findFlag(element: XmlElement, name: string): boolean | undefined {
  const value = findValue(element, name)?.toLowerCase()
  if (value === undefined || value === '') return undefined
  if (value !== 'true' && value !== 'false') throw malformedXml(say`${name} must be true or false.`)
  return value === 'true'
}

export function getFlag(element: XmlElement, name: string): boolean {
  const flag = findFlag(element, name)
  if (flag === undefined) throw malformedXml(say`${element.name} has no ${name}.`)
  return flag
}

/** A whole number within limits, both included. */
export function findWhole(element: XmlElement, name: string, least: number, most: number): number | undefined {
  const value = findValue(element, name)
  if (value === undefined) return undefined
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (!(number >= least && number <= most)) {
    throw malformedXml(say`${name} must be a whole number from ${least} to ${most}.`)
  }
  return number
}

export function getWhole(element: XmlElement, name: string, least: number, most: number): number {
  const number = findWhole(element, name, least, most)
  if (number === undefined) throw malformedXml(say`${element.name} has no ${name}.`)
  return number
}

/** One of a few words. */
export function findWord<Word extends string>(
  element: XmlElement,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = findValue(element, name)
  if (value === undefined || value === '') return undefined
  const word = words.find((one) => one === value)
  if (word === undefined) throw malformedXml(say`${name} must be one of ${words.join(', ')}.`)
  return word
}

export function getWord<Word extends string>(element: XmlElement, name: string, words: readonly Word[]): Word {
  const word = findWord(element, name, words)
  if (word === undefined) throw malformedXml(say`${element.name} has no ${name}.`)
  return word
}
