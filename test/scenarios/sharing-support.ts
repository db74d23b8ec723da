/** Helpers for the sharing scenarios. */
import { repositoryVariables } from '../../src/github/stores/repository.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { readClaim, statusAt, type Claim } from '../../src/sharing/claim.ts'
import { openState, type SharedState, type StateSeal } from '../../src/sharing/state.ts'
import { expect } from 'vitest'
import type { StepResult } from '../sandbox/runner.ts'
import { type RunOptions, type Sandbox } from '../sandbox/sandbox.ts'
import { openStored } from './support.ts'

await sealingReady()

export const stateVariable = 'BOX_STATE'
export const sharing = { 'state-variable': stateVariable }
export const hourMs = 3_600_000

export function variables(sandbox: Sandbox): string[] {
  return [...sandbox.store.variables.keys()]
}

export function sealOf(sandbox: Sandbox): StateSeal {
  return {
    secrets: { clientSecret: sandbox.box.clientSecret, stateKey: undefined },
    clientId: sandbox.box.clientId,
    place: repositoryVariables('octo-org', 'nightly'),
    name: stateVariable,
  }
}

/** The current state. */
export function stateOf(sandbox: Sandbox): SharedState {
  const opened = openState(sealOf(sandbox), sandbox.store.variables.get(stateVariable)?.value ?? '')
  if ('problem' in opened) throw new Error(opened.problem)
  return opened
}

/** Somebody writes the variable by hand. */
export function setVariable(sandbox: Sandbox, name: string, value: string): void {
  const now = sandbox.clock.now()
  sandbox.store.variables.set(name, { value, createdAt: now, updatedAt: now })
}

/** Every existing claim, in order; none is damaged. */
export function claimsOf(sandbox: Sandbox): Claim[] {
  const claims: Claim[] = []
  for (const [name, { value, updatedAt }] of sandbox.store.variables) {
    if (name === stateVariable) continue
    const claim = readClaim(stateVariable, { name, value, updatedAt })
    if (!claim) throw new Error(`${name} is no claim`)
    claims.push(claim)
  }
  return claims
}

/**
 * The state and the secret hold the same live token, and nobody holds a claim. Claims that are done stay for a while
 * (rule 8 of the protocol: an old read of the state is measured by them); those of the previous token are deleted once
 * they are ten minutes old.
 *
 * @param most how many claims may be left
 */
export function expectTidy(sandbox: Sandbox, most = 1): void {
  const claims = claimsOf(sandbox)
  expect(claims.filter((claim) => statusAt(claim, sandbox.clock.now()) === 'live')).toEqual([])
  expect(claims.length).toBeLessThanOrEqual(most)
  expect(variables(sandbox)).toContain(stateVariable)
  expect(stateOf(sandbox).refreshToken).toBe(sandbox.stored)
  expect(openStored(sandbox)).toBe(sandbox.stored)
  expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  expect(sandbox.violations).toEqual([])
}

export async function sharedRun(sandbox: Sandbox, options: RunOptions = {}): Promise<StepResult> {
  return sandbox.run({ ...options, with: { ...sharing, ...options.with } })
}
