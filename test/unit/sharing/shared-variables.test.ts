import { beforeAll, describe, expect, test } from 'vitest'
import { repositoryVariables } from '../../../src/github/stores/repository.ts'
import { fingerprintOf } from '../../../src/sealing/envelope.ts'
import { sealingReady } from '../../../src/sealing/sealed-box.ts'
import { newerOf, type Sharing, type View } from '../../../src/sharing/shared-variables.ts'
import { OverTokens } from '../../../src/sharing/state.ts'

const secrets = { clientSecret: 'client-secret', stateKey: undefined }
const place = repositoryVariables('octo-org', 'nightly')
/** Only the parts that are needed to compare states. */
const sharing = { seal: { secrets, clientId: 'app', place, name: 'BOX_STATE' } } as Sharing

beforeAll(sealingReady)

/** A view of a state with a token and the tokens that it lists as over. */
function view(refreshToken: string, over: readonly string[], at = 1000): View {
  const known = over.reduce((all, token) => all.with(fingerprintOf(secrets, token), 0), OverTokens.none)
  return {
    text: 'sealed',
    state: { refreshToken, access: undefined, secretUpdatedAt: 0, over: known },
    moment: { date: at, at },
    askedAt: at - 100,
  }
}

/** GitHub shows no state. */
const none: View = {
  text: undefined,
  state: undefined,
  moment: { date: 2000, at: 2000 },
  askedAt: 1900,
}

describe('the newer of two views of the state', () => {
  test.each<[string, () => View, () => View]>([
    [
      'has another token, which the earlier one does not list',
      () => view('b', ['a', 'x', 'y']),
      () => view('c', ['a']),
    ],
    ['has the same token, and lists more as over', () => view('b', ['a']), () => view('b', ['a', 'x'])],
    ['has the same token, and lists as many as over', () => view('b', ['a']), () => view('b', ['x'])],
    ['is the only one with a state', () => none, () => view('b', ['a'])],
    ['shows no state either', () => none, () => ({ ...none })],
  ])('is the later one, if that one %s', (_name, before, after) => {
    const now = after()
    expect(newerOf(sharing, before(), now)).toBe(now)
  })

  test.each<[string, () => View, () => View]>([
    [
      'has a token that the earlier one lists as over',
      () => view('b', ['a']),
      () => view('a', ['x', 'y'], 2000),
    ],
    [
      'has the same token, and lists fewer as over',
      () => view('b', ['a', 'x']),
      () => view('b', ['a'], 2000),
    ],
    ['shows no state', () => view('b', ['a']), () => none],
  ])('is the earlier one, at the time of the later one, if that one %s', (_name, before, after) => {
    const seen = before()
    const { moment, askedAt } = after()
    const newer = newerOf(sharing, seen, after())
    expect(newer.state).toBe(seen.state)
    expect(newer).toMatchObject({ text: seen.text, moment, askedAt })
  })

  test('is the only one, if there is no other', () => {
    expect(newerOf(sharing, undefined, none)).toBe(none)
  })
})
