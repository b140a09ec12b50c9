import { say, type Text } from '@pileus/kernel/messages/text'
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
  const refuse = (reason: Text): never => {
    throw objectError(ossErrors.MalformedXML, { facts: { reason } })
  }
  parser.on('error', (error) => refuse(say`${error.message.slice(0, 200)}`))
  parser.on('doctype', () => refuse(say`a document type is not allowed.`))
  parser.on('opentag', (tag) => {
    if (open.length > maxDepth) refuse(say`it is nested too deeply.`)
    const element: Open = { name: tag.name.slice(tag.name.indexOf(':') + 1), text: '', children: [] }
    open.at(-1)!.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  const { safe, restore } = hideControls(text)
  const addText = (part: string): void => {
    open.at(-1)!.text += restore(part)
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.write(safe).close()
  return root.children[0] ?? refuse(say`it is empty.`)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 cannot hold
const controls = /[\u0001-\u0008\u000b\u000c\u000e-\u001f]/g
const privateUse = { first: 0xe000, last: 0xf8ff }

/**
 * Keys may hold control characters, which clients send as they are and XML 1.0 does not allow: a mark that the text
 * does not have and a letter stand for each while it is parsed.
 */
function hideControls(text: string): { safe: string; restore(part: string): string } {
  const asIs = { safe: text, restore: (part: string) => part }
  if (text.search(controls) === -1) return asIs
  for (let code = privateUse.first; code <= privateUse.last; code += 1) {
    const mark = String.fromCharCode(code)
    if (text.includes(mark)) continue
    const hidden = new RegExp(`${mark}(.)`, 'gsu')
    return {
      safe: text.replace(controls, (control) => mark + String.fromCharCode(control.charCodeAt(0) + 64)),
      restore: (part) => part.replace(hidden, (_, letter: string) => String.fromCharCode(letter.charCodeAt(0) - 64)),
    }
  }
  return asIs
}
