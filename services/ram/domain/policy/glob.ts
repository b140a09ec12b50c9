/** Whether a text matches. */
export type Matcher = (text: string) => boolean

/**
 * Compiles a pattern in which `*` stands for any characters, none included, and `?` for exactly one. Matching takes
 * time proportional to the product of the lengths at worst: patterns come from customers, so no regular expressions.
 */
export function compileGlob(pattern: string): Matcher {
  if (/^\*+$/.test(pattern)) return () => true
  if (!/[*?]/.test(pattern)) return (text) => text === pattern
  if (/^[^*?]*\*$/.test(pattern)) {
    const prefix = pattern.slice(0, -1)
    return (text) => text.startsWith(prefix)
  }
  return (text) => matchesGlob(pattern, text)
}

function matchesGlob(pattern: string, text: string): boolean {
  let at = 0
  let inText = 0
  // Where to go on after the last star, should what follows it not match.
  let afterStar = -1
  let starEnd = 0
  while (inText < text.length) {
    const wanted = pattern[at]
    if (wanted === '*') {
      afterStar = ++at
      starEnd = inText
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[inText])) {
      at += 1
      inText += 1
    } else if (afterStar >= 0) {
      at = afterStar
      inText = ++starEnd
    } else {
      return false
    }
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
