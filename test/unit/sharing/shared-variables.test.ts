import { beforeAll, describe, expect, test } from 'vitest'
import { repositoryVariables } from '../../../src/github/stores/repository.ts'
import { fingerprintOf } from '../../../src/sealing/envelope.ts'
import { sealingReady } from '../../../src/sealing/sealed-box.ts'
import { newerOf, type Sharing, type View } from '../../../src/sharing/shared-variables.ts'
import { OverTokens } from '../../../src/sharing/state.ts'

const secrets = { clientSecret: 'client-secret', stateKey: undefined }
const place = repositoryVariables('octo-org', 'nightly')
/** Only what tells states apart is looked at. */
const sharing = { seal: { secrets, clientId: 'app', place, name: 'BOX_STATE' } } as Sharing

beforeAll(sealingReady)

/** A state as it is seen, with a token and those that it knows to be over. */
function view(refreshToken: string, over: readonly string[], at = 1000): View {
  const known = over.reduce((all, token) => all.with(fingerprintOf(secrets, token), 0), OverTokens.none)
  return {
    text: 'sealed',
    state: { refreshToken, access: undefined, secretUpdatedAt: 0, over: known },
    moment: { date: at, at },
    askedAt: at - 100,
  }
}

/** There is no state, as far as GitHub shows. */
const none: View = {
  text: undefined,
  state: undefined,
  moment: { date: 2000, at: 2000 },
  askedAt: 1900,
}

describe('of two views of the state the newer one', () => {
  test.each<[string, () => View, () => View]>([
    [
      'has another token, which the one before does not know',
      () => view('b', ['a', 'x', 'y']),
      () => view('c', ['a']),
    ],
    ['has the same token, and knows more to be over', () => view('b', ['a']), () => view('b', ['a', 'x'])],
    ['has the same token, and knows as many to be over', () => view('b', ['a']), () => view('b', ['x'])],
    ['is the only one', () => none, () => view('b', ['a'])],
    ['shows as little as the one before', () => none, () => ({ ...none })],
  ])('is the later one, where that %s', (_name, before, after) => {
    const now = after()
    expect(newerOf(sharing, before(), now)).toBe(now)
  })

  test.each<[string, () => View, () => View]>([
    ['has a token that it knows to be over', () => view('b', ['a']), () => view('a', ['x', 'y'], 2000)],
    [
      'has the same token, and knows fewer to be over',
      () => view('b', ['a', 'x']),
      () => view('b', ['a'], 2000),
    ],
    ['is not there', () => view('b', ['a']), () => none],
  ])('is the one before, at the time of the later one, where that %s', (_name, before, after) => {
    const seen = before()
    const { moment, askedAt } = after()
    const newer = newerOf(sharing, seen, after())
    expect(newer.state).toBe(seen.state)
    expect(newer).toMatchObject({ text: seen.text, moment, askedAt })
  })

  test('is the only one that there is', () => {
    expect(newerOf(sharing, undefined, none)).toBe(none)
  })
})
