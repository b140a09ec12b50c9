/**
 * Joins questions that arrive at about the same time into one statement: under load the database then plans, runs and
 * flushes once for many. A question is always asked after it arrived, so its answer is never older than it.
 */
export interface TogetherOptions<Question, Answer> {
  /** Answers in the order of the questions. A thrown error makes each question be asked alone. */
  ask(questions: readonly Question[]): Promise<readonly Answer[]>
  /** Most questions in one statement. */
  maxQuestions: number
  /** Most statements at once. */
  maxStatements: number
}

interface Waiting<Question, Answer> {
  question: Question
  resolve(answer: Answer): void
  reject(error: unknown): void
}

export class Together<Question, Answer> {
  readonly #options: TogetherOptions<Question, Answer>
  #waiting: Waiting<Question, Answer>[] = []
  #statements = 0
  #isScheduled = false

  constructor(options: TogetherOptions<Question, Answer>) {
    this.#options = options
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject })
      this.#schedule()
    })
  }

  /** After the requests that have arrived were read, so that they go together. */
  #schedule(): void {
    if (this.#isScheduled || this.#statements >= this.#options.maxStatements) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      while (this.#waiting.length > 0 && this.#statements < this.#options.maxStatements) {
        void this.#run(this.#waiting.splice(0, this.#options.maxQuestions))
      }
    })
  }

  async #run(batch: readonly Waiting<Question, Answer>[]): Promise<void> {
    this.#statements += 1
    try {
      await this.#answer(batch)
    } finally {
      this.#statements -= 1
      if (this.#waiting.length > 0) this.#schedule()
    }
  }

  async #answer(batch: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.ask(batch.map((one) => one.question))
      for (const [i, one] of batch.entries()) one.resolve(answers[i]!)
    } catch (error) {
      // Nobody may suffer from what another asked; a deadlock ends with the statement, too.
      if (batch.length > 1) for (const one of batch) await this.#answer([one])
      else batch[0]!.reject(error)
    }
  }
}
