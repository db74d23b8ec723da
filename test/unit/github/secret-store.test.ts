/** The parts of a secret store, one by one. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/github/secret-store.ts'
import { dependabotSecrets } from '../../../src/github/stores/dependabot.ts'
import { organizationSecrets } from '../../../src/github/stores/organization.ts'
import { repositorySecrets } from '../../../src/github/stores/repository.ts'
import { prove } from '../../../src/rotation/prove.ts'
import { sealFor, sealingReady } from '../../../src/sealing/sealed-box.ts'
import { Stage, type Parts } from '../../protocol/support.ts'
import { replies } from '../../sandbox/faults.ts'
import { apiError } from '../../sandbox/github.ts'

const name = 'BOX_REFRESH_TOKEN'
const inRepository = ({ client }: Parts): Secret =>
  new Secret(client, repositorySecrets('octo-org', 'nightly'), name)

beforeAll(sealingReady)

describe('the write probe', () => {
  test.each<[number, unknown]>([
    [422, { answer: 'yes', status: 422 }],
    [400, { answer: 'unknown', status: 400 }],
    [204, { answer: 'unknown', status: 204 }],
    [401, { answer: 'no', status: 401, refused: 401, message: 'No', barrier: undefined }],
    [403, { answer: 'no', status: 403, refused: 403, message: 'No', barrier: undefined }],
    [404, { answer: 'no', status: 404, refused: 404, message: 'No', barrier: undefined }],
    [500, { answer: 'unknown', status: 500 }],
  ])('%d', async (status, probe) => {
    const stage = new Stage()
    stage.reply('github probe', status === 204 ? { status } : apiError(status, 'No'))
    expect(await stage.part((parts) => inRepository(parts).probeWrite(parts.budget))).toEqual(probe)
  })
})

test("only an organization's secret has settings", async () => {
  const stage = new Stage({ organization: { visibility: 'private' } })
  const settings = async (parts: Parts, secret: Secret): Promise<unknown> => {
    const metadata = await secret.metadata(parts.budget)
    return 'refused' in metadata ? metadata : secret.settings(metadata, parts.budget)
  }
  expect(
    await stage.part((parts) =>
      settings(parts, new Secret(parts.client, organizationSecrets('octo-org'), name)),
    ),
  ).toEqual({ body: { visibility: 'private' } })
  const other = new Stage()
  expect(await other.part((parts) => settings(parts, inRepository(parts)))).toEqual({ body: {} })
})

test('a written secret can be read back with its date', async () => {
  const stage = new Stage()
  const status = await stage.part(async (parts) => {
    const secret = inRepository(parts)
    const key = await secret.publicKey(parts.budget)
    if ('refused' in key) throw new Error('no key')
    const { last } = await secret.write(sealFor(key, 'new'), key.keyId, {}, parts.budget)
    return 'status' in last ? last.status : undefined
  })
  expect(status).toBe(204)
  expect(stage.stored).toBe('new')
  expect(await stage.part((parts) => inRepository(parts).metadata(parts.budget))).toMatchObject({
    updatedAt: Date.UTC(2026, 10, 23, 6),
    moment: { date: Date.UTC(2026, 10, 23, 6) },
    fields: { name },
    tokenExpiresAt: undefined,
  })
})

describe("Dependabot's secrets", () => {
  const place = dependabotSecrets('octo-org', 'nightly')

  test('are read when the run is queued, and say what is missing', () => {
    expect(place.read).toBe('when-queued')
    expect(place.absent).toContain('the repository octo-org/nightly does not exist')
  })

  test('are not probed: no field is required there, so an empty write might succeed', async () => {
    const stage = new Stage()
    stage.github.setSecret(stage.dependabot, name, 'old')
    stage.reply('github dependabot write', replies.status(500))
    const asked = await stage.part(async ({ client, environment, narrator, step }) => {
      const secret = new Secret(client, place, name)
      await prove({ environment, narrator, retryFor: 60, secret, copies: [], sealingReady, run: undefined })
      return step
    })
    expect(asked.asked).toEqual(['github dependabot key', 'github dependabot metadata'])
    expect(asked.log).toEqual([
      'GitHub: the secret exists, last written 2026-11-23T06:00:00Z; it is not certain that this token can write it. No token has been used so far.',
    ])
  })
})
