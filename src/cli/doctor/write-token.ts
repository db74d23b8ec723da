/** What the token that the workflow writes with may do, and until when. */
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

/** A token is renewed by hand: that takes some notice. */
const fewDays = 14

/**
 * Looks at a write token with a read and an empty write of the secret, which GitHub refuses in one way where the token
 * may write and in another where it may not; the secret stays as it is in both cases.
 *
 * @param network how to ask with that token
 * @param token its value; `undefined` where it is not at hand
 * @param storedAs name of the secret that the workflow takes it from
 * @param placeExists whether there is anything to write to
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
      `What the write token may do could not be looked at: GitHub shows nobody the value of the secret ${storedAs}.`,
      `Set ${writeTokenName} in the environment to the token's value and run this again.`,
    )
  }
  const secret = secretOf(new GitHubClient({ ...network, token }), target)
  if (!placeExists) {
    return warning(
      `What the write token (${writeTokenName}) may write could not be tried: there is no ${secret.place.name}.`,
      'Mend that first, then run this again.',
    )
  }
  const [probe, metadata] = await Promise.all([secret.probeWrite(budget), secret.metadata(budget)])
  const renew = `Make a new one, a fine-grained personal access token with ${secret.place.permission}, and store it: \`${setSecret(examination, storedAs)}\``
  const its = `The write token (${writeTokenName})`
  if (probe.answer === 'no') {
    const answer = refusedInWords(examination, probe)
    if (probe.status === 401) return problem(`${its} is not valid or has expired ${answer}.`, `${renew}.`)
    const { permission } = secret.place
    const reads = 'refused' in metadata ? '' : ': it may only read it'
    return problem(
      `${its} may not write the ${secret.title}${reads} ${answer}.`,
      `${remedyOr(probe, writeTokenName, `Give that token ${permission} in its settings on GitHub.`)} If it has to be another one, store that: \`${setSecret(examination, storedAs)}\`.`,
    )
  }
  if (probe.answer === 'unknown') {
    return warning(
      `Whether the write token (${writeTokenName}) may write the ${secret.title} is not certain: GitHub answered ${probe.status} to an empty write.`,
      'Run the workflow: it tells for certain.',
    )
  }
  const may = `${its} may write the ${secret.title}`
  const expiresAt = 'refused' in metadata ? undefined : metadata.tokenExpiresAt
  if (expiresAt === undefined || now === undefined) {
    return ok(
      expiresAt === undefined
        ? `${may}; GitHub tells no end of it.`
        : `${may} until ${isoSeconds(expiresAt)}.`,
    )
  }
  const days = Math.max(0, wholeDays(expiresAt - now))
  const until = `${may} until ${isoSeconds(expiresAt)}, for ${daysInWords(days)} more`
  return expiresAt - now > fewDays * dayMs
    ? ok(`${until}.`)
    : warning(`${until} only: then it expires.`, `${renew}. No run can store a token after that date.`)
}

/** The command that stores a secret; it asks for the value. */
function setSecret({ target, repository }: Examination, name: string): string {
  const at = repository ? ` --repo ${shellWord(`${repository.owner}/${repository.repo}`)}` : ''
  if (target.organization !== undefined)
    return `gh secret set ${name} --org ${shellWord(target.organization)}`
  const environment = target.environment === undefined ? '' : ` --env ${shellWord(target.environment)}`
  return `gh secret set ${name}${at}${environment}`
}
