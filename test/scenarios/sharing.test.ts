/** `state-variable`: one refresh for any number of jobs. */
import { describe, expect, test } from 'vitest'
import { openState } from '../../src/sharing/state.ts'
import { repositoryVariables } from '../../src/github/stores/repository.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { readings } from '../sandbox/box.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import { expectFailure, expectNoSecrets, expectRotated, openStored, tokenRequests } from './support.ts'

await sealingReady()

const stateVariable = 'BOX_STATE'
const sharing = { 'state-variable': stateVariable }

function variables(sandbox: Sandbox): string[] {
  return [...sandbox.store.variables.keys()]
}

describe('a first run', () => {
  test('publishes the pair, stores it and leaves no claim behind', async () => {
    await using sandbox = await Sandbox.start({ reading: 'strict' })
    const result = await sandbox.run({ with: sharing })
    expectRotated(sandbox, result)
    expect(variables(sandbox)).toEqual([stateVariable])
    const text = sandbox.store.variables.get(stateVariable)?.value ?? ''
    expect(text).toMatch(/^box-token-state\.v1\.[\w-]+$/)
    expect(sandbox.violations).toEqual([])
    expect(sandbox.requests).toEqual([])
  })
})
void describe
void readings
void expectFailure
void expectNoSecrets
void openStored
void tokenRequests
void openState
void repositoryVariables
