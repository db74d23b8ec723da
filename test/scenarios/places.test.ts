/** Every place that can hold the secret, and the further secrets next to it. */
import { describe, expect, test } from 'vitest'
import { replies } from '../sandbox/faults.ts'
import { apiError, type StoredSecret } from '../sandbox/github.ts'
import { repository, type Sandbox, secretName, writeToken, type SandboxOptions } from '../sandbox/sandbox.ts'
import {
  expectFailure,
  expectNothingSpent,
  expectRotated,
  openStored,
  tokenRequests,
  startSandbox,
} from './support.ts'

const many = Array.from({ length: 250 }, (_, index) => 1_000_000 + index)

/** Everything that is stored anywhere, by place and name. */
function everything(sandbox: Sandbox): Map<string, StoredSecret> {
  const { organizations, repositories } = sandbox.github
  const stores = [
    ...[...organizations].map(([name, store]) => [`organization ${name}`, store] as const),
    ...[...repositories].flatMap(([name, { secrets, dependabot, environments }]) => [
      [`repository ${name}`, secrets] as const,
      [`dependabot ${name}`, dependabot] as const,
      ...[...environments].map(([environment, store]) => [`environment ${environment}`, store] as const),
    ]),
  ]
  return new Map(
    stores.flatMap(([place, { secrets }]) =>
      [...secrets].map(([name, secret]) => [`${place} ${name}`, secret]),
    ),
  )
}

/** The secrets that a run has written. */
function written(before: Map<string, StoredSecret>, after: Map<string, StoredSecret>): string[] {
  return [...after].filter(([name, secret]) => before.get(name) !== secret).map(([name]) => name)
}

describe.concurrent.each<[string, SandboxOptions, string]>([
  ['repository', {}, 'repository octo-org/nightly'],
  ['environment', { environment: 'Box: prod/eu' }, 'environment box: prod/eu'],
  ['organization, all repositories', { organization: { visibility: 'all' } }, 'organization octo-org'],
  [
    'organization, private repositories',
    { organization: { visibility: 'private' } },
    'organization octo-org',
  ],
  [
    'organization, one repository',
    { organization: { visibility: 'selected', selected: [] } },
    'organization octo-org',
  ],
  [
    'organization, 251 repositories',
    { organization: { visibility: 'selected', selected: many } },
    'organization octo-org',
  ],
])('%s', (_name, options, place) => {
  test('rotates twice, and nothing else is written', async () => {
    await using sandbox = await startSandbox({ ...options, reading: 'strict' })
    for (let round = 1; round <= 2; round += 1) {
      const before = everything(sandbox)
      expectRotated(sandbox, await sandbox.run())
      expect(written(before, everything(sandbox))).toEqual([`${place} ${secretName}`])
      const { visibility, selected } = before.get(`${place} ${secretName}`) ?? {}
      expect(sandbox.store.secrets.get(secretName)).toMatchObject(
        visibility ? { visibility, selected: selected ?? [] } : {},
      )
      sandbox.clock.advance(3_600_000)
    }
    expect(sandbox.violations).toEqual([])
  })

  test('stores the access token as well, in the same place', async () => {
    await using sandbox = await startSandbox(options)
    for (let round = 1; round <= 2; round += 1) {
      const before = everything(sandbox)
      const result = await sandbox.run({ with: { 'access-token-secret-name': 'box_access_token' } })
      expectRotated(sandbox, result)
      expect(written(before, everything(sandbox)).toSorted()).toEqual([
        `${place} BOX_ACCESS_TOKEN`,
        `${place} ${secretName}`,
      ])
      expect(openStored(sandbox, 'BOX_ACCESS_TOKEN')).toBe(result.outputs['access-token'])
      const { visibility, selected } = sandbox.store.secrets.get(secretName) ?? {}
      expect(sandbox.store.secrets.get('BOX_ACCESS_TOKEN')).toMatchObject(
        visibility ? { visibility, selected } : {},
      )
      sandbox.clock.advance(3_600_000)
    }
    expect(sandbox.violations).toEqual([])
  })
})

describe.concurrent('an organization secret', () => {
  test('an incomplete list of repositories stops the run before any token is used', async () => {
    await using sandbox = await startSandbox({ organization: { visibility: 'selected', selected: many } })
    sandbox.githubServer.faults.add('repositories', {
      kind: 'replace',
      replace: ({ status, body }) => {
        const { total_count, repositories } = body as { total_count: number; repositories: unknown[] }
        return { status, body: { total_count, repositories: repositories.slice(1) } }
      },
    })
    const message = expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expect(message).toMatch(
      /this token sees only \d+ of the 251 repositories that may use it\. Nothing was used/,
    )
    expectNothingSpent(sandbox)
  })

  test('a list that cannot be read stops it too', async () => {
    await using sandbox = await startSandbox({ organization: { visibility: 'selected', selected: many } })
    sandbox.githubServer.faults.add('repositories', {
      kind: 'reply',
      reply: apiError(403, 'Must have admin rights'),
    })
    expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expectNothingSpent(sandbox)
  })

  test('an outage in the middle of the list is waited out', async () => {
    await using sandbox = await startSandbox({ organization: { visibility: 'selected', selected: many } })
    sandbox.githubServer.faults.add(
      'repositories',
      { kind: 'reply', reply: replies.status(502) },
      { times: 1, skip: 1 },
    )
    expectRotated(sandbox, await sandbox.run())
    expect(sandbox.store.secrets.get(secretName)?.selected).toHaveLength(251)
  })

  test('an organization that does not exist', async () => {
    await using sandbox = await startSandbox({ organization: { visibility: 'all' } })
    const message = expectFailure(
      sandbox,
      await sandbox.run({ with: { organization: 'octo-orgg' } }),
      'cannot-write-secret',
    )
    expect(message).toContain('the organization octo-orgg does not exist, or the token has no access to it')
    expectNothingSpent(sandbox)
  })

  test('a token without the organization permission', async () => {
    await using sandbox = await startSandbox({ organization: { visibility: 'all' } })
    sandbox.github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'write', organization_secrets: 'read' },
    })
    const message = expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expect(message).toContain('organization permission "Secrets: Read and write"')
    expectNothingSpent(sandbox)
  })

  test('a run that was queued before the last rotation is stopped', async () => {
    await using sandbox = await startSandbox({ organization: { visibility: 'all' } })
    const queued = sandbox.startJob()
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
    expectFailure(sandbox, await sandbox.run({ job: queued }), 'stale-secret')
    expect(tokenRequests(sandbox)).toBe(1)
  })
})

describe.concurrent('the access to an organization secret', () => {
  test('keeps changes that were made during the run', async () => {
    await using sandbox = await startSandbox({ organization: { visibility: 'selected', selected: [1] } })
    sandbox.boxServer.onRequest = () => {
      const secret = sandbox.store.secrets.get(secretName)
      if (secret)
        sandbox.store.secrets.set(secretName, { ...secret, selected: [...(secret.selected ?? []), 77] })
    }
    expectRotated(sandbox, await sandbox.run())
    expect(sandbox.store.secrets.get(secretName)?.selected).toContain(77)
  })

  test('does not make a run ask forever if a server repeats a page', async () => {
    await using sandbox = await startSandbox({ organization: { visibility: 'selected', selected: many } })
    const first = { total_count: 251, repositories: [{ id: 1 }, { id: 2 }] }
    sandbox.githubServer.faults.add('repositories', { kind: 'reply', reply: { status: 200, body: first } })
    expectFailure(sandbox, await sandbox.run(), 'cannot-write-secret')
    expect(sandbox.requests.filter((request) => request === 'github repositories')).toHaveLength(2)
  })
})

describe.concurrent('also-write-to: dependabot', () => {
  const dependabot = { 'also-write-to': 'dependabot' }

  test('stores the same secrets, sealed for its own key', async () => {
    await using sandbox = await startSandbox()
    const store = sandbox.github.repositories.get(repository)?.dependabot
    for (let round = 1; round <= 2; round += 1) {
      const before = everything(sandbox)
      const result = await sandbox.run({
        with: { ...dependabot, 'access-token-secret-name': 'BOX_ACCESS_TOKEN' },
      })
      expectRotated(sandbox, result)
      expect(store?.value(secretName)).toBe(sandbox.stored)
      expect(store?.value('BOX_ACCESS_TOKEN')).toBe(result.outputs['access-token'])
      expect(written(before, everything(sandbox)).toSorted()).toEqual([
        'dependabot octo-org/nightly BOX_ACCESS_TOKEN',
        'dependabot octo-org/nightly BOX_REFRESH_TOKEN',
        'repository octo-org/nightly BOX_ACCESS_TOKEN',
        'repository octo-org/nightly BOX_REFRESH_TOKEN',
      ])
      expect(result.summary).toContain('and the secret BOX_REFRESH_TOKEN of Dependabot in octo-org/nightly')
      sandbox.clock.advance(3_600_000)
    }
    expect(sandbox.requests.filter((request) => request === 'github probe')).toHaveLength(2)
    expect(sandbox.violations).toEqual([])
  })

  test('comes after the store, and its failure is only a warning', async () => {
    await using sandbox = await startSandbox()
    sandbox.github.tokens.set(writeToken, {
      kind: 'fine-grained',
      permissions: { secrets: 'write', actions: 'read' },
    })
    const result = await sandbox.run({ with: dependabot })
    expectRotated(sandbox, result)
    expect(result.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /could not be stored in the secret BOX_REFRESH_TOKEN of Dependabot in octo-org\/nightly: .*403.*the new refresh token is stored.*"Dependabot secrets: Read and write"/,
      ),
    ])
    expect(result.summary).not.toContain('Dependabot')
    expect(sandbox.requests.indexOf('github dependabot key')).toBeGreaterThan(
      sandbox.requests.indexOf('github write'),
    )
  })

  test('waits through an outage and a key rotation', async () => {
    await using sandbox = await startSandbox()
    const store = sandbox.github.repositories.get(repository)?.dependabot
    const { faults } = sandbox.githubServer
    faults.add('dependabot key', { kind: 'reply', reply: replies.status(503) }, { times: 1 })
    faults.add('dependabot write', { kind: 'reply', reply: replies.status(502) }, { times: 1 })
    faults.add(
      'dependabot write',
      { kind: 'reply', reply: apiError(422, 'improperly encrypted secret') },
      { times: 1 },
    )
    expectRotated(sandbox, await sandbox.run({ with: dependabot }))
    expect(store?.value(secretName)).toBe(sandbox.stored)
  })
})

describe.concurrent('a run by Dependabot', () => {
  const inputs = { 'also-write-to': 'dependabot' }
  const env = { GITHUB_ACTOR: 'dependabot[bot]' }

  test('uses its own copy', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { dependabot } = sandbox.github.repositories.get(repository) ?? {}
    expectRotated(sandbox, await sandbox.run({ with: inputs }))
    sandbox.clock.advance(5_000)
    const token = dependabot?.value(secretName) ?? ''
    expectRotated(sandbox, await sandbox.run({ with: { ...inputs, 'refresh-token': token }, env }))
    expect(dependabot?.value(secretName)).toBe(sandbox.stored)
  })

  test('with an outdated copy is told so, and nobody has to sign in', async () => {
    await using sandbox = await startSandbox({ reading: 'strict' })
    const { dependabot } = sandbox.github.repositories.get(repository) ?? {}
    expectRotated(sandbox, await sandbox.run({ with: inputs }))
    sandbox.clock.advance(5_000)
    expectRotated(sandbox, await sandbox.run())
    sandbox.clock.advance(5_000)
    const token = dependabot?.value(secretName) ?? ''
    const result = await sandbox.run({ with: { ...inputs, 'refresh-token': token }, env })
    expect(expectFailure(sandbox, result, 'stale-secret')).toMatch(
      /Dependabot's copy of the token, which is older/,
    )
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  })
})

test.concurrent('if an access token cannot be stored, the other copies are still written', async () => {
  await using sandbox = await startSandbox({ reading: 'strict' })
  sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') }, { skip: 1 })
  const more = { 'access-token-secret-name': 'BOX_ACCESS_TOKEN', 'also-write-to': 'dependabot' }
  expectFailure(sandbox, await sandbox.run({ with: more }), 'secret-not-written')
  const { dependabot } = sandbox.github.repositories.get(repository) ?? {}
  expect(dependabot?.value(secretName)).toBe(sandbox.stored)
})

test.concurrent('a copy that GitHub keeps refusing does not delay the run', async () => {
  await using sandbox = await startSandbox()
  sandbox.githubServer.faults.add('dependabot write', { kind: 'reply', reply: apiError(403, 'no') })
  const before = performance.now()
  expectRotated(sandbox, await sandbox.run({ with: { 'also-write-to': 'dependabot' } }))
  expect(performance.now() - before).toBeLessThan(5_000)
})

test.concurrent(
  'an access token that cannot be stored fails the run, which says that the chain is alive',
  async () => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.faults.add('write', { kind: 'reply', reply: apiError(403, 'no') }, { skip: 1 })
    const result = await sandbox.run({ with: { 'access-token-secret-name': 'BOX_ACCESS_TOKEN' } })
    const message = expectFailure(sandbox, result, 'secret-not-written')
    expect(message).toMatch(
      /The new access token could not be stored in the secret BOX_ACCESS_TOKEN.*the new refresh token is stored/,
    )
    expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  },
)

describe.concurrent("the address of GitHub's API", () => {
  test.each(['/api/v3', '/api/v3/', '/', ''])('may end with %j', async (path) => {
    await using sandbox = await startSandbox()
    sandbox.githubServer.basePath = path.replace(/\/$/, '')
    expectRotated(
      sandbox,
      await sandbox.run({ with: { 'github-api-url': `${sandbox.githubServer.url}${path}` } }),
    )
    expect(sandbox.violations).toEqual([])
  })
})

describe.concurrent('a write token that expires', () => {
  test.each([
    [13, true],
    [1, true],
    [15, false],
  ])('in %d days: warning %s', async (days, warned) => {
    await using sandbox = await startSandbox()
    const grant = sandbox.github.tokens.get(writeToken)
    if (!grant) throw new Error('no token')
    sandbox.github.tokens.set(writeToken, {
      ...grant,
      expiresAt: sandbox.clock.now() + days * 86_400_000 + 60_000,
    })
    const result = await sandbox.run()
    expectRotated(sandbox, result)
    const expected: unknown = expect.stringContaining(
      `in ${days} ${days === 1 ? 'day' : 'days'}. Create a new one`,
    )
    expect(result.warnings.map(({ message }) => message)).toEqual(warned ? [expected] : [])
  })
})
