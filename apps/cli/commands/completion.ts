import type { Argument, Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'

/** Adds `completion <shell>`, whose output makes the shell complete commands, options and their values. */
export function addCompletionCommand(program: Command): void {
  const command = program
    .command('completion')
    .description('print a completion script: `source <(./pileus completion bash)`, in fish with `| source`')
  const shell = command.createArgument('<shell>', 'bash, zsh or fish').choices(Object.keys(scripts))
  command.addArgument(shell).action((name: string) => {
    const script = scripts[name]?.(placesOf(program))
    if (script === undefined) throw new CliError(`there is no completion for "${name}"`)
    process.stdout.write(script)
  })
}

interface Word {
  text: string
  description: string
}

/** Where on the command line something may be completed. */
interface Place {
  /** Commands so far, such as `image build`; empty at the beginning. */
  path: string
  /** Commands and values of the argument. */
  words: Word[]
  options: Word[]
  /** Of options that take one of a few values. */
  values: { option: string; choices: readonly string[] }[]
  /** Options that take any value. */
  open: string[]
}

function placesOf(command: Command, path: string[] = []): Place[] {
  const options = command.options.filter((option) => option.long)
  const help: Word = { text: '--help', description: 'display help for command' }
  const here: Place = {
    path: path.join(' '),
    words: [
      ...command.commands.map((child) => ({ text: child.name(), description: child.description() })),
      ...command.registeredArguments.flatMap(choicesOf).map((text) => ({ text, description: '' })),
    ],
    options: [...options.map((option) => ({ text: option.long!, description: option.description })), help],
    values: options.flatMap((option) =>
      option.argChoices ? [{ option: option.long!, choices: option.argChoices }] : [],
    ),
    open: options.filter((option) => takesValue(option) && !option.argChoices).map((option) => option.long!),
  }
  return [here, ...command.commands.flatMap((child) => placesOf(child, [...path, child.name()]))]
}

function choicesOf(argument: Argument): readonly string[] {
  return argument.argChoices ?? []
}

function takesValue(option: Option): boolean {
  return option.required || option.optional
}

const scripts: Record<string, (places: Place[]) => string> = {
  bash: bashScript,
  // zsh runs bash completions.
  zsh: (places) =>
    `autoload -Uz compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(places)}`,
  fish: fishScript,
}

function bashScript(places: Place[]): string {
  const texts = (words: readonly Word[]): string => words.map(({ text }) => text).join(' ')
  const cases = places.map((place) => `    "${place.path}") next="${texts([...place.words, ...place.options])}" ;;`)
  const values = places.flatMap(({ path, values, open }) => [
    ...values.map(({ option, choices }) => `    "${path}:${option}") next="${choices.join(' ')}" ;;`),
    // Without words of ours the shell offers files.
    ...open.map((option) => `    "${path}:${option}") next="" ;;`),
  ])
  return `_pileus() {
  local known="|${places.map(({ path }) => path).join('|')}|" path="" word next=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ "$known" == *"|\${path:+$path }$word|"* ]] && path="\${path:+$path }$word"
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$path:\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _pileus pileus ./pileus
`
}

function fishScript(places: Place[]): string {
  const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
  const lines = places.flatMap(({ path, words, options, values, open }) => {
    const start = `complete -c pileus -n ${quote(`__pileus_is_at ${quote(path)}`)}`
    const described = (description: string): string => (description === '' ? '' : ` -d ${quote(description)}`)
    const valuePart = (option: string): string => {
      const choices = values.find((one) => one.option === option)?.choices
      if (choices) return ` -x -a ${quote(choices.join(' '))}`
      return open.includes(option) ? ' -r' : ''
    }
    return [
      ...words.map(({ text, description }) => `${start} -f -a ${quote(text)}${described(description)}`),
      ...options.map(
        ({ text, description }) => `${start} -l ${text.slice(2)}${valuePart(text)}${described(description)}`,
      ),
    ]
  })
  const known = places.filter(({ path }) => path !== '').map(({ path }) => quote(path))
  return `function __pileus_is_at
  set -l known ${known.join(' ')}
  set -l path ''
  for word in (commandline -opc)[2..]
    set -l longer (string trim -- "$path $word")
    contains -- $longer $known; and set path $longer
  end
  test "$path" = "$argv[1]"
end
complete -c pileus -e
${lines.join('\n')}
`
}
