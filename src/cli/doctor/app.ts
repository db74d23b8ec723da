/** The GitHub App that the workflow writes with: whether its two parts are stored, and whether it is installed. */
import { AppSession, readInstallations, type InstallationFacts } from '../../github/apps.ts'
import type { GitHubOptions } from '../../github/client.ts'
import { readOrganizationVariables } from '../../github/repository.ts'
import type { Refused } from '../../github/secret-store.ts'
import { serverOf, settingsUrl } from '../../github/server.ts'
import { variablesOf } from '../../github/target.ts'
import {
  appClientIdName,
  appKeyName,
  appPermissions,
  missingPermissions,
  permissionsInWords,
} from '../github-app.ts'
import { writeTokenName } from '../write-token.ts'
import { ok, problem, refusedInWords, remedyOr, warning, type Examination, type Finding } from './finding.ts'
import { levelsOfJob, search } from './levels.ts'
import { examineSecret } from './secrets.ts'
import { nameIn, type StepInputs } from './workflow-file.ts'

/** What was found of an App. */
export interface AppParts {
  /** Name of the variable to look for; `undefined`: the workflow takes the client id from somewhere else. */
  readonly variable: string | undefined
  /** Its value; `undefined`: it does not exist. */
  readonly clientId: string | Refused | undefined
  /** The place where it was found, in words. */
  readonly variableIn: string | undefined
  /** Name of the secret to look for; `undefined`: the workflow takes the key from somewhere else. */
  readonly secret: string | undefined
  readonly hasKey: boolean
}

/**
 * Looks for the two parts of an App, by the names the workflow uses, or else by the names that `login` gives them.
 *
 * @param appStep inputs of the step that creates the App's token
 * @throws GitHubUnavailable
 */
export async function findApp(examination: Examination, appStep: StepInputs | undefined): Promise<AppParts> {
  const named = (input: string, context: 'secrets' | 'vars', preset: string): string | undefined =>
    appStep ? nameIn(appStep[input], context) : preset
  const variable = named('client-id', 'vars', appClientIdName)
  const secret = named('private-key', 'secrets', appKeyName)
  const reading = variable === undefined ? undefined : await readVariable(examination, variable)
  const key = secret === undefined ? undefined : await search(levelsOfJob(examination), secret)
  return {
    variable,
    clientId: reading && 'refused' in reading ? reading : reading?.value,
    variableIn: reading && 'value' in reading ? reading.place : undefined,
    secret,
    hasKey: key?.holder !== undefined,
  }
}

/** Reads a variable the way a job does: from its environment, its repository, its organization. */
async function readVariable(
  { client, target, repository, budget }: Examination,
  name: string,
): Promise<{ readonly value: string; readonly place: string } | Refused | undefined> {
  const { environment } = target
  const targets = environment === undefined ? [target] : [target, { ...target, environment: undefined }]
  for (const one of targets) {
    const store = variablesOf(client, one)
    const reading = await store.read(name, budget)
    if ('refused' in reading) return reading
    if (reading.value !== undefined) return { value: reading.value, place: store.place.name }
  }
  if (target.organization !== undefined || !repository?.isOfOrganization) return undefined
  const all = await readOrganizationVariables(client, repository, budget)
  if ('refused' in all) return all
  const value = all.get(name.toUpperCase())
  return value === undefined ? undefined : { value, place: `organization ${repository.owner}` }
}

/** The App's credentials from the environment of this command, as far as they are there. */
export interface AppAtHand {
  readonly clientId: string | undefined
  readonly privateKey: string | undefined
}

/** What the App's check needs. */
export interface AppExamination {
  readonly parts: AppParts
  readonly atHand: AppAtHand
  readonly connection: Omit<GitHubOptions, 'token'>
  readonly stateVariable: string | undefined
}

/**
 * Checks an App that a workflow writes with.
 *
 * @throws GitHubUnavailable
 */
export async function examineApp(examination: Examination, app: AppExamination): Promise<readonly Finding[]> {
  const { parts, atHand } = app
  const again = `run \`${examination.login} --github-app new\`, which creates another App`
  const findings: Finding[] = [clientIdFinding(examination, parts, again)]
  if (parts.secret !== undefined) {
    findings.push(
      await examineSecret(examination, {
        name: parts.secret,
        holds: 'private key of the GitHub App',
        missing: 'problem',
        next: `A lost key cannot be recovered. Generate a new one on the App's settings page and store it with \`${examination.login} --github-app existing\`, or ${again}.`,
      }),
    )
  }
  const clientId = atHand.clientId ?? (typeof parts.clientId === 'string' ? parts.clientId.trim() : undefined)
  if (clientId !== undefined) findings.push(await installationFinding(examination, app, clientId))
  const { holder } = await search(levelsOfJob(examination), writeTokenName)
  if (holder) {
    findings.push(
      warning(
        `The secret ${writeTokenName} of ${holder.words} is no longer needed: the workflow writes with the GitHub App.`,
        "Delete the secret, and delete the personal access token that it holds in its owner's GitHub settings.",
      ),
    )
  }
  return findings
}

function clientIdFinding(examination: Examination, parts: AppParts, again: string): Finding {
  const { variable, clientId, variableIn } = parts
  if (variable === undefined)
    return ok('The workflow does not take the client id of its GitHub App from a variable: not checked.')
  if (typeof clientId === 'string') {
    return ok(`The client id of the GitHub App is stored in the variable ${variable} of ${variableIn ?? ''}.`)
  }
  if (clientId !== undefined) {
    return warning(
      `Could not check whether the variable ${variable} (client id of the GitHub App) exists ${refusedInWords(examination, clientId)}.`,
      remedyOr(
        clientId,
        examination.reader,
        `The token from ${examination.reader} needs "Variables: Read" (for an environment, "Environments: Read").`,
      ),
    )
  }
  const places = levelsOfJob(examination)
    .map(({ words }) => words)
    .join(', then ')
  return problem(
    `The variable ${variable} (client id of the GitHub App) is missing: jobs look for it in ${places}.`,
    `Set it to the client id from the App's settings page, or ${again}.`,
  )
}

/** Whether the App is installed, with the permissions that the workflow will ask for. */
async function installationFinding(
  examination: Examination,
  { atHand, connection, stateVariable }: AppExamination,
  clientId: string,
): Promise<Finding> {
  const { target, repository, budget, foreign, client } = examination
  const owner = target.organization ?? repository?.owner ?? ''
  const where = repository ? `${repository.owner}/${repository.repo}` : `the organization ${owner}`
  const organization = target.organization ?? (repository?.isOfOrganization ? owner : undefined)
  const settings = settingsUrl(serverOf(connection.apiUrl), organization)
  const its = `The GitHub App ${foreign(clientId)}`
  const wanted = appPermissions(target, stateVariable)
  const judged = (found: InstallationFacts, reach: string): Finding => {
    if (found.isSuspended) {
      return problem(
        `${its} is suspended.`,
        `Unsuspend it on its installation page: ${settings}/${found.slug}/installations.`,
      )
    }
    const missing = missingPermissions(wanted, found.permissions)
    return Object.keys(missing).length > 0
      ? problem(
          `${its} lacks ${permissionsInWords(missing)}.`,
          `Add that on ${settings}/${found.slug}/permissions, then accept it on the installation page.`,
        )
      : ok(`${its} is installed${reach}, with the permissions it needs.`)
  }
  if (atHand.privateKey !== undefined) {
    const session = new AppSession(connection, { clientId, privateKey: atHand.privateKey })
    const place = { owner, repo: repository?.repo ?? '' }
    const found = await session.installation(place, budget)
    if (!('refused' in found)) return judged(found, ` on ${where}`)
    const answer = refusedInWords(examination, found)
    return found.refused === 404
      ? problem(
          `${its} is not installed on ${where} ${answer}.`,
          `Install it: choose the App on ${settings}, then "Install App".`,
        )
      : problem(
          `GitHub does not accept the key of ${its.replace('The', 'the')} ${answer}.`,
          remedyOr(
            found,
            'the App',
            `Make sure that ${appKeyName} and ${appClientIdName} in the environment belong to the same App. If the key was deleted, generate a new one on ${settings}.`,
          ),
        )
  }
  const unknown = (why: string): Finding =>
    warning(
      `Could not check whether ${its.replace('The', 'the')} is installed on ${where}: ${why}.`,
      `Set ${appKeyName} in the environment to the App's private key and run this again, or run the workflow to find out for certain.`,
    )
  if (organization === undefined) return unknown('only the App itself can see that')
  const installed = await readInstallations(client, organization, budget)
  if ('refused' in installed) {
    return unknown(`only an owner's token can see that ${refusedInWords(examination, installed)}`)
  }
  const found = installed.find((one) => one.clientId === clientId)
  if (!found) {
    return problem(
      `${its} is not installed in the organization ${organization}.`,
      `Install it: choose the App on ${settings}, then "Install App".`,
    )
  }
  return judged(
    found,
    found.isEverywhere
      ? ` on all repositories of ${organization}`
      : ` on some repositories of ${organization}`,
  )
}

/** For a workflow that writes with a stored token: whether there is an App that nobody uses. */
export function unusedApp(parts: AppParts): Finding | undefined {
  const there = [
    ...(typeof parts.clientId === 'string' ? [`the variable ${parts.variable ?? ''}`] : []),
    ...(parts.hasKey ? [`the secret ${parts.secret ?? ''}`] : []),
  ]
  if (there.length === 0) return undefined
  return warning(
    `A GitHub App is set up (${there.join(', ')}), but the workflow writes with a stored token.`,
    'Use the workflow that `box-token login --github-app` prints, so that nothing expires, or delete what is left of the App.',
  )
}
