/** `--state-variable`: the one place where a command meets the state that jobs share a token through. */
import { parseSecretName } from '../names.ts'
import { parsed, UsageError, type Flags } from './command-line.ts'

/**
 * Reads `--state-variable`. A log-in or a recovery beside shared state has to claim it and publish there first; a
 * command that cannot do that must not touch the secret, because the jobs would go by the state all the same.
 *
 * @throws UsageError wherever it is given
 */
export function readSharing(flags: Flags): undefined {
  // Variables are named by the same rules as secrets (GitHub Docs, "Naming conventions for configuration variables").
  if (parsed(flags, 'state-variable', parseSecretName) === undefined) return
  throw new UsageError(
    '--state-variable: this version cannot work on shared state yet, so nothing was read and nothing was written',
  )
}
