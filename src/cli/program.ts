/** `box-token`: reads the arguments, runs the command, and reports how it ended in one line. */
import { Command as Parser, CommanderError } from 'commander'
import { Failure } from '../failure.ts'
import { printsTraffic, trafficIsPrinted } from '../http/node-settings.ts'
import {
  sharedFlags,
  UsageError,
  type Command,
  type Flags,
  type Terminal,
  type World,
} from './command-line.ts'
import { doctorCommand } from './doctor.ts'
import { Interrupted } from './interruption.ts'
import { loginCommand } from './login.ts'
import { recoverCommand } from './recover.ts'

/** All commands, in the order in which the help lists them. */
const commands: readonly Command[] = [loginCommand, doctorCommand, recoverCommand]

/**
 * Runs the command line.
 *
 * @param args what follows the name of the program
 * @returns the exit code: 0, 1, or 128 plus the number of the signal that ended it
 */
export async function runProgram(terminal: Terminal, world: World, args: readonly string[]): Promise<number> {
  const { interruption, redactor } = terminal
  try {
    if (printsTraffic(terminal.variables))
      throw new UsageError(`${trafficIsPrinted.what} ${trafficIsPrinted.next}, then run this again.`)
    await interruption.orInterrupted(parserFor(terminal, world).parseAsync([...args], { from: 'user' }))
    return 0
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      terminal.tell(`box-token: ${inOurWords(error)}`)
      return 1
    }
    if (error instanceof Interrupted) {
      terminal.tell(`box-token: interrupted. ${interruption.aftermath}`)
      return error.exitCode
    }
    if (error instanceof UsageError || error instanceof Failure) {
      terminal.tell(`box-token: ${oneLine(error.message)}`)
      return 1
    }
    const words = error instanceof Error ? redactor.foreign(`${error.name}: ${error.message}`) : 'unknown'
    terminal.tell(`box-token: internal error (${words}). ${interruption.aftermath}`)
    return 1
  }
}

function parserFor(terminal: Terminal, world: World): Parser {
  const configured = (parser: Parser): Parser =>
    parser
      .exitOverride()
      .optionsGroup('Flags:')
      .helpOption('-h, --help', 'show this help')
      .configureHelp({ subcommandTerm: (command) => command.name() })
      .configureOutput({ writeOut: (text) => terminal.print(text.trimEnd()), writeErr: () => {} })
  const program = configured(new Parser('box-token'))
    .description('Signs in to Box for GitHub Actions, and fixes what a workflow cannot fix by itself.')
    .usage('<command> [flags]')
    .option('--version', 'show the version')
    .on('option:version', () => {
      terminal.print(world.version())
      throw new CommanderError(0, 'commander.version', 'the version was printed')
    })
    .addHelpText(
      'after',
      `
Exit codes: 0 done (doctor: nothing needs you); 1 not done, or doctor found a
problem, with one line on standard error; 130 or 143 ended by Ctrl-C or
SIGTERM, with one line that says what was written.

For more about a command, run: box-token <command> --help`,
    )
    .helpCommand(false)
  for (const { name, summary, description, flags, run } of commands) {
    const parser = configured(new Parser(name))
      .summary(summary)
      .description(description)
      .usage('[flags]')
      .allowExcessArguments(false)
    for (const { form, meaning } of [...flags, ...sharedFlags]) parser.option(form, meaning)
    parser.action(() => run(terminal, world, flagsOf(parser)))
    program.addCommand(parser)
  }
  return program
}

/** The values that were given, by the flags' names on the command line. */
function flagsOf(parser: Parser): Flags {
  return Object.fromEntries(
    parser.options.map((option) => {
      const value: unknown = parser.getOptionValue(option.attributeName())
      const given = typeof value === 'string' || typeof value === 'boolean' ? value : undefined
      return [option.long?.replace(/^--(?:no-)?/, '') ?? '', given]
    }),
  )
}

/** What is wrong with the arguments. Their values are left out: one may be a secret in the wrong place. */
function inOurWords({ code, message }: CommanderError): string {
  switch (code) {
    case 'commander.help':
      return `give a command: ${commands.map(({ name }) => name).join(', ')}`
    case 'commander.unknownCommand':
      return `unknown command${suggestionIn(message)}; see box-token --help`
    case 'commander.excessArguments':
      return 'a command takes only flags, and never credentials; see --help'
    default:
      return oneLine(message.replace(/^error: /, '').replace(/=[^']*/, ''))
  }
}

/** The command that was probably meant, if it is one of ours. What was typed is not repeated: it may be a secret. */
function suggestionIn(message: string): string {
  const meant = /\(Did you mean (?:one of )?([a-z-]+(?:, [a-z-]+)*)\?\)/.exec(message)?.[1]
  return meant === undefined ? '' : ` (did you mean ${meant.replaceAll(', ', ' or ')}?)`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
