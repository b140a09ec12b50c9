import { execFileSync, spawnSync } from 'node:child_process'
import { Argument, Command, Option } from 'commander'
import { beforeEach, expect, test, vi } from 'vitest'
import { addCompletionCommand } from './commands/completion.ts'

let program: Command
beforeEach(() => {
  program = new Command('pileus')
  const engine = new Option('--engine <engine>', "what runs machines: it's one of").choices(['qemu', 'simulated'])
  program
    .command('up')
    .description('start')
    .addOption(engine)
    .option('--data <directory>', 'where')
    .option('--json', 'x')
  const image = program.command('image').description('images')
  image.command('build').addArgument(new Argument('<name>', 'which').choices(['micro', 'debian-12']))
  addCompletionCommand(program)
})

async function scriptFor(shell: string): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await program.parseAsync(['node', 'pileus', 'completion', shell])
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}

/** What may follow each of some command lines, whose last word is begun or empty. */
const expected: [line: string, words: string[]][] = [
  ['', ['up', 'image', 'completion', '--help']],
  ['im', ['image']],
  ['up --engine ', ['qemu', 'simulated']],
  // The value of an option is no command.
  ['up --engine qemu --j', ['--json']],
  ['up --data ', []],
  ['image build mi', ['micro']],
  ['completion f', ['fish']],
]

test('bash is offered commands, options and their values', async () => {
  const script = await scriptFor('bash')
  const answers = expected.map(([line]) => {
    const words = ['./pileus', ...line.split(' ')].map((word) => `'${word}'`).join(' ')
    const ask = `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _pileus; echo "\${COMPREPLY[*]}"`
    return execFileSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8' }).trim()
  })
  expect(answers).toEqual(expected.map(([, words]) => words.join(' ')))
})

test.skipIf(spawnSync('fish', ['--version']).status !== 0)('and so is fish', async () => {
  const script = await scriptFor('fish')
  for (const [line, words] of expected) {
    if (words.length === 0) continue
    const ask = `${script}\ncomplete -C 'pileus ${line}'`
    const offered = execFileSync('fish', ['--no-config', '-c', ask], { encoding: 'utf8' }).trim().split('\n')
    const texts = offered.map((each) => each.split('\t')[0])
    expect(texts.sort(), line).toEqual(words.filter((word) => line !== '' || !word.startsWith('-')).sort())
  }
})

test.skipIf(spawnSync('zsh', ['--version']).status !== 0)('zsh takes the script of bash', async () => {
  const script = await scriptFor('zsh')
  expect(execFileSync('zsh', ['-f', '-c', `${script}\nwhence -w _pileus`], { encoding: 'utf8' })).toContain('function')
})
