/**
 * `box-token login`: a person signs in to Box, and the command stores the secrets that the workflow needs. It is the same
 * for the first set-up and for signing in again.
 *
 * Stopping halfway does no harm. The command proves that it can write the secrets before it opens a browser (rule 1).
 * It stores the refresh token first, since only that cannot be had again; until then, what was stored before works. And
 * from Box's answer to the end of the store, Ctrl-C waits.
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

/** For how many seconds each step on GitHub keeps trying. */
const retryFor = 60

/** `box-token login`. */
export const loginCommand: Command = {
  name: 'login',
  summary: 'signs in to Box in the browser and stores what the workflow needs',
  description: `Signs in to Box in the browser and stores what the workflow needs as secrets on GitHub: BOX_CLIENT_ID, BOX_CLIENT_SECRET, BOX_REFRESH_TOKEN, and what it writes with. Then prints the workflow. Use it to set up, and whenever you have to sign in again.

The workflow writes with a GitHub App of your own or with a personal access token. At a terminal, login asks you which. With --github-app, it is the App: login creates it with you in the browser, with only the permissions it needs, stores its private key (secret BOX_APP_PRIVATE_KEY) and client id (variable BOX_APP_CLIENT_ID), and waits until you have installed it. Nothing about the App expires. If an App is set up already, login keeps it. --github-app new creates another one; --github-app existing uses one that you have, with BOX_APP_CLIENT_ID and BOX_APP_PRIVATE_KEY from the environment or entered at a hidden prompt.

Your Box app (Box Developer Console, "User Authentication (OAuth 2.0)") must have the redirect URI http://localhost:3000/callback.

Needs, in the environment or entered at a hidden prompt: BOX_CLIENT_ID and BOX_CLIENT_SECRET of your Box app; GITHUB_TOKEN (or gh) with the right to write the secrets (and variables, for an App); and, without an App, BOX_SECRETS_TOKEN, the token that the workflow will write with. If you don't have one, login explains how to create it. Nothing is sent to Box before GitHub has shown that the secrets can be written.`,
  flags: [
    {
      form: '--github-app [which]',
      meaning:
        'write with a GitHub App: keeps the one that is set up, or creates one; "new" always creates one, "existing" uses one of yours',
    },
    { form: '--prefix <name>', meaning: "prefix of the secrets' names, for a second app (default: BOX)" },
    {
      form: '--port <number>',
      meaning: 'port of the redirect URI http://localhost:<number>/callback (default: 3000)',
    },
    { form: '--no-browser', meaning: 'only print the address to sign in at' },
    { form: '--create-environment', meaning: 'create the environment if it does not exist, without asking' },
    {
      form: '--visibility <who>',
      meaning:
        'repositories that may use new organization secrets: all, private, or selected (the one from --repo)',
    },
    { form: '--box-account-url <url>', meaning: "Box's sign-in pages (default: https://account.box.com)" },
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
    terminal.tell(`GitHub allows the secrets of ${refreshToken.secret.place.name} to be written.`)
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
      () => terminal.tell('Not stopping yet: the token that Box has just issued must be stored first.'),
    )
  } catch (error) {
    // The person is looking at the browser now, so it says so there as well.
    const words = inParagraphs(error).map((text) => redactor.redact(text))
    const title = response.kind === 'refused' ? 'Box did not grant access' : 'The sign-in did not work'
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
