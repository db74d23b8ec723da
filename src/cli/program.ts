/** `box-token`: picks the command, and tells its end in one line. */
import { Failure } from '../failure.ts'
import { UsageError, type Terminal } from './command-line.ts'
import { recover, type RecoverWorld } from './recover.ts'

const help = `Usage: box-token <command> [flags]

  recover    stores the refresh token of a recovery text that the action printed

box-token <command> --help tells more.`

/** Runs the command line; returns the exit code. */
export async function runProgram(terminal: Terminal, world: RecoverWorld): Promise<0 | 1> {
  const [command, ...args] = terminal.args
  try {
    if (command === 'recover') await recover(terminal, world, args)
    else if (command === '--help' || command === '-h') terminal.print(help)
    else
      throw new UsageError(
        command === undefined ? 'give a command: recover' : 'there is no such command; see box-token --help',
      )
    return 0
  } catch (error) {
    if (error instanceof UsageError) terminal.tell(`box-token: ${oneLine(error.message)}`)
    else if (error instanceof Failure) terminal.tell(`box-token: ${oneLine(error.message)}`)
    else throw error
    return 1
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
