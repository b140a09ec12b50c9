/** Whether a text matches. */
export type Matcher = (text: string) => boolean

/**
 * Compiles a pattern in which `*` stands for any characters, none included, and `?` for exactly one. Matching takes
 * time proportional to the product of the lengths at worst: patterns come from customers, so no regular expressions.
 */
export function compileGlob(pattern: string): Matcher {
  return compileGlobWith(pattern, '*', '?')
}

/** As `compileGlob`, with other characters for the two wildcards. */
export function compileGlobWith(pattern: string, star: string, one: string): Matcher {
  const firstStar = pattern.indexOf(star)
  const hasOne = pattern.includes(one)
  if (firstStar < 0 && !hasOne) return (text) => text === pattern
  if (firstStar === 0 && !hasOne && pattern === star.repeat(pattern.length)) return () => true
  if (firstStar === pattern.length - 1 && !hasOne) {
    const prefix = pattern.slice(0, -1)
    return (text) => text.startsWith(prefix)
  }
  return (text) => matchesGlob(pattern, text, star, one)
}

function matchesGlob(pattern: string, text: string, star: string, one: string): boolean {
  let at = 0
  let inText = 0
  // Where to go on after the last star, should what follows it not match.
  let afterStar = -1
  let starEnd = 0
  while (inText < text.length) {
    const wanted = pattern[at]
    if (wanted === star) {
      afterStar = ++at
      starEnd = inText
    } else if (wanted === one || (wanted !== undefined && wanted === text[inText])) {
      at += 1
      inText += 1
    } else if (afterStar >= 0) {
      at = afterStar
      inText = ++starEnd
    } else {
      return false
    }
  }
  while (pattern[at] === star) at += 1
  return at === pattern.length
}
