export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined }

/**
 * JSON with sorted names and no spaces (RFC 8785), so that whoever has an event in any form can make the entry of the
 * log again. What a database refuses in text (NUL, halves of surrogate pairs) becomes U+FFFD.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(storable(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`
  const fields = withStorableNames(value as Fields)
  let text = ''
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name]
    if (field === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(field)}`
  }
  return `{${text}}`
}

interface Fields {
  readonly [name: string]: Json | undefined
}

function withStorableNames(fields: Fields): Fields {
  if (!Object.keys(fields).some((name) => unstorable.test(name))) return fields
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [storable(name), field]))
}

function storable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for.
  return unstorable.test(text) ? text.replace(/\u0000|\p{Surrogate}/gu, '\ufffd') : text
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for.
const unstorable = /\u0000|\p{Surrogate}/u
