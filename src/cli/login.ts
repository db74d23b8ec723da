/**
 * `box-token login`: a person logs in to Box, and the secrets that the workflow needs are stored. First set-up and
 * re-authorization are the same.
 *
 * Nothing half-done can hurt: that GitHub takes the secrets is proven before a browser opens; the refresh token, which
 * alone cannot be had again, is stored first, and what was stored before works until then; and from Box's answer to the
 * end of the store, Ctrl-C waits.
 */
import { newState, type AuthorizationResponse } from '../box/authorization.ts'
import { GitHubClient } from '../github/client.ts'
import {
  narratorFor,
  UsageError,
  type Command,
  type Flags,
  type Terminal,
  type World,
} from './command-line.ts'
import { readBoxApp, readGitHubToken } from './credentials.ts'
import { setUpApp } from './login/app.ts'
import { awaitLogIn } from './login/await-login.ts'
import { CallbackServer, redirectUriOf, type Callback } from './login/callback-server.ts'
import { readPlan } from './login/plan.ts'
import { prepare } from './login/prepare.ts'
import { failurePage, inParagraphs, printResult, successPage } from './login/result.ts'
import { exchangeAndStore, type Finishing } from './login/store.ts'

/** Seconds that each step on GitHub keeps trying. */
const retryFor = 60

/** `box-token login`. */
export const loginCommand: Command = {
  name: 'login',
  summary: 'logs in to Box in the browser and stores the secrets of the workflow',
  description: `Logs in to Box in the browser and stores what the workflow needs as secrets on GitHub: BOX_CLIENT_ID, BOX_CLIENT_SECRET, BOX_REFRESH_TOKEN, and what it writes with. Then prints the workflow. The first set-up and a later re-authorization are the same.

What the workflow writes with is a GitHub App of your own or a personal access token. At a terminal you are asked which. With --github-app it is the App: login creates it with you in the browser, with only the permissions that it needs, stores its private key (secret BOX_APP_PRIVATE_KEY) and client id (variable BOX_APP_CLIENT_ID), and waits until you have installed it. Nothing of it expires. An App that is set up already is kept; --github-app new creates another one, --github-app existing takes one of yours, with BOX_APP_CLIENT_ID and BOX_APP_PRIVATE_KEY from the environment or typed unseen.

The app (Box Developer Console, "User Authentication (OAuth 2.0)") must have the redirect URI http://localhost:3000/callback.

Needs, in the environment or typed unseen when asked: BOX_CLIENT_ID and BOX_CLIENT_SECRET of the app; GITHUB_TOKEN (or gh) with the right to write the secrets (and variables, for an App); without an App BOX_SECRETS_TOKEN, the token that the workflow will write with: if it is missing, how to make one is told. Nothing is sent to Box before GitHub has shown that the secrets can be written.`,
  flags: [
    {
      form: '--github-app [which]',
      meaning: 'let the workflow write with a GitHub App: kept if set up, else created; or new, or existing',
    },
    { form: '--prefix <name>', meaning: 'begins the names of the secrets, for a second app (default: BOX)' },
    {
      form: '--port <number>',
      meaning: 'port of the redirect URI http://localhost:<number>/callback (default: 3000)',
    },
    { form: '--no-browser', meaning: 'only print the address to log in at' },
    { form: '--create-environment', meaning: 'make the environment if it is not there, without asking' },
    {
      form: '--visibility <who>',
      meaning:
        'who may use new secrets of an organization: all, private, or selected (the repository of --repo)',
    },
    { form: '--box-account-url <url>', meaning: "Box's log-in pages (default: https://account.box.com)" },
  ],
  run: login,
}

async function login(terminal: Terminal, world: World, flags: Flags): Promise<void> {
  const plan = await readPlan(terminal, flags)
  const server = await CallbackServer.listen(plan.port)
  try {
    const app = await readBoxApp(terminal)
    const token = await readGitHubToken(terminal, plan.apiUrl)
    const work = {
      environment: { clock: world.clock, random: world.random },
      narrator: narratorFor(terminal),
      retryFor,
      tokenName: 'GITHUB_TOKEN',
      soFar: () => terminal.interruption.aftermath,
    }
    const client = new GitHubClient({ network: world.network, apiUrl: plan.apiUrl, token })
    const prepared = await prepare(terminal, world, plan, app, { ...work, client })
    const { writer, place, refreshToken } = prepared
    terminal.tell(`GitHub takes the secrets of ${refreshToken.secret.place.name}.`)
    const gitHubApp =
      writer.kind === 'app'
        ? await setUpApp(terminal, world, { plan, work: { ...work, client }, place, writer, server })
        : undefined
    const callback = await awaitLogIn(terminal, world, {
      request: {
        accountUrl: plan.accountUrl,
        clientId: app.clientId,
        redirectUri: redirectUriOf(plan.port),
        state: newState(),
      },
      server,
      port: plan.port,
      browser: plan.browser,
    })
    const finishing = { plan, app, work, prepared, gitHubApp, json: flags['json'] === true }
    await finish(terminal, world, finishing, callback)
  } finally {
    server.close()
  }
}

async function finish(
  terminal: Terminal,
  world: World,
  finishing: Finishing,
  { response, show }: Callback,
): Promise<void> {
  const { interruption, redactor } = terminal
  const { place } = finishing.prepared.refreshToken.secret
  try {
    if (response.kind === 'refused') throw refusedLogIn(finishing, response)
    const { code } = response
    await interruption.hold(
      async () => {
        const outcome = await exchangeAndStore(terminal, world, finishing, code)
        await show(successPage(place.name, outcome.user))
        printResult(terminal, finishing, outcome)
      },
      () => terminal.tell('Finishing first: the token that Box has just issued must be stored.'),
    )
  } catch (error) {
    // The person looks at the browser now, and is told there as well.
    const words = inParagraphs(error).map((text) => redactor.redact(text))
    const title = response.kind === 'refused' ? 'Box did not grant access' : 'The log-in did not work'
    await show(failurePage(title, words))
    throw error
  }
}

function refusedLogIn(
  { work }: Finishing,
  { error, description }: Extract<AuthorizationResponse, { kind: 'refused' }>,
): UsageError {
  const { narrator, soFar } = work
  const quoted = description === '' ? '' : ` ("${narrator.foreign(description)}")`
  return new UsageError(
    error === 'access_denied'
      ? `access to Box was denied${quoted}. ${soFar()} Run this again, and grant access.`
      : `Box answered "${narrator.foreign(error)}"${quoted} instead of a code. ${soFar()} Check the app in the Box Developer Console, and run this again.`,
  )
}
