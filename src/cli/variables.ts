/** The Actions variable that a command writes, which is no secret: proven before anything else happens, then written. */
import { describeGitHub, subjectOf } from '../explain.ts'
import { Failure } from '../failure.ts'
import { GitHubUnavailable } from '../github/client.ts'
import { besidesPermission, remedyFor } from '../github/remedy.ts'
import { refusal, type Refused, type Secret } from '../github/secret-store.ts'
import type { VariableStore } from '../github/variable-store.ts'
import { RetryBudget } from '../net/retry.ts'
import { askerAtTerminal, type SecretWork } from './secrets.ts'

/** A variable that may be written. */
export interface ProvenVariable {
  readonly store: VariableStore
  readonly name: string
  /** `undefined`: it is not there yet. */
  readonly value: string | undefined
}

/**
 * Proves that a token may write the variables of a place: reads one, and creates and deletes another whose name nobody
 * else uses.
 *
 * @param beside a secret of the same place, which failures speak of
 * @throws Failure `cannot-write-secret` or `github-unavailable`
 */
export async function proveVariable(
  work: SecretWork,
  store: VariableStore,
  name: string,
  beside: Secret,
): Promise<ProvenVariable> {
  const { environment, retryFor, narrator, tokenName, soFar } = work
  const budget = new RetryBudget(environment, retryFor)
  const refused = (act: string, answer: Refused): Failure => {
    const words = narrator.foreign(answer.message)
    const { permission } = store.place
    const remedy = remedyFor(answer, askerAtTerminal(tokenName, permission))
    return new Failure('cannot-write-secret', {
      what: `GitHub answered ${answer.refused} to the attempt of ${tokenName} to ${act} the variable ${name} of ${store.place.name}${words === '' ? '' : ` ("${words}")`}${remedy ? `: ${remedy.reason}` : ''}.`,
      spent: soFar(),
      next:
        remedy?.next ?? `Give ${tokenName} ${permission} for this place, too.${besidesPermission(answer)}`,
    })
  }
  try {
    const reading = await store.read(name, budget)
    if ('refused' in reading) throw refused('read', reading)
    const probe = `${name}_PROBE_${Math.floor(environment.random() * 1e9)}`
    for (;;) {
      const outcome = await store.create(probe, 'box-token may write here', budget)
      if (outcome.kind === 'answer') {
        const no = refusal(outcome.last)
        if (no) throw refused('write', no)
        break
      }
      if (!(await budget.pause(outcome.waitMs))) throw new GitHubUnavailable(outcome.last, outcome.waitMs)
    }
    await store.remove(probe, budget)
    return { store, name, value: reading.value }
  } catch (error) {
    if (!(error instanceof GitHubUnavailable)) throw error
    throw new Failure('github-unavailable', {
      what: `GitHub did not answer usefully: ${describeGitHub(subjectOf({ ...work, secret: beside }), error.last)}.`,
      spent: soFar(),
      next: 'Run this again later; https://www.githubstatus.com tells about outages.',
    })
  } finally {
    budget.end()
  }
}

/**
 * Writes a proven variable, whether it is there or not.
 *
 * @returns why it could not be written, without a full stop; `undefined`: it is written
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
