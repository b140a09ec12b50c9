/** Takes terminal sequences and control characters out of console text. Base64 in and out. */
export function cleanConsole(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  const clean = text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
  return Buffer.from(clean).toString('base64')
}
