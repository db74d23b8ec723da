/** `--state-variable`: what the commands do with the state through which jobs share a token. */
import { Failure, nothingSpent } from '../failure.ts'
import { GitHubUnavailable, type GitHubClient } from '../github/client.ts'
import { refusal } from '../github/secret-store.ts'
import { describeGitHub, RefusedByGitHub, subjectOf } from '../rotation/messages.ts'
import { besidesPermission, remedyFor } from '../github/remedy.ts'
import { parseStateVariable } from '../names.ts'
import { RetryBudget } from '../http/retry.ts'
import type { EnvelopeSecrets } from '../sealing/envelope.ts'
import { cannotUseVariable, titleOf } from '../sharing/messages.ts'
import { listClaims, readState, type Sharing } from '../sharing/shared-variables.ts'
import { secretOf, variablesOf, type SecretTarget } from '../github/target.ts'
import { parsed, type Flags, type Terminal } from './command-line.ts'
import { askerAtTerminal, type SecretWork } from './secrets.ts'
import { perhapsFull, tryToWrite, type NotWritten } from './variables.ts'

/**
 * Reads `--state-variable`.
 *
 * @throws UsageError
 */
export function readStateVariable(flags: Flags): string | undefined {
  return parsed(flags, 'state-variable', parseStateVariable)
}

/** Which state it is, and what opens it. */
export interface SharedPlace {
  readonly target: SecretTarget
  readonly stateVariable: string
  readonly clientId: string
  readonly secrets: EnvelopeSecrets
}

/** The means to work on the shared state, for a person who wants to know what the command is waiting for. */
export function sharingFor(
  { tell }: Terminal,
  { environment, narrator, retryFor }: Pick<SecretWork, 'environment' | 'narrator' | 'retryFor'>,
  client: GitHubClient,
  { target, stateVariable: name, clientId, secrets }: SharedPlace,
): Sharing {
  const variables = variablesOf(client, target)
  return {
    environment,
    narrator: { ...narrator, info: tell, warning: (line) => tell(`Warning: ${line}`) },
    retryFor,
    secret: secretOf(client, target),
    variables,
    seal: { secrets, clientId, place: variables.place, name },
  }
}

/**
 * Rule 1: proves, before anything else happens, that a token may read and write the state and its claims. It reads them,
 * and writes another variable as a test.
 *
 * @throws Failure `cannot-write-secret`, `github-unavailable` or, if a newer version wrote the state, `bad-input`
 */
export async function proveSharing(sharing: Sharing, tokenName: string, soFar: () => string): Promise<void> {
  const { environment, retryFor, variables, seal } = sharing
  const budget = new RetryBudget(environment, retryFor)
  try {
    await Promise.all([readState(sharing, budget), listClaims(sharing, budget)])
    const tell = (line: string): void => sharing.narrator.info(line)
    const no = await tryToWrite(environment, variables, seal.name, budget, tell)
    if (no) throw notWritten(sharing, no)
  } catch (error) {
    if (error instanceof Failure) {
      const { code, what, next } = error
      const { permission } = variables.place
      const refused = error instanceof RefusedByGitHub ? error.answer : undefined
      const remedy = refused && remedyFor(refused, askerAtTerminal(tokenName, permission))
      const mine =
        remedy?.next ??
        (code === 'cannot-write-secret'
          ? `Also give ${tokenName} ${permission} for this place.${refused ? besidesPermission(refused) : ''}`
          : next)
      throw new Failure(code, { what, spent: soFar(), next: mine })
    }
    if (!(error instanceof GitHubUnavailable)) throw error
    throw new Failure('github-unavailable', {
      what: `GitHub gave no usable answer about the ${titleOf(sharing)}: ${describeGitHub(subjectOf(sharing), error.last)}.`,
      spent: soFar(),
      next: 'Run this again later. For outages, see https://www.githubstatus.com.',
    })
  } finally {
    budget.end()
  }
}

/** GitHub's refusal of the test variable. */
function notWritten(sharing: Sharing, answer: NotWritten): Failure {
  const no = refusal(answer)
  if (no) return cannotUseVariable(sharing, 'write', no)
  const words = sharing.narrator.foreign(answer.message)
  return new Failure('github-unavailable', {
    what: `GitHub answered ${answer.status} when this command tried to write a variable beside the ${titleOf(sharing)}${words === '' ? '' : ` ("${words}")`}.`,
    spent: nothingSpent,
    next: perhapsFull,
  })
}
