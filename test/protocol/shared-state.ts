/** A stage on which jobs share a token: the content of the variables, and what other jobs put there. */
import { expect } from 'vitest'
import { Secret } from '../../src/github/secret-store.ts'
import { repositorySecrets, repositoryVariables } from '../../src/github/stores/repository.ts'
import { VariableStore } from '../../src/github/variable-store.ts'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { claimPrefix, readClaim, statusAt, type ClaimStatus } from '../../src/sharing/claim.ts'
import {
  OverTokens,
  openState,
  sealState,
  type SharedState,
  type StateSeal,
} from '../../src/sharing/state.ts'
import type { Sharing } from '../../src/sharing/shared-variables.ts'
import { secretName, type Parts, type Stage, type Step } from './support.ts'

export const stateVariable = 'BOX_STATE'
export const sharing = { 'state-variable': stateVariable }
export const title = 'variable BOX_STATE of repository octo-org/nightly'
export const secretTitle = 'secret BOX_REFRESH_TOKEN of repository octo-org/nightly'

/** The keys that the state is sealed with. */
export function sealOf(stage: Stage): StateSeal {
  return {
    secrets: { clientSecret: stage.box.clientSecret, stateKey: undefined },
    clientId: stage.box.clientId,
    place: repositoryVariables('octo-org', 'nightly'),
    name: stateVariable,
  }
}

/** What a command that takes part in the sharing works with. */
export function sharingOf(stage: Stage, { client, environment, narrator }: Parts): Sharing {
  const seal = sealOf(stage)
  return {
    environment,
    narrator,
    retryFor: 60,
    secret: new Secret(client, repositorySecrets('octo-org', 'nightly'), secretName),
    variables: new VariableStore(client, seal.place),
    seal,
  }
}

/** The variables of the place, by name. */
export function variables(stage: Stage): string[] {
  return [...stage.store.variables.keys()]
}

/** The content of the state variable; `undefined` if there is none, or it does not open. */
export function stateOf(stage: Stage): SharedState | undefined {
  const text = stage.store.variables.get(stateVariable)?.value
  const state = text === undefined ? { problem: 'none' } : openState(sealOf(stage), text)
  return 'problem' in state ? undefined : state
}

/** All existing claims: their names after `BOX_STATE_CLAIM_`, and their status (`none`: not a claim). */
export function claimsOf(stage: Stage): [string, ClaimStatus | 'none'][] {
  const prefix = claimPrefix(stateVariable)
  return [...stage.store.variables]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { value, updatedAt }]) => {
      const claim = readClaim(stateVariable, { name, value, updatedAt })
      return [name.slice(prefix.length), claim ? statusAt(claim, stage.now) : 'none']
    })
}

/** The claims that a step tried to create, in order: their names after `BOX_STATE_CLAIM_`. */
export function createdClaims(step: Step): string[] {
  return step.sent('github create claim').map(({ body }) => /_CLAIM_(\w+)/.exec(body)?.[1] ?? '')
}

/** Somebody writes a variable, now. */
export function putVariable(stage: Stage, name: string, value: string): void {
  stage.store.variables.set(name, { value, createdAt: stage.now, updatedAt: stage.now })
}

/** Somebody publishes a state, now; by default, of a new pair that Box issues in place of the token in the secret. */
export function putState(stage: Stage, change: Partial<SharedState> = {}): SharedState {
  const pair = change.refreshToken === undefined ? stage.box.logIn() : stage.lastPair
  const state: SharedState = {
    refreshToken: pair.refreshToken,
    access: { token: pair.accessToken, expiresAt: stage.now + 3_600_000, refreshedAt: stage.now },
    secretUpdatedAt: stage.now,
    over: OverTokens.none.with(fingerprintOf(sealOf(stage).secrets, stage.stored), stage.now),
    ...change,
  }
  putVariable(stage, stateVariable, sealState(sealOf(stage), state))
  return state
}

/** Somebody claims the right to refresh for this many milliseconds, now. Returns the variable's name. */
export function putClaim(stage: Stage, ms: number, token = 'NEW', epoch = 1, nonce = 'another job'): string {
  const name = `${stateVariable}_CLAIM_${token}_${epoch}`
  const until = new Date(stage.now + ms).toISOString()
  putVariable(stage, name, JSON.stringify({ nonce, 'lease-ends-at': until }))
  return name
}

/** The recovery texts that a step printed for its owner. */
export function recoveryIn(step: Step): string[] {
  return step.log.filter((line) => line.startsWith('box-token-recovery.v1.'))
}

/** A bug in the action itself, which shows at the first pause between two tries after `begin`. */
export interface FaultInAction {
  /** The random source to run with. */
  readonly random: () => number
  readonly begin: () => void
}

/** An action that works correctly until `begin` is called. */
export function faultInAction(): FaultInAction {
  let begun = false
  return {
    random: () => {
      if (begun) throw new Error('no more chance')
      return 0.5
    },
    begin: () => {
      begun = true
    },
  }
}

/** A main step that is killed at a request, before or after the server acts. It was queued some time before. */
export async function killedAt(
  stage: Stage,
  label: string,
  when: 'before' | 'after' = 'before',
): Promise<Step> {
  const job = stage.startJob()
  await stage.pass(1_000)
  const main = await stage.main({ job, with: sharing, [when]: { [label]: (step: Step) => step.kill() } })
  expect(main.exitCode).toBeUndefined()
  return main
}
