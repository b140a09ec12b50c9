import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonStream } from './json-stream.ts'

test('messages come out whole, however the bytes are cut', () => {
  const message = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.integer({ min: 1, max: 7 }), (messages, step) => {
      const texts = messages.map((each) => JSON.stringify(each))
      const bytes = Buffer.from(texts.join(''))
      const stream = new JsonStream(1_000_000)
      const received: unknown[] = []
      for (let at = 0; at < bytes.length; at += step) received.push(...stream.push(bytes.subarray(at, at + step)))
      expect(received).toEqual(texts.map((text) => JSON.parse(text)))
    }),
  )
})

test('a message that is too long, or none, is an error', () => {
  expect(() => new JsonStream(10).push(Buffer.from(`{"a":"${'x'.repeat(20)}`))).toThrow(/longer than 10 bytes/)
  expect(() => new JsonStream(10).push(Buffer.from('HTTP/1.1 400'))).toThrow(/expected a JSON object/)
  expect(() => new JsonStream(10).push(Buffer.from('}'))).toThrow(/unbalanced/)
  expect(() => new JsonStream(10).push(Buffer.from('{nope}'))).toThrow(SyntaxError)
})
