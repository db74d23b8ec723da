/** The pair that jobs share through a variable: whether it opens, how old it is, and which claims are left. */
import { isoSeconds } from '../../clock.ts'
import type { Variable, VariablePlace } from '../../github/variable-store.ts'
import type { EnvelopeSecrets } from '../../sealing/envelope.ts'
import { claimPrefix, isUnderstood, readClaim, statusAt, type Claim } from '../../sharing/claim.ts'
import { withoutNewer } from '../../sharing/messages.ts'
import { openState } from '../../sharing/state.ts'
import { variablesOf, type SecretTarget } from '../../github/target.ts'
import {
  agoInWords,
  ok,
  problem,
  refusedInWords,
  remedyOr,
  shellWord,
  warning,
  type Examination,
  type Finding,
} from './finding.ts'

/** What opens a state: the app's credentials. */
export interface StateKeys {
  readonly clientId: string
  readonly secrets: EnvelopeSecrets
}

/** What is known about the shared state. */
export interface SharedStateReport {
  readonly findings: readonly Finding[]
  /** When the pair was refreshed, in milliseconds since 1970 (UTC); `undefined` if that is not known. */
  readonly refreshedAt: number | undefined
}

/**
 * Looks at the state variable and the claims beside it. Call after `sealingReady`.
 *
 * @param name of the variable
 * @param keys `undefined` if the credentials are not at hand
 * @throws GitHubUnavailable
 */
export async function examineSharedState(
  examination: Examination,
  name: string,
  keys: StateKeys | undefined,
): Promise<SharedStateReport> {
  const { client, target, budget, reader } = examination
  const store = variablesOf(client, target)
  const { place } = store
  // One list shows both, as of the same moment.
  const list = await store.list(name, budget)
  if ('refused' in list) {
    const permission = place.permission.replace('Read and write', 'Read')
    const finding = problem(
      `The shared state (variable ${name} of ${place.name}) could not be read ${refusedInWords(examination, list)}.`,
      remedyOr(
        list,
        reader,
        `The token from ${reader} needs ${permission}. Also check that the place exists.`,
      ),
    )
    return { findings: [finding], refreshedAt: undefined }
  }
  const { variables } = list
  const state = variables.find((variable) => variable.name.toUpperCase() === name.toUpperCase())
  const { finding, refreshedAt } = state
    ? examineState(examination, place, state, keys)
    : {
        refreshedAt: undefined,
        finding: warning(
          `There is no shared state yet: there is no variable ${name} of ${place.name}.`,
          'Run the workflow: its first run with `state-variable` creates it. If it has run already, correct --state-variable.',
        ),
      }
  const claims = variables
    .filter((variable) => variable.name.toUpperCase().startsWith(claimPrefix(name)))
    .map((variable) => examineClaim(examination, variable.name, readClaim(name, variable)))
  return { findings: [finding, ...claims], refreshedAt }
}

function examineState(
  examination: Examination,
  place: VariablePlace,
  { name, value, updatedAt }: Variable,
  keys: StateKeys | undefined,
): { readonly finding: Finding; readonly refreshedAt: number | undefined } {
  const { now, login } = examination
  const its = `The shared state (variable ${name} of ${place.name})`
  const bad = (finding: Finding) => ({ finding, refreshedAt: undefined })
  if (!keys) {
    return bad(
      warning(
        `${its} exists, but was not opened: that needs the app's credentials.`,
        'Set BOX_CLIENT_ID and BOX_CLIENT_SECRET in the environment (and BOX_STATE_KEY, if the workflow has a state-key), then run this again.',
      ),
    )
  }
  const opened = openState({ ...keys, place, name }, value)
  if (!('problem' in opened)) {
    const { access } = opened
    if (!access) {
      // Not the state's date of the secret: that is about writes from before this token.
      const stored = updatedAt === undefined ? '' : ` ${agoInWords(examination, updatedAt)}`
      const what = `${its} can be opened: its refresh token was stored${stored}, and has not been used yet.`
      return { finding: ok(what), refreshedAt: updatedAt }
    }
    const over = now !== undefined && access.expiresAt <= now
    const refreshed = agoInWords(examination, access.refreshedAt)
    const end = `its access token ${over ? 'expired on' : 'is valid until'} ${isoSeconds(access.expiresAt)}`
    const what = `${its} can be opened: the pair was refreshed ${refreshed}, ${end}.`
    return { finding: ok(what), refreshedAt: access.refreshedAt }
  }
  return opened.problem === 'newer-version'
    ? bad(
        problem(
          `${its} is marked as written by a newer version of the action.`,
          `Use the command line of that version, and the same version of the action in all workflows that share this variable. ${withoutNewer(name)}`,
        ),
      )
    : bad(
        problem(
          `${its} cannot be opened with BOX_CLIENT_ID, BOX_CLIENT_SECRET and BOX_STATE_KEY from the environment: one of them is not what it was encrypted with, or the state is damaged.`,
          `Compare them with what the workflow passes to the action. If they are the same, its runs cannot open it either: run \`${login}\`, which replaces it.`,
        ),
      )
}

function examineClaim(examination: Examination, variable: string, claim: Claim | undefined): Finding {
  const { now, target, repository } = examination
  if (!claim || !isUnderstood(claim)) {
    return warning(
      `The variable ${variable} is named like a claim, but this version does not understand it. It does not hold up any run for long.`,
      `If nobody knows what it is for, delete it while no run is in progress: \`${deleteVariable(target, repository, variable)}\`.`,
    )
  }
  const { leaseEndsAt } = claim
  const status = statusAt(claim, now ?? leaseEndsAt)
  if (status === 'given-up') {
    return ok(`The claim ${variable} was given up by a run that got no new pair. A later refresh deletes it.`)
  }
  if (status === 'done') {
    return ok(`The claim ${variable} belongs to a refresh that is done. A later refresh deletes it.`)
  }
  const until = isoSeconds(leaseEndsAt)
  if (now === undefined) {
    return warning(
      `The claim ${variable} lasts until ${until}; whether that time has passed is unknown, because GitHub sent no date.`,
      'If it has passed, run the workflow: its next refresh takes over and deletes the claim.',
    )
  }
  if (status === 'live') {
    return ok(`A run is refreshing the pair: it holds the claim ${variable} until ${until} at the latest.`)
  }
  return warning(
    `The claim ${variable} was left behind by a run that ended before it was done. The claim ended ${agoInWords(examination, leaseEndsAt)}.`,
    'You do not have to do anything: the next refresh takes over, and a later one deletes it.',
  )
}

function deleteVariable(
  { environment, organization }: SecretTarget,
  repository: Examination['repository'],
  name: string,
): string {
  if (organization !== undefined) return `gh variable delete ${name} --org ${shellWord(organization)}`
  const at = repository ? ` --repo ${shellWord(`${repository.owner}/${repository.repo}`)}` : ''
  return `gh variable delete ${name}${at}${environment === undefined ? '' : ` --env ${shellWord(environment)}`}`
}
