/** Variables of policies, such as `${acs:Username}`: a condition key whose value stands in the variable's place. */
import { compileGlobWith, type Matcher } from './glob.ts'

export type FindText = (key: string) => string | undefined

/** Characters of the private use area stand for wildcards, so that those in a value stay literal. */
const star = '\uE000'
const one = '\uE001'
const variable = /\$\{([A-Za-z]+:[\w./-]+)\}/g

export function hasVariables(pattern: string): boolean {
  return pattern.search(variable) >= 0
}

/** Names of the keys, in lower case. */
export function listVariables(pattern: string): string[] {
  return [...pattern.matchAll(variable)].map((found) => (found[1] ?? '').toLowerCase())
}

/** The text with its variables replaced; undefined when the request lacks the value of one. */
export function bindText(text: string, find: FindText): string | undefined {
  let isBound = true
  const bound = text.replace(variable, (_whole, key: string) => {
    const value = find(key.toLowerCase())
    if (value === undefined) isBound = false
    return value ?? ''
  })
  return isBound ? bound : undefined
}

/** Makes the matcher for one request; undefined when it lacks the value of a variable. */
export function bindPattern(pattern: string): (find: FindText) => Matcher | undefined {
  const marked = pattern.replaceAll('*', star).replaceAll('?', one)
  return (find) => {
    const bound = bindText(marked, (key) => {
      const value = find(key)
      return value?.includes(star) || value?.includes(one) ? undefined : value
    })
    return bound === undefined ? undefined : compileGlobWith(bound, star, one)
  }
}
