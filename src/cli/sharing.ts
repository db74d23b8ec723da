/** `--state-variable`: the one place where a command meets the state that jobs share a token through. */
import { parseStateVariable } from '../names.ts'
import { parsed, UsageError, type Flags } from './command-line.ts'

/**
 * Reads `--state-variable`.
 *
 * @throws UsageError wherever it is given
 */
export function readSharing(flags: Flags): void {
  const stateVariable = parsed(flags, 'state-variable', parseStateVariable)
  refuseSharing(stateVariable, '--state-variable')
}

/**
 * A log-in or a recovery beside shared state has to claim it and publish there first. A command that cannot do that must
 * not touch the secret: the jobs would go by the state all the same.
 *
 * @param stateVariable the variable that jobs share a token through; `undefined`: there is none
 * @param subject what says so
 * @throws UsageError where there is one
 */
export function refuseSharing(stateVariable: string | undefined, subject: string): void {
  if (stateVariable === undefined) return
  throw new UsageError(
    `${subject}: this version cannot work on the shared state in ${stateVariable} yet, so nothing was written`,
  )
}
