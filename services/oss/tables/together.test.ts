import { expect, test } from 'vitest'
import { Together } from './together.ts'

test('what is asked at the same time shares a statement, and each gets its own answer', async () => {
  const asked: number[][] = []
  const together = new Together<number, string>({
    async ask(questions) {
      asked.push([...questions])
      return questions.map((question) => `answer ${question}`)
    },
    maxQuestions: 4,
    maxStatements: 1,
  })
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((question) => together.ask(question)))
  expect(answers).toEqual([1, 2, 3, 4, 5, 6].map((question) => `answer ${question}`))
  expect(asked).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ])
})

test('a question that fails spoils no other', async () => {
  const together = new Together<number, number>({
    async ask(questions) {
      if (questions.includes(2)) throw new Error('two is refused')
      return questions
    },
    maxQuestions: 10,
    maxStatements: 2,
  })
  const answers = await Promise.allSettled([1, 2, 3].map((question) => together.ask(question)))
  expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await together.ask(4)).toBe(4)
})

test('no more statements run at once than are allowed', async () => {
  let [running, most] = [0, 0]
  const together = new Together<number, number>({
    async ask(questions) {
      most = Math.max(most, ++running)
      await new Promise((wake) => setImmediate(wake))
      running -= 1
      return questions
    },
    maxQuestions: 1,
    maxStatements: 2,
  })
  await Promise.all(Array.from({ length: 9 }, (_, i) => together.ask(i)))
  expect(most).toBe(2)
})
