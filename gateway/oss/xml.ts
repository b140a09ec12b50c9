import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { SaxesParser } from 'saxes'
import { ossErrors } from './errors.ts'

const maxDepth = 20

/**
 * Reads a small XML document. Document types and their entities are refused, so that nothing can grow.
 * @throws MalformedXML
 */
export function parseXml(text: string): XmlElement {
  interface Open {
    name: string
    text: string
    children: Open[]
  }
  const root: Open = { name: '', text: '', children: [] }
  const open: Open[] = [root]
  const parser = new SaxesParser({ xmlns: false })
  const refuse = (reason: string): never => {
    throw objectError(ossErrors.MalformedXML, { facts: { reason } })
  }
  parser.on('error', (error) => refuse(error.message.slice(0, 200)))
  parser.on('doctype', () => refuse('a document type is not allowed.'))
  parser.on('opentag', (tag) => {
    if (open.length > maxDepth) refuse('it is nested too deeply.')
    const element: Open = { name: tag.name.slice(tag.name.indexOf(':') + 1), text: '', children: [] }
    open.at(-1)!.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  const addText = (part: string): void => {
    open.at(-1)!.text += part
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.write(text).close()
  return root.children[0] ?? refuse('it is empty.')
}
