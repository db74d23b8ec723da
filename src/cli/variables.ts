/** Actions variables, which are not secret. Rule 1: first proves that a token may write them. */
import { describeGitHub, subjectOf } from '../rotation/messages.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable, type GitHubReply } from '../github/client.ts'
import { besidesPermission, remedyFor } from '../github/remedy.ts'
import { refusal, type Secret } from '../github/secret-store.ts'
import type { VariableStore } from '../github/variable-store.ts'
import { RetryBudget, type RetryEnvironment } from '../http/retry.ts'
import { askerAtTerminal, type SecretWork } from './secrets.ts'

/** GitHub's refusal to write a variable, whatever its status. */
export type NotWritten = Pick<GitHubReply, 'status' | 'message' | 'barrier'>

/** If there is no room for another variable, GitHub says so in its own words, which come before these. */
export const perhapsFull =
  'GitHub limits the number of variables in one place: if this one is full, delete variables that nobody needs.'

/**
 * Tests whether a token may write the variables of a place: creates one with a name that nobody else uses, and deletes it.
 *
 * @param beside what its name begins with
 * @param tell reports it if the variable could not be deleted
 * @returns GitHub's answer if it did not create the variable; `undefined`: the token may write
 * @throws GitHubUnavailable
 */
export async function tryToWrite(
  environment: RetryEnvironment,
  store: VariableStore,
  beside: string,
  budget: RetryBudget,
  tell: (line: string) => void,
): Promise<NotWritten | undefined> {
  const name = `${beside}_PROBE_${Math.floor(environment.random() * 1e9)}`
  for (;;) {
    const made = await store.create(name, 'box-token may write here', budget)
    if (made.kind === 'answer') {
      // It exists already if the answer to the first attempt was lost.
      if (made.last.status === 201 || made.last.status === 409) break
      return made.last
    }
    if (!(await budget.pause(made.waitMs))) throw new GitHubUnavailable(made.last, made.waitMs)
  }
  for (;;) {
    const gone = await store.remove(name, budget)
    if (gone.kind === 'answer' && (gone.last.status === 204 || gone.last.status === 404)) return undefined
    if (gone.kind === 'answer' || !(await budget.pause(gone.waitMs))) {
      tell(`The variable ${name} was created to test the token and could not be deleted: please delete it.`)
      return undefined
    }
  }
}

/** A variable that we have proven we can write. */
export interface ProvenVariable {
  readonly store: VariableStore
  readonly name: string
  /** `undefined`: it does not exist yet. */
  readonly value: string | undefined
}

/**
 * Proves that a token may write the variables of a place: reads one, and writes another as a test.
 *
 * @param beside a secret of the same place, for failures to name
 * @throws Failure `cannot-write-secret` or `github-unavailable`
 */
export async function proveVariable(
  work: SecretWork,
  store: VariableStore,
  name: string,
  beside: Secret,
  tell: (line: string) => void,
): Promise<ProvenVariable> {
  const { environment, retryFor, narrator, tokenName, soFar } = work
  const budget = new RetryBudget(environment, retryFor)
  const refused = (act: string, answer: NotWritten): Failure => {
    const words = narrator.foreign(answer.message)
    const { permission } = store.place
    const remedy = remedyFor(answer, askerAtTerminal(tokenName, permission))
    return new Failure('cannot-write-secret', {
      what: `GitHub answered ${answer.status} when ${tokenName} tried to ${act} the variable ${name} of ${store.place.name}${words === '' ? '' : ` ("${words}")`}${remedy ? `: ${remedy.reason}` : ''}.`,
      spent: soFar(),
      next:
        remedy?.next ??
        (refusal(answer)
          ? `Also give ${tokenName} ${permission} for this place.${besidesPermission(answer)}`
          : perhapsFull),
    })
  }
  try {
    const reading = await store.read(name, budget)
    if ('refused' in reading) throw refused('read', { ...reading, status: reading.refused })
    const no = await tryToWrite(environment, store, name, budget, tell)
    if (no) throw refused('write', no)
    return { store, name, value: reading.value }
  } catch (error) {
    if (!(error instanceof GitHubUnavailable)) throw error
    throw new Failure('github-unavailable', {
      what: `GitHub gave no usable answer: ${describeGitHub(subjectOf({ ...work, secret: beside }), error.last)}.`,
      spent: soFar(),
      next: 'Run this again later. For outages, see https://www.githubstatus.com.',
    })
  } finally {
    budget.end()
  }
}

/**
 * Writes a proven variable, whether or not it exists.
 *
 * @returns why it could not be written, without a full stop; `undefined`: it was written
 */
export async function writeVariable(
  work: SecretWork,
  { store, name }: ProvenVariable,
  value: string,
  beside: Secret,
): Promise<string | undefined> {
  const budget = new RetryBudget(work.environment, work.retryFor)
  for (let isThere = false; ;) {
    const outcome = isThere
      ? await store.update(name, value, budget)
      : await store.create(name, value, budget)
    if (outcome.kind === 'answer') {
      const { status } = outcome.last
      if (status === 201 || status === 204) return undefined
      if (status === 409) isThere = true
      else return describeGitHub(subjectOf({ ...work, secret: beside }), outcome.last)
    } else if (!(await budget.pause(outcome.waitMs))) {
      return describeGitHub(subjectOf({ ...work, secret: beside }), outcome.last)
    }
  }
}
