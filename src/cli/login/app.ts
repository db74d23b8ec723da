/**
 * A GitHub App for the workflow to write with, so that nobody has to create a token, and none expires. Its private key goes
 * straight from GitHub's answer into the secret: never to a disk, a screen or an argument.
 *
 * If the command stops halfway, it says what is left. It proves that it can write the secret and the variable before it
 * opens a browser (rule 1), and from the manifest's code to the end of the store, Ctrl-C waits.
 */
import { randomBytes } from 'node:crypto'
import { newState } from '../../box/authorization.ts'
import { Failure } from '../../failure.ts'
import {
  AppSession,
  convertManifest,
  type AppCredentials,
  type InstallationFacts,
  type InstallationPlace,
} from '../../github/apps.ts'
import { GitHubClient } from '../../github/client.ts'
import type { Refused } from '../../github/secret-store.ts'
import { remedyFor } from '../../github/remedy.ts'
import { readRepository } from '../../github/repository.ts'
import { installUrl, newAppUrl, serverOf, settingsUrl, type Server } from '../../github/server.ts'
import { UsageError, type Terminal, type World } from '../command-line.ts'
import {
  appClientIdName,
  appKeyName,
  appPermissions,
  missingPermissions,
  permissionsInWords,
  permissionsOnLines,
  readAppCredentials,
} from '../github-app.ts'
import {
  askGitHub,
  refusedBy,
  writeSecret,
  type ProvenPlace,
  type ProvenSecret,
  type SecretWork,
} from '../secrets.ts'
import { writeVariable, type ProvenVariable } from '../variables.ts'
import { awaitAnswer, longestWaitMinutes } from './await-answer.ts'
import { openBrowser } from './browser.ts'
import { renderForm, type CallbackPage } from './callback-page.ts'
import { gitHubPath, localUrl, type Callback, type CallbackServer } from './callback-server.ts'
import { appManifest } from './manifest.ts'
import type { Plan } from './plan.ts'
import { failurePage, inParagraphs } from './result.ts'

/** Milliseconds between two checks whether the App is installed. */
const pollMs = 3_000

/** What setting up an App needs. */
export interface AppSetUp {
  readonly plan: Plan
  readonly work: SecretWork & { readonly client: GitHubClient }
  readonly place: ProvenPlace
  readonly writer: AppWriter
  readonly server: CallbackServer
}

/** Where an App's credentials go, proven to be writable, and whether there is an App already. */
export interface AppWriter {
  readonly kind: 'app'
  /** `kept`: the key and the client id are stored already, and stay as they are. */
  readonly how: 'new' | 'existing' | 'kept'
  readonly key: ProvenSecret
  readonly clientId: ProvenVariable
}

/** The App that the workflow will write with. */
export interface AppInUse {
  readonly clientId: string
  /** `undefined` if only its client id is known. */
  readonly slug: string | undefined
  readonly how: AppWriter['how']
}

/** Where an App is created and installed. */
interface Site {
  readonly gitHub: Server
  /** `undefined`: the repository belongs to a user. */
  readonly organization: string | undefined
  readonly installation: InstallationPlace
}

/**
 * Creates the App, or takes an existing one, stores its credentials, and waits until it is installed.
 *
 * @throws Failure or UsageError
 */
export async function setUpApp(terminal: Terminal, world: World, setUp: AppSetUp): Promise<AppInUse> {
  const site = await lookAround(setUp)
  switch (setUp.writer.how) {
    case 'kept':
      return keptApp(terminal, setUp, site)
    case 'existing':
      return existingApp(terminal, world, setUp, site)
    case 'new':
      return newApp(terminal, world, setUp, site)
  }
}

/** Finds out who owns the repository: only its owner can install a private App, so both must have the same owner. */
async function lookAround({ plan, work, writer }: AppSetUp): Promise<Site> {
  const { owner, repo, organization } = plan.target
  const gitHub = serverOf(plan.apiUrl)
  if (organization !== undefined) return { gitHub, organization, installation: { owner: organization, repo } }
  const facts = await askGitHub(work, writer.key.secret, (budget) =>
    readRepository(work.client, { owner, repo }, budget),
  )
  if ('refused' in facts) throw refusedBy(work, writer.key.secret, 'look at', facts)
  if ('renamed' in facts) {
    throw new UsageError(
      `the repository ${owner}/${repo} ${facts.to === undefined ? 'has been renamed' : `is now called ${work.narrator.foreign(facts.to)}`}: give its new name with --repo. ${work.soFar()}`,
    )
  }
  return {
    gitHub,
    organization: facts.isOfOrganization ? owner : undefined,
    installation: { owner, repo },
  }
}

function keptApp({ tell }: Terminal, { plan, writer }: AppSetUp, { gitHub, organization }: Site): AppInUse {
  const clientId = writer.clientId.value ?? ''
  tell(
    `The GitHub App ${clientId} is set up already (secret ${appKeyName}, variable ${appClientIdName}) and is kept. If it is not installed on ${reachOf(plan)} yet, install it from ${settingsUrl(gitHub, organization)}. To create another one, use --github-app new.`,
  )
  return { clientId, slug: undefined, how: 'kept' }
}

/** What the App has to be installed on, in words. */
function reachOf({ target: { owner, repo, organization } }: Plan): string {
  return repo === '' ? `the repositories of ${organization ?? owner} that use the token` : `${owner}/${repo}`
}

async function existingApp(terminal: Terminal, world: World, setUp: AppSetUp, site: Site): Promise<AppInUse> {
  const { plan, work, writer } = setUp
  const credentials = await readAppCredentials(terminal)
  const session = new AppSession({ network: world.network, apiUrl: plan.apiUrl }, credentials)
  const facts = await askGitHub(work, writer.key.secret, (budget) => session.facts(budget))
  if ('refused' in facts) {
    throw refusedApp(
      work,
      `GitHub does not accept the key of the App ${credentials.clientId}`,
      facts,
      `Check that ${appClientIdName} and ${appKeyName} belong to the same App, and that the key was not deleted.`,
    )
  }
  const { slug } = facts
  expectOwner(setUp, site, facts.owner, slug)
  const installed = await installationOf(setUp, session, site)
  if (installed) judge(setUp, site, installed)
  else await awaitInstallation(terminal, world, setUp, site, session, slug, true)
  await terminal.interruption.hold(
    () => store(terminal, setUp, site, credentials, { slug, isNew: false }),
    () => terminal.tell('Not stopping yet: the key of the App is being stored.'),
  )
  return { clientId: credentials.clientId, slug, how: 'existing' }
}

async function newApp(terminal: Terminal, world: World, setUp: AppSetUp, site: Site): Promise<AppInUse> {
  const { plan, work, writer } = setUp
  const { callback, name } = await awaitApp(terminal, world, setUp, site)
  const { response } = callback
  try {
    if (response.kind === 'refused') {
      throw new UsageError(
        `GitHub answered "${work.narrator.foreign(response.error)}" instead of a code. ${work.soFar()} Run this again.`,
      )
    }
    const made = await terminal.interruption.hold(
      async () => {
        const app = await exchange(world, setUp, site, response.code, name)
        expectOwner(setUp, site, app.owner, app.slug)
        await store(terminal, setUp, site, app, { slug: app.slug, isNew: true })
        return app
      },
      () =>
        terminal.tell(
          'Not stopping yet: the key of the App that GitHub has just created must be stored first.',
        ),
    )
    const { slug, moment } = made
    terminal.tell(
      `Created the GitHub App "${terminal.redactor.foreign(made.name)}" and stored its key in ${writer.key.secret.place.name}.`,
    )
    await callback.show(installPage(plan, installUrl(site.gitHub, slug)))
    const session = new AppSession({ network: world.network, apiUrl: plan.apiUrl }, made, moment)
    await awaitInstallation(terminal, world, setUp, site, session, slug, callback.isPasted)
    return { clientId: made.clientId, slug, how: 'new' }
  } catch (error) {
    await callback.show(
      failurePage(
        'The GitHub App was not set up',
        inParagraphs(error).map((text) => terminal.redactor.redact(text)),
      ),
    )
    throw error
  }
}

/** Sends the person to GitHub with the manifest, and waits for the code that comes back. */
async function awaitApp(
  terminal: Terminal,
  world: World,
  { plan, server }: AppSetUp,
  { gitHub, organization }: Site,
): Promise<{ readonly callback: Callback; readonly name: string }> {
  const { tell, show, bold, interruption } = terminal
  const { target, stateVariable, port } = plan
  const state = newState()
  const back = localUrl(port, gitHubPath)
  const { name, json } = appManifest({ target, stateVariable, server: gitHub, redirectUrl: back })
  const form = {
    action: newAppUrl(gitHub, organization, state),
    fields: { manifest: json },
    button: 'Continue on GitHub',
  }
  // Others on this machine must not learn the state, or make this page post a manifest.
  const path = `${gitHubPath}/${randomBytes(16).toString('base64url')}`
  server.showAt(path, {
    mood: 'ask',
    title: 'Create a GitHub App',
    paragraphs: [
      `GitHub will ask you to create the App \`${name}\`. It belongs to you: nobody else can install it, and it has no webhook. Its permissions are:`,
      `After that, you install it on ${repositoryInCode(plan)} and sign in to Box.`,
    ],
    list: permissionsOnLines(appPermissions(target, stateVariable)),
    form,
  })
  const whose =
    organization === undefined
      ? `Make sure that you are signed in to GitHub as ${target.owner}.`
      : `If GitHub does not let you create Apps for ${organization}, ask one of its owners to run this, or use a personal access token (\`box-token login\` without --github-app).`
  const maybeMade = `If GitHub has created the App in the meantime, delete it: ${settingsUrl(gitHub, organization)}`
  const before = interruption.aftermath
  interruption.aftermath = `${before} ${maybeMade}`
  const callback = await awaitAnswer(
    terminal,
    world,
    {
      server,
      port,
      path: gitHubPath,
      service: 'GitHub',
      subject: 'set-up',
      state,
      isLast: false,
      tooLate: () =>
        `no App was created within ${longestWaitMinutes} minutes. ${before} ${maybeMade}. ${whose} Then run this again.`,
    },
    async () => {
      const url = localUrl(port, path)
      const opened = plan.browser && (await openBrowser(terminal, world.platform, url))
      tell(
        opened
          ? 'Your browser is opening a page that creates the GitHub App. If it does not open, go to this address:'
          : 'Open this address in a browser on this machine to create the GitHub App:',
      )
      tell('')
      show(`  ${bold(url)}`)
      tell('')
      if (!opened) {
        tell(
          `If your browser is on another machine, open this whole address there. The browser ends up at an address that it cannot open (${back}?…): paste that one here.`,
        )
        tell('')
        show(`  ${pageInAddress(form)}`)
        tell('')
      }
      tell(whose)
      tell('Waiting for GitHub …')
    },
  )
  interruption.aftermath = before
  return { callback, name }
}

/** The page as a data: address, for a browser that cannot reach this machine. */
function pageInAddress(form: Parameters<typeof renderForm>[0]): string {
  return `data:text/html;base64,${Buffer.from(`<!doctype html><meta charset="utf-8">${renderForm(form)}`).toString('base64')}`
}

function repositoryInCode(plan: Plan): string {
  return plan.target.repo === '' ? reachOf(plan) : `\`${reachOf(plan)}\``
}

/** Exchanges the code for the App. If the answer is lost, there is an App whose key nobody has. */
async function exchange(
  world: World,
  { plan, work, writer }: AppSetUp,
  { gitHub, organization }: Site,
  code: string,
  name: string,
): Promise<Extract<Awaited<ReturnType<typeof convertManifest>>, { kind: 'app' }>['app']> {
  const client = new GitHubClient({ network: world.network, apiUrl: plan.apiUrl, token: undefined })
  const deleteIt = `delete the App "${name}", whose key nobody has (${settingsUrl(gitHub, organization)}, "Advanced")`
  const converted = await askGitHub(
    { ...work, soFar: () => `${work.soFar()} If GitHub has created the App, ${deleteIt}.` },
    writer.key.secret,
    (budget) => convertManifest(client, code, budget, (secret) => work.narrator.mask(secret)),
  )
  if (converted.kind === 'app') return converted.app
  const why = converted.answerLost
    ? 'an earlier answer was lost, and the code works only once'
    : 'it was used already, is unknown, or is older than an hour'
  throw new UsageError(
    `GitHub refused the code of the manifest (it answered ${quotedAnswer(work, { refused: converted.status, message: converted.message })}): ${why}. ${work.soFar()} Run this again, and ${deleteIt}.`,
  )
}

function quotedAnswer(
  { narrator }: SecretWork,
  { refused, message }: { readonly refused: number; readonly message: string },
): string {
  const words = narrator.foreign(message)
  return words === '' ? String(refused) : `${refused}, "${words}"`
}

/** An App of another account can never be installed here, so refuse it. */
function expectOwner({ plan, work, writer }: AppSetUp, site: Site, owner: string, slug: string): void {
  const wanted = site.installation.owner
  if (owner.toLowerCase() === wanted.toLowerCase()) return
  const its = work.narrator.foreign(owner)
  const settings = settingsUrl(site.gitHub, undefined, slug)
  throw new UsageError(
    writer.how === 'new'
      ? `the App was created for ${its}, but only an App that ${wanted} owns can be installed on ${reachOf(plan)}. ${work.soFar()} Delete it (${settings}/advanced), sign in to GitHub as ${wanted}, and run this again.`
      : `the App belongs to ${its}, but only an App that ${wanted} owns can be installed on ${reachOf(plan)}. ${work.soFar()}`,
  )
}

/** Stores the key in the secret and the client id in the variable. */
async function store(
  terminal: Terminal,
  { plan, work, place, writer }: AppSetUp,
  { gitHub, organization }: Site,
  { clientId, privateKey }: AppCredentials,
  { slug, isNew }: { readonly slug: string; readonly isNew: boolean },
): Promise<void> {
  const { key } = writer
  const where = key.secret.place.name
  const settings = settingsUrl(gitHub, organization, slug)
  const written = await writeSecret(work, place, key, privateKey)
  if ('problem' in written) {
    throw new Failure('secret-not-written', {
      what: `The key of the GitHub App could not be stored in the ${key.secret.title}: ${written.problem}.`,
      spent: work.soFar(),
      next: isNew
        ? `Delete the App, whose key nobody has (${settings}/advanced), and run this again.`
        : 'Run this again.',
    })
  }
  const problem = await writeVariable(work, writer.clientId, clientId, key.secret)
  if (problem !== undefined) {
    throw new Failure('secret-not-written', {
      what: `The client id of the GitHub App could not be stored in the variable ${appClientIdName} of ${where}: ${problem}.`,
      spent: `Its key is stored in the ${key.secret.title}.`,
      next: `Set the variable to ${clientId} in the settings on GitHub, and run this again.`,
    })
  }
  const stored = `Stored in ${where}: the secret ${appKeyName} and the variable ${appClientIdName}.`
  terminal.interruption.aftermath = isNew
    ? `The GitHub App was created. ${stored} To go on, install it on ${reachOf(plan)} (${installUrl(gitHub, slug)}) and run this again, or delete it (${settings}/advanced).`
    : stored
}

async function installationOf(
  { work, writer }: AppSetUp,
  session: AppSession,
  { installation }: Site,
): Promise<InstallationFacts | undefined> {
  const answer: InstallationFacts | Refused = await askGitHub(work, writer.key.secret, (budget) =>
    session.installation(installation, budget),
  )
  if (!('refused' in answer)) return answer
  if (answer.refused === 404) return undefined
  throw refusedApp(
    work,
    'GitHub does not let the App see where it is installed',
    answer,
    'Check the App in its settings, and run this again.',
  )
}

/** GitHub's refusal to answer an App that asks about itself. */
function refusedApp(work: SecretWork, what: string, answer: Refused, otherwise: string): UsageError {
  const remedy = remedyFor(answer, {
    token: 'the App',
    wanted: 'a GitHub App',
    machine: 'this machine',
    again: 'run this again',
  })
  const reason = remedy ? `: ${remedy.reason}` : ''
  return new UsageError(
    `${what} (it answered ${quotedAnswer(work, answer)})${reason}. ${work.soFar()} ${remedy?.next ?? otherwise}`,
  )
}

/** Sends the person to the page that installs the App, and checks until it is installed. */
async function awaitInstallation(
  terminal: Terminal,
  world: World,
  setUp: AppSetUp,
  site: Site,
  session: AppSession,
  slug: string,
  opensBrowser: boolean,
): Promise<void> {
  const { plan } = setUp
  const { tell, show, bold, interruption } = terminal
  const url = installUrl(site.gitHub, slug)
  const opened = opensBrowser && plan.browser && (await openBrowser(terminal, world.platform, url))
  tell(
    opened
      ? `Your browser is opening the page that installs the App. Choose ${choiceOf(plan)}. If the page does not open, go to this address:`
      : `Install the App at this address. Choose ${choiceOf(plan)}:`,
  )
  tell('')
  show(`  ${bold(url)}`)
  tell('')
  tell('Waiting for the App to be installed …')
  const endsAt = world.clock.monotonic() + longestWaitMinutes * 60_000
  for (;;) {
    const installed = await installationOf(setUp, session, site)
    if (installed) {
      judge(setUp, site, installed)
      if (installed.isEverywhere && plan.target.organization === undefined) {
        tell(
          `Warning: the App is installed on all repositories of ${site.installation.owner}, but ${plan.target.owner}/${plan.target.repo} is enough.`,
        )
      }
      const { aftermath } = interruption
      interruption.aftermath = aftermath.replace(/ To go on, install it .*$/, '')
      tell('The App is installed.')
      return
    }
    if (world.clock.monotonic() >= endsAt) {
      throw new UsageError(
        `the App was not installed within ${longestWaitMinutes} minutes. ${interruption.aftermath}`,
      )
    }
    await world.clock.sleep(pollMs)
  }
}

function choiceOf(plan: Plan): string {
  return plan.target.repo === '' ? reachOf(plan) : `"Only select repositories", then ${reachOf(plan)}`
}

/** Refuses an installation that is suspended, or lacks a permission that the workflow will ask for. */
function judge({ plan, work }: AppSetUp, { gitHub, organization }: Site, found: InstallationFacts): void {
  const settings = settingsUrl(gitHub, organization, found.slug)
  if (found.isSuspended) {
    throw new UsageError(
      `the App is suspended for ${reachOf(plan)}: unsuspend it on its installation page (${settings}/installations), then run this again. ${work.soFar()}`,
    )
  }
  const wanted = appPermissions(plan.target, plan.stateVariable)
  const missing = missingPermissions(wanted, found.permissions)
  if (Object.keys(missing).length > 0) {
    throw new UsageError(
      `the App lacks ${permissionsInWords(missing)}: add that on ${settings}/permissions, accept it on the installation page, then run this again. ${work.soFar()}`,
    )
  }
}

/** The page to show once the App is created. */
function installPage(plan: Plan, url: string): CallbackPage {
  return {
    mood: 'good',
    title: 'GitHub App created',
    paragraphs: [
      'Its private key is stored in the secret. There is nothing to copy.',
      `Now install it: choose \`Only select repositories\`, then ${repositoryInCode(plan)}. The command line is waiting for that, and then continues with Box.`,
    ],
    link: { href: url, text: 'Install it on GitHub' },
  }
}
