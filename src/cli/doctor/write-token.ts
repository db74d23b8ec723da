/** What the token that the workflow writes with may do, and when it expires. */
import { isoSeconds } from '../../clock.ts'
import { GitHubClient, type GitHubOptions } from '../../github/client.ts'
import { secretOf } from '../../github/target.ts'
import { writeTokenName } from '../write-token.ts'
import {
  dayMs,
  daysInWords,
  ok,
  problem,
  refusedInWords,
  remedyOr,
  shellWord,
  warning,
  wholeDays,
  type Examination,
  type Finding,
} from './finding.ts'

/** Days left from which on to warn: a person has to replace the token, which needs some notice. */
const fewDays = 14

/**
 * Checks a write token with a read and an empty write of the secret. GitHub refuses that write in one way if the token
 * may write and in another if it may not; the secret stays as it is either way.
 *
 * @param network how to send requests with that token
 * @param token its value; `undefined` if it is not at hand
 * @param storedAs name of the secret from which the workflow takes it
 * @param placeExists whether the place to write to exists
 * @throws GitHubUnavailable
 */
export async function examineWriteToken(
  examination: Examination,
  network: Omit<GitHubOptions, 'token'>,
  token: string | undefined,
  storedAs: string,
  placeExists: boolean,
): Promise<Finding> {
  const { target, budget, now } = examination
  if (token === undefined) {
    return warning(
      `Could not check what the write token is allowed to do: GitHub does not reveal the value of the secret ${storedAs}.`,
      `Set ${writeTokenName} in the environment to the token's value and run this again.`,
    )
  }
  const secret = secretOf(new GitHubClient({ ...network, token }), target)
  if (!placeExists) {
    return warning(
      `Could not check what the write token (${writeTokenName}) is allowed to write: there is no ${secret.place.name}.`,
      'Fix that first, then run this again.',
    )
  }
  const [probe, metadata] = await Promise.all([secret.probeWrite(budget), secret.metadata(budget)])
  const renew = `Create a new one (a fine-grained personal access token with ${secret.place.permission}) and store it: \`${setSecret(examination, storedAs)}\``
  const its = `The write token (${writeTokenName})`
  if (probe.answer === 'no') {
    const answer = refusedInWords(examination, probe)
    if (probe.status === 401) return problem(`${its} is not valid or has expired ${answer}.`, `${renew}.`)
    const { permission } = secret.place
    const can = 'refused' in metadata ? 'is not allowed to write' : 'can read, but not write,'
    return problem(
      `${its} ${can} the ${secret.title} ${answer}.`,
      `${remedyOr(probe, writeTokenName, `Give that token ${permission} in its settings on GitHub.`)} If you create another one instead, store it: \`${setSecret(examination, storedAs)}\`.`,
    )
  }
  if (probe.answer === 'unknown') {
    return warning(
      `It is not certain that the write token (${writeTokenName}) can write the ${secret.title}: GitHub answered ${probe.status} to an empty write.`,
      'Run the workflow to find out for certain.',
    )
  }
  const may = `${its} can write the ${secret.title}`
  const expiresAt = 'refused' in metadata ? undefined : metadata.tokenExpiresAt
  if (expiresAt === undefined || now === undefined) {
    return ok(
      expiresAt === undefined
        ? `${may}; GitHub names no date on which it expires.`
        : `${may} until it expires on ${isoSeconds(expiresAt)}.`,
    )
  }
  const days = Math.max(0, wholeDays(expiresAt - now))
  const until = `${may} until it expires on ${isoSeconds(expiresAt)}`
  return expiresAt - now > fewDays * dayMs
    ? ok(`${until} (${daysInWords(days)} left).`)
    : warning(
        `${until} (only ${daysInWords(days)} left).`,
        `${renew}. After that date, no run can store a token.`,
      )
}

/** The command that stores a secret; it prompts for the value. */
function setSecret({ target, repository }: Examination, name: string): string {
  const at = repository ? ` --repo ${shellWord(`${repository.owner}/${repository.repo}`)}` : ''
  if (target.organization !== undefined)
    return `gh secret set ${name} --org ${shellWord(target.organization)}`
  const environment = target.environment === undefined ? '' : ` --env ${shellWord(target.environment)}`
  return `gh secret set ${name}${at}${environment}`
}
