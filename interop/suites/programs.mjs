import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'

/** Runs a program to its end with its output in a file. Suites that have failures end with another code than 0. */
export function runProgram(command, args, { cwd, env, logFile }) {
  const output = createWriteStream(logFile)
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.pipe(output, { end: false })
    child.stderr.pipe(output, { end: false })
    child.once('error', fail)
    child.once('close', (code) => output.end(() => done(code)))
  })
}
