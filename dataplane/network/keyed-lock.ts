/** Lets calls about the same thing happen one after the other, and others side by side. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Runs `action` when every earlier call with this key has ended, well or badly. */
  async run<T>(key: string, action: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const result = before.then(action, action)
    this.#tails.set(key, result)
    try {
      return await result
    } finally {
      if (this.#tails.get(key) === result) this.#tails.delete(key)
    }
  }
}
