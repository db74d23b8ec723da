/** A refresh token that a person brings into the shared state: under a claim, like every other change. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { fingerprintOf } from '../../src/sealing/envelope.ts'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { leaseOverBeforeStore } from '../../src/sharing/messages.ts'
import { RetryBudget } from '../../src/http/retry.ts'
import { recoverShared } from '../../src/cli/recover.ts'
import { storeRefreshToken } from '../../src/cli/login/store.ts'
import { claimToken } from '../../src/sharing/claim.ts'
import { replaceState, type Replacement } from '../../src/sharing/replace.ts'
import type { Sharing } from '../../src/sharing/shared-variables.ts'
import { OverTokens } from '../../src/sharing/state.ts'
import { replies } from '../sandbox/faults.ts'
import { apiError } from '../sandbox/github.ts'
import {
  claimsOf,
  createdClaims,
  putClaim,
  putState,
  putVariable,
  sealOf,
  secretTitle,
  sharingOf,
  stateOf,
  stateVariable,
  title,
  variables,
} from './shared-state.ts'
import { changed, expectRotated, Stage, type Step } from './support.ts'

beforeAll(sealingReady)

const storedAt = 1_795_413_600_000
/** The end of the first claim's lease, in milliseconds since the step began: GitHub's date was requested at 100. */
const leaseEnd = 100 + 130_000 - 1000

interface Outcome {
  readonly result: unknown
  readonly step: Step
  /** The refresh token of the state at each approval. */
  readonly approved: (string | undefined)[]
}

/** Replaces the state; an error that this throws becomes the result. */
function replace(
  stage: Stage,
  change: (step: Step) => Partial<Replacement> = () => ({}),
  afterLine: (line: string) => void = () => {},
): Promise<Outcome> {
  return stage.part(async (parts) => {
    const { narrator, step } = parts
    const sharing = {
      ...sharingOf(stage, parts),
      narrator: {
        mask: (secret: string) => narrator.mask(secret),
        info: (line: string) => {
          narrator.info(line)
          afterLine(line)
        },
        warning: (line: string) => narrator.warning(line),
        waiting: (line: string) => narrator.waiting(line),
        foreign: (text: string) => narrator.foreign(text),
      },
    }
    const approved: (string | undefined)[] = []
    const replacement: Replacement = {
      refreshToken: 'brought',
      over: ['older', 'brought'],
      secretAccounted: 0,
      approve: ({ state }) => void approved.push(state?.refreshToken),
      storeSecret: () => {
        step.events.push('store')
        return Promise.resolve(storedAt)
      },
      ...change(step),
    }
    const result = await replaceState(sharing, replacement).catch((error: unknown) => error)
    return { result, step, approved }
  })
}

function isOver(stage: Stage, token: string): boolean | undefined {
  return stateOf(stage)?.over.has(fingerprintOf(sealOf(stage).secrets, token))
}

/** The current content of a claim. */
function contentOf(stage: Stage, name: string): Record<string, unknown> {
  return JSON.parse(stage.store.variables.get(name)?.value ?? '{}') as Record<string, unknown>
}

/** The current end of a claim's lease. */
function leaseOf(stage: Stage, name: string): unknown {
  return contentOf(stage, name)['lease-ends-at']
}

test('claims, publishes, stores, and marks the claim as done with the time of the store, in this order', async () => {
  const stage = new Stage()
  const { result, step, approved } = await replace(stage)
  expect(result).toBe('done')
  expect(step.events).toEqual([
    'github state',
    'github create claim',
    'github state',
    'github claims',
    'github create state',
    'store',
    'github update claim',
  ])
  expect(step.log).toEqual([`The refresh token is published in the ${title}, encrypted.`])
  expect(step.warnings).toEqual([])
  expect(approved).toEqual([undefined, undefined])
  expect(stateOf(stage)).toMatchObject({
    refreshToken: 'brought',
    access: undefined,
    secretUpdatedAt: 0,
  })
  expect(['older', 'brought'].map((token) => isOver(stage, token))).toEqual([true, false])
  expect(stateOf(stage)?.over.size).toBe(1)
  expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  expect(contentOf(stage, 'BOX_STATE_CLAIM_NEW_1')['secret-written-at']).toBe(
    new Date(storedAt).toISOString(),
  )
})

test("lists the state's token and its predecessors as over", async () => {
  const stage = new Stage()
  const { refreshToken } = putState(stage)
  putClaim(stage, -601_000, '0BADF00D')
  const { result, approved } = await replace(stage)
  expect([result, approved]).toEqual(['done', [refreshToken, refreshToken]])
  expect(stateOf(stage)).toMatchObject({ refreshToken: 'brought', access: undefined })
  const tokens = [refreshToken, stage.stored, 'older', 'brought']
  expect(tokens.map((token) => isOver(stage, token))).toEqual([true, true, true, false])
  // Its own claim stays; the one of a previous token is deleted.
  expect(claimsOf(stage)).toEqual([[expect.any(String), 'done']])
})

test("does not list the state's token as over if it is the same token", async () => {
  const stage = new Stage()
  putState(stage, { refreshToken: 'brought' })
  expect((await replace(stage)).result).toBe('done')
  expect(isOver(stage, 'brought')).toBe(false)
})

test("gives its claim up if the state held the same token: nobody waits, and the secret's date is noted", async () => {
  const stage = new Stage()
  putState(stage, { refreshToken: stage.stored })
  await stage.pass(10_000)
  const writtenAt = Math.floor(stage.now / 1000) * 1000 + 1000
  const { result } = await replace(stage, () => ({
    refreshToken: stage.stored,
    storeSecret: () => {
      stage.writeByHand(stage.stored)
      return Promise.resolve(writtenAt)
    },
  }))
  expect(result).toBe('done')
  expect(claimsOf(stage)).toEqual([[expect.any(String), 'given-up']])
  await stage.pass(20_000)
  stage.reply('github run', apiError(403, 'Resource not accessible'))
  const main = await stage.main({ with: { 'state-variable': stateVariable } })
  expectRotated(stage, main)
  expect([main.warnings, main.now < 2000]).toEqual([[], true])
})

test('puts a state aside that does not open, with a warning', async () => {
  const stage = new Stage()
  putVariable(stage, stateVariable, 'x')
  const { result, step } = await replace(stage)
  expect(result).toBe('done')
  expect(step.warnings).toEqual([
    expect.stringContaining(`The shared state in the ${title} cannot be decrypted with this client secret`),
  ])
  expect(stateOf(stage)?.refreshToken).toBe('brought')
})

test('waits for a job that is refreshing, and replaces what that job published', async () => {
  const stage = new Stage()
  putClaim(stage, 60_000)
  let published = ''
  stage.scheduler.after(5000, () => {
    published = putState(stage).refreshToken
  })
  const { result, step, approved } = await replace(stage)
  expect(result).toBe('done')
  expect(step.timeline.slice(0, 6)).toEqual([
    '0 github state',
    '100 github create claim',
    '200 github claim',
    '1800 github state',
    '3775 github state',
    '6218.75 github claim',
  ])
  expect(step.log[0]).toBe(
    'Another job is refreshing the shared token (BOX_STATE_CLAIM_NEW_1, until 2026-11-23T06:01:00Z at the latest): waiting for it.',
  )
  expect(approved).toEqual([undefined, published, published])
  expect(isOver(stage, published)).toBe(true)
})

test('looks for a claim that GitHub does not show for as long as a read may be old', async () => {
  const stage = new Stage()
  stage.reply('github create claim', { status: 409 }, { times: 1 })
  const { result, step } = await replace(stage)
  expect(result).toBe('done')
  expect(step.timeline.slice(2, 5)).toEqual(['200 github claim', '1800 github claim', '3775 github claim'])
  expect(step.sent('github create claim')[1]?.at).toBe(30_300)
  // No job is known to be refreshing.
  expect(step.log).toEqual([`The refresh token is published in the ${title}, encrypted.`])
})

describe('does not happen', () => {
  const refusal = new Failure('bad-input', { what: 'No.', spent: 'Nothing.', next: 'Nothing.' })

  test('without approval: nothing is claimed', async () => {
    const stage = new Stage()
    const approve = (): never => {
      throw refusal
    }
    const { result, step } = await replace(stage, () => ({ approve }))
    // The state that must not be replaced may be an old answer, so it is read again.
    expect([result, [...new Set(step.asked)], variables(stage)]).toEqual([refusal, ['github state'], []])
    expect(step.requests.at(-1)?.at).toBe(30_000)
  })

  test('without approval under the claim: the claim is given up', async () => {
    const stage = new Stage()
    let looks = 0
    const approve = (): void => {
      looks += 1
      if (looks > 1) throw refusal
    }
    const { result } = await replace(stage, () => ({ approve }))
    expect(result).toBe(refusal)
    expect(leaseOf(stage, 'BOX_STATE_CLAIM_NEW_1')).toBe('1970-01-01T00:00:00.000Z')
    expect(variables(stage)).toEqual(['BOX_STATE_CLAIM_NEW_1'])
  })

  test.each([
    ['if GitHub rejects the state: the claim is given up', apiError(422, 'Full'), 'given-up'],
    ['if the state may have arrived: the claim ends with its lease', replies.status(503), 'live'],
  ])('%s', async (_name, reply, status) => {
    const stage = new Stage()
    stage.reply('github create state', reply)
    const { result, step } = await replace(stage)
    expect(result).toMatchObject({ code: 'secret-not-written' })
    expect(step.events).not.toContain('store')
    expect(claimsOf(stage)[0]).toEqual(['NEW_1', status])
  })

  test('under a claim that a later one of the same token follows: it starts again', async () => {
    const stage = new Stage()
    // Between creating its own claim and listing all claims.
    stage.scheduler.after(175, () => void putClaim(stage, 5000, 'NEW', 2))
    const { result, step } = await replace(stage)
    expect(result).toBe('done')
    expect(step.asked.slice(2, 6)).toEqual([
      'github state',
      'github claims',
      'github update claim',
      'github state',
    ])
    expect(createdClaims(step)).toEqual(['NEW_1', 'NEW_1', 'NEW_2', 'NEW_3'])
    expect(claimsOf(stage)).toEqual([
      ['NEW_1', 'given-up'],
      ['NEW_2', 'over'],
      ['NEW_3', 'done'],
    ])
  })

  test('but a later claim of another token does not matter', async () => {
    const stage = new Stage()
    stage.scheduler.after(175, () => void putClaim(stage, 5000, '0BADF00D', 2))
    const { result, step } = await replace(stage)
    expect(result).toBe('done')
    expect(step.sent('github create claim')).toHaveLength(1)
  })

  test('over a state that has moved since it was approved: it starts again', async () => {
    const stage = new Stage()
    let published = ''
    stage.scheduler.after(225, () => (published = putState(stage).refreshToken))
    const { result, approved } = await replace(stage)
    expect(result).toBe('done')
    expect(approved).toEqual([undefined, published, published, published])
    expect(isOver(stage, published)).toBe(true)
  })
})

describe('the secret', () => {
  test.each<[string, (step: Step) => Promise<number | undefined>]>([
    ['is written at an unknown time', () => Promise.resolve(undefined)],
    [
      'is written after the lease is over',
      async (step) => {
        await step.clock.sleep(130_000)
        return storedAt
      },
    ],
    [
      'is written at the very end of the lease',
      async (step) => {
        await step.clock.sleep(leaseEnd - step.clock.monotonic())
        return storedAt
      },
    ],
  ])('%s: the time is not noted', async (_name, storeSecret) => {
    const stage = new Stage()
    const { result } = await replace(stage, (own) => ({ storeSecret: () => storeSecret(own) }))
    expect(result).toBe('done')
    expect(stateOf(stage)).toMatchObject({ refreshToken: 'brought', secretUpdatedAt: 0 })
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })

  test.each([
    ['as long as the lease', leaseEnd],
    ['longer than the lease', leaseEnd + 1000],
  ])('is left alone if the machine sleeps for %s before the write', async (_name, until) => {
    const stage = new Stage()
    const began = stage.scheduler.now
    const { result, step } = await replace(
      stage,
      () => ({}),
      (line) => {
        if (line.includes('is published')) stage.scheduler.now = began + until
      },
    )
    expect(result).toBe('lease-over')
    expect(step.events).not.toContain('store')
    expect(stateOf(stage)).toMatchObject({ refreshToken: 'brought', secretUpdatedAt: 0 })
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
    expect(leaseOverBeforeStore(secretTitle)).toBe(
      `Time ran out before the ${secretTitle} was written, so it is left unchanged. The new refresh token is in the shared state, where jobs find it, and the next refresh updates the secret.`,
    )
  })

  test('cannot be written: that error is thrown, and the claim is done', async () => {
    const stage = new Stage()
    const error = new Error('no secret')
    const { result } = await replace(stage, () => ({ storeSecret: () => Promise.reject(error) }))
    expect(result).toBe(error)
    expect(stateOf(stage)).toMatchObject({ refreshToken: 'brought', secretUpdatedAt: 0 })
    expect(claimsOf(stage)).toEqual([['NEW_1', 'done']])
  })
})

test('a claim that GitHub never lets it create is reported in the end', async () => {
  const stage = new Stage()
  stage.reply('github create claim', apiError(409, 'Already exists'))
  const { result, step } = await replace(stage)
  expect(result).toBeInstanceOf(Failure)
  expect(result).toMatchObject({
    code: 'github-unavailable',
    what: expect.stringContaining(`${stateVariable}_CLAIM_`) as string,
  })
  expect(step.sent('github create claim')).toHaveLength(3)
  expect(variables(stage)).toEqual([])
})

describe('if GitHub rejects the secret, it is not written once the lease is over:', () => {
  const work = { retryFor: 60, tokenName: 'GITHUB_TOKEN', soFar: () => '' }

  test.each<[string, (sharing: Sharing) => Promise<unknown>]>([
    [
      'recover',
      async (sharing) => {
        const content = { refreshToken: 'brought', shared: undefined }
        const baseline = {
          key: undefined,
          settings: {},
          updatedAt: 0,
          conflictAfter: Number.MAX_SAFE_INTEGER,
        }
        const storing = { ...sharing, aboutToWrite: () => {} }
        return recoverShared(
          sharing,
          { ...content, baseline: 0 },
          {
            storing,
            baseline,
            force: true,
            moved: false,
            isPublished: () => {},
          },
        )
      },
    ],
    [
      'login',
      async (sharing) => {
        const { secret, environment, narrator } = sharing
        const key = await secret.publicKey(new RetryBudget(environment, 60))
        if ('refused' in key) throw new Error('no key')
        const proven = { secret, metadata: undefined, settings: {} }
        const prepared = {
          place: { key, secrets: [proven] },
          refreshToken: proven,
          clientId: proven,
          clientSecret: proven,
          writer: { kind: 'token' as const, secret: proven, newToken: undefined },
          sharing,
        }
        return storeRefreshToken({ work: { ...work, environment, narrator }, prepared }, 'brought')
      },
    ],
  ])('%s', async (_command, run) => {
    const stage = new Stage()
    const out = replies.status(503)
    stage.reply('github state', out, { skip: 1 })
    // Each part takes nearly all of its time.
    stage.scheduler.after(55_000, () => {
      stage.faults.github.clear()
      stage.reply('github create state', out)
    })
    stage.scheduler.after(110_000, () => {
      stage.faults.github.clear()
      stage.reply('github write', out)
    })
    const step = await stage.part(async (part) => {
      await run(sharingOf(stage, part))
      return part.step
    })
    const writes = step.sent('github write').map(({ at }) => at)
    const [claimed] = step.sent('github create claim')
    expect(writes.length).toBeGreaterThan(2)
    expect(writes[0]).toBeGreaterThan(100_000)
    expect(writes.at(-1)).toBeLessThan((claimed?.at ?? 0) + 130_000)
    expect(stateOf(stage)?.refreshToken).toBe('brought')
    expect(claimsOf(stage).map(([, status]) => status)).toEqual(['done', 'given-up'])
  })
})

test('a state that does not open is warned about once, however often it starts again', async () => {
  const stage = new Stage()
  putVariable(stage, stateVariable, 'x')
  stage.scheduler.after(175, () => void putClaim(stage, 5000, 'NEW', 2))
  const { result, step } = await replace(stage)
  expect(result).toBe('done')
  expect(createdClaims(step)).toContain('NEW_3')
  expect(step.warnings).toHaveLength(1)
})

test('what it saw while waiting for another job counts, however old the next answer is', async () => {
  const stage = new Stage()
  const { refreshToken } = putState(stage)
  const { secrets } = sealOf(stage)
  const value = stage.store.variables.get(stateVariable)?.value
  const token = claimToken(secrets, refreshToken)
  putClaim(stage, 60_000, token)
  let published = ''
  stage.scheduler.after(1000, () => {
    const over = OverTokens.none.with(fingerprintOf(secrets, refreshToken), stage.now)
    published = putState(stage, { over }).refreshToken
  })
  // The first look while waiting shows the new state; the next one does not.
  stage.fault('github state', changed({ value }), { skip: 2, times: 1 })
  const { result, step, approved } = await replace(stage)
  expect(result).toBe('done')
  expect(createdClaims(step)).toEqual([`${token}_1`, `${claimToken(secrets, published)}_1`])
  expect(approved).toEqual([refreshToken, published, published])
})

test('a state that somebody creates at the very moment of publishing is not taken for its own', async () => {
  const stage = new Stage()
  let published = ''
  stage.scheduler.after(325, () => (published = putState(stage).refreshToken))
  const { result, approved } = await replace(stage)
  expect(result).toBe('done')
  expect(approved.at(-1)).toBe(published)
  expect(stateOf(stage)?.refreshToken).toBe('brought')
  expect(isOver(stage, published)).toBe(true)
})

test('the secret is left alone if the lease ends at this very moment', async () => {
  const stage = new Stage()
  const began = stage.scheduler.now
  const { result, step } = await replace(
    stage,
    () => ({}),
    (line) => {
      // GitHub's date was requested at 0.
      if (line.includes('is published')) stage.scheduler.now = began + 129_000
    },
  )
  expect(result).toBe('lease-over')
  expect(step.events).not.toContain('store')
})

test('claims of the new token are kept, however old: its next holder starts with the first', async () => {
  const stage = new Stage()
  const token = claimToken(sealOf(stage).secrets, 'brought')
  putClaim(stage, -660_000, token)
  putClaim(stage, -660_000, '0BADF00D')
  expect((await replace(stage)).result).toBe('done')
  expect(claimsOf(stage)).toEqual([
    [`${token}_1`, 'over'],
    ['NEW_1', 'done'],
  ])
})
