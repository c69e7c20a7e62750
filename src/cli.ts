#!/usr/bin/env node
import { isatty } from 'node:tty'
import { readEnvironment } from './config.js'
import { runProgram } from './program.js'

// A reader that went away (`pipeline list | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

process.exitCode = await runProgram(process.argv.slice(2), {
  env: readEnvironment(),
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  isTerminal: isatty(1),
  get columns() {
    // 0 on a terminal that does not know its size.
    return process.stdout.columns > 0 ? process.stdout.columns : 80
  },
  exit(code) {
    process.exitCode = code
  },
})
