/** The parts of a variable store, one by one. */
import { describe, expect, test } from 'vitest'
import { GitHubUnavailable } from '../../../src/github/client.ts'
import { organizationVariables } from '../../../src/github/stores/organization.ts'
import { repositoryVariables } from '../../../src/github/stores/repository.ts'
import { VariableStore } from '../../../src/github/variable-store.ts'
import { changed, Stage, type Parts } from '../../protocol/support.ts'
import { replies } from '../../sandbox/faults.ts'
import { apiError } from '../../sandbox/github.ts'

const route = '/repos/octo-org/nightly/actions/variables'
const date = Date.UTC(2026, 10, 23, 6)
const inRepository = ({ client }: Parts): VariableStore =>
  new VariableStore(client, repositoryVariables('octo-org', 'nightly'))

/** Puts variables in the repository. */
function add(stage: Stage, ...all: string[]): void {
  for (const name of all)
    stage.store.variables.set(name, { value: `of ${name}`, createdAt: stage.now, updatedAt: stage.now })
}

/** Names such as `A10`. */
function names(letter: string, from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${from + index}`)
}

describe('reading', () => {
  const read = (stage: Stage): Promise<unknown> =>
    stage.part((parts) => inRepository(parts).read('BOX_STATE', parts.budget))

  test("returns the value, GitHub's date, and when it was requested", async () => {
    const stage = new Stage()
    add(stage, 'BOX_STATE')
    await stage.pass(2500)
    expect(await read(stage)).toEqual({
      value: 'of BOX_STATE',
      updatedAt: date,
      moment: { date: date + 2000, at: 100 },
      askedAt: 0,
    })
  })

  test.each<[string, unknown]>([
    ['missing', undefined],
    ['not text', ['2026-11-23T06:00:00Z']],
    ['not a date', 'yesterday'],
  ])('returns no date if the one from GitHub is %s', async (_name, updatedAt) => {
    const stage = new Stage()
    add(stage, 'BOX_STATE')
    stage.fault('github state', changed({ updated_at: updatedAt }))
    expect(await read(stage)).toMatchObject({ value: 'of BOX_STATE', updatedAt: undefined })
  })

  test('returns no value if the variable does not exist', async () => {
    const stage = new Stage()
    expect(await read(stage)).toEqual({ value: undefined, moment: { date, at: 100 }, askedAt: 0 })
  })

  test.each([401, 403])('says that GitHub refuses it with %d', async (status) => {
    const stage = new Stage()
    stage.reply('github state', apiError(status, 'No'))
    expect(await read(stage)).toEqual({ refused: status, message: 'No' })
  })

  test.each<[number, unknown]>([
    [200, { name: 'BOX_STATE' }],
    [200, { value: 1 }],
    [200, 'of BOX_STATE'],
    [200, null],
    [201, { value: 'of BOX_STATE' }],
  ])('repeats the request if the answer is %d with %j', async (status, body) => {
    const stage = new Stage()
    add(stage, 'BOX_STATE')
    stage.reply('github state', { status, body }, { times: 1 })
    expect(await read(stage)).toMatchObject({ value: 'of BOX_STATE', askedAt: 475 })
  })
})

describe('a list', () => {
  interface Listed {
    readonly found: unknown
    readonly targets: readonly string[]
  }
  const list = (stage: Stage, prefix: string, afterPage: () => void = () => {}): Promise<Listed> =>
    stage.part(async (parts) => {
      const listing = inRepository(parts).list(prefix, parts.budget)
      stage.scheduler.after(75, afterPage)
      const answer = await listing
      const found =
        'refused' in answer ? answer : answer.variables.map(({ name, value }) => ({ name, value }))
      return { found, targets: parts.step.requests.map(({ target }) => target) }
    })
  const page = (number: number): string => `${route}?per_page=30&page=${number}`

  test('contains only variables whose names begin with the prefix, in any spelling', async () => {
    const stage = new Stage()
    add(stage, 'BOX', 'BOX_1', 'A_BOX_2', 'BOX_3')
    const { found, targets } = await list(stage, 'box_')
    expect(found).toEqual([
      { name: 'BOX_1', value: 'of BOX_1' },
      { name: 'BOX_3', value: 'of BOX_3' },
    ])
    expect(targets).toEqual([page(1)])
    stage.reply('github claims', {
      status: 200,
      body: { total_count: 1, variables: [{ name: 'box_4', value: '4' }] },
    })
    expect((await list(stage, 'BOX_')).found).toEqual([{ name: 'box_4', value: '4' }])
  })

  test('has the dates of the variables', async () => {
    const stage = new Stage()
    const one = { name: 'BOX_1', value: 'x' }
    const dates = { created_at: '2026-11-23T06:00:00Z', updated_at: '2026-11-23T06:00:01Z' }
    const body = {
      total_count: 2,
      variables: [
        { ...one, ...dates },
        { ...one, name: 'BOX_2' },
      ],
    }
    stage.reply('github claims', { status: 200, body })
    const answer = await stage.part((parts) => inRepository(parts).list('BOX_', parts.budget))
    expect('variables' in answer && answer.variables).toEqual([
      { ...one, createdAt: 1_795_413_600_000, updatedAt: 1_795_413_601_000 },
      { name: 'BOX_2', value: 'x', createdAt: undefined, updatedAt: undefined },
    ])
  })

  test("has the time of the answer by GitHub's clock", async () => {
    const stage = new Stage()
    expect(await stage.part((parts) => inRepository(parts).list('BOX_', parts.budget))).toEqual({
      variables: [],
      moment: { date, at: 100 },
    })
  })

  test('is read page by page, as far as needed', async () => {
    const stage = new Stage()
    add(stage, ...names('A', 10, 30))
    expect((await list(stage, 'A')).targets).toEqual([page(1)])
    add(stage, ...names('B', 10, 31))
    const { found, targets } = await list(stage, 'B')
    expect(found).toEqual(names('B', 10, 31).map((name) => ({ name, value: `of ${name}` })))
    expect(targets).toEqual([page(1), page(2), page(3)])
  })

  test('is read again if a variable is deleted between two pages', async () => {
    const stage = new Stage()
    add(stage, ...names('A', 10, 30), 'B', 'C')
    const { found, targets } = await list(stage, '', () => stage.store.variables.delete('A10'))
    expect(found).toEqual([...names('A', 11, 29), 'B', 'C'].map((name) => ({ name, value: `of ${name}` })))
    expect(targets).toEqual([page(1), page(2), page(1), page(2)])
  })

  test('that keeps changing is accepted after the fifth reading', async () => {
    const stage = new Stage()
    let total = 100
    const reply = () => {
      total += 1
      return { status: 200, body: { total_count: total, variables: [{ name: `A${total}`, value: '' }] } }
    }
    stage.fault('github claims', { kind: 'reply', reply }, { times: 9 })
    stage.reply('github claims', { status: 200, body: { total_count: 0, variables: [] } })
    const { found, targets } = await list(stage, '')
    expect(targets).toEqual([...[1, 2, 3, 4].flatMap(() => [page(1), page(2)]), page(1), page(2)])
    expect(found).toEqual([{ name: 'A109', value: '' }])
  })

  test('that is shorter than its total count ends with an empty page', async () => {
    const stage = new Stage()
    stage.reply(
      'github claims',
      { status: 200, body: { total_count: 3, variables: [{ name: 'A', value: '' }] } },
      {
        times: 1,
      },
    )
    stage.reply('github claims', { status: 200, body: { total_count: 3, variables: [] } })
    const { found, targets } = await list(stage, '')
    expect([found, targets]).toEqual([[{ name: 'A', value: '' }], [page(1), page(2)]])
  })

  test('that does not end is cut off after 50 pages', async () => {
    const stage = new Stage()
    stage.reply('github claims', {
      status: 200,
      body: { total_count: 9999, variables: [{ name: 'A', value: '' }] },
    })
    const { found, targets } = await list(stage, '')
    expect(found).toEqual([{ name: 'A', value: '' }])
    expect([targets.length, targets.at(-1)]).toEqual([50, page(50)])
  })

  test.each([401, 403, 404])('says that GitHub refuses it with %d, on any page', async (status) => {
    const stage = new Stage()
    add(stage, ...names('A', 10, 31))
    stage.reply('github claims', apiError(status, 'No'), { skip: 1 })
    expect((await list(stage, 'A')).found).toEqual({ refused: status, message: 'No' })
  })

  test.each<[number, unknown]>([
    [200, null],
    [200, { variables: [] }],
    [200, { total_count: '0', variables: [] }],
    [200, { total_count: 0 }],
    [200, { total_count: 0, variables: { length: 0 } }],
    [200, { total_count: 1, variables: [null] }],
    [200, { total_count: 1, variables: [{ name: 1, value: '' }] }],
    [200, { total_count: 1, variables: [{ name: 'A', value: 1 }] }],
    [201, { total_count: 0, variables: [] }],
  ])('repeats the request if the answer is %d with %j', async (status, body) => {
    const stage = new Stage()
    add(stage, 'A')
    stage.reply('github claims', { status, body }, { times: 1 })
    const { found, targets } = await list(stage, 'A')
    expect([found, targets]).toEqual([[{ name: 'A', value: 'of A' }], [page(1), page(1)]])
  })

  test('throws if GitHub is out', async () => {
    const stage = new Stage()
    stage.reply('github claims', replies.status(503))
    await expect(list(stage, 'A')).rejects.toBeInstanceOf(GitHubUnavailable)
  })
})

describe('writing', () => {
  test('creates, changes and deletes a variable with one request each', async () => {
    const stage = new Stage()
    const { requests, statuses } = await stage.part(async (parts) => {
      const store = inRepository(parts)
      const outcomes = [
        await store.create('A', 'one', parts.budget),
        await store.create('A', 'two', parts.budget),
        await store.update('A', 'three', parts.budget),
        await store.remove('A', parts.budget),
        await store.remove('A', parts.budget),
      ]
      return {
        statuses: outcomes.map((outcome) => (outcome.kind === 'answer' ? outcome.last.status : 'none')),
        requests: parts.step.requests.map(({ method, target, body }) => [method, target, body]),
      }
    })
    expect(statuses).toEqual([201, 409, 204, 204, 404])
    expect(requests).toEqual([
      ['POST', route, '{"name":"A","value":"one"}'],
      ['POST', route, '{"name":"A","value":"two"}'],
      ['PATCH', `${route}/A`, '{"value":"three"}'],
      ['DELETE', `${route}/A`, ''],
      ['DELETE', `${route}/A`, ''],
    ])
  })

  test('sends the fields that the place requires for a new variable', async () => {
    const stage = new Stage({ organization: { visibility: 'all' } })
    const bodies = await stage.part(async ({ client, budget, step }) => {
      const store = new VariableStore(client, organizationVariables('octo-org'))
      await store.create('A', 'one', budget)
      await store.update('A', 'two', budget)
      return step.requests.map(({ body }) => body)
    })
    expect(bodies).toEqual(['{"visibility":"private","name":"A","value":"one"}', '{"value":"two"}'])
  })
})
