/** The workflow that keeps the token alive, filled in for one place: what `login` prints for the person to copy. */
import type { SecretTarget } from '../../github/target.ts'
import { appClientIdName, appKeyName, appPermissions } from '../github-app.ts'

/** What the workflow is filled in with. */
export interface WorkflowOptions {
  readonly target: SecretTarget
  /** Names of the secrets that hold the credentials. */
  readonly names: { readonly clientId: string; readonly clientSecret: string; readonly writeToken: string }
  /** Without a final slash; `undefined`: Box's own. */
  readonly boxApiUrl: string | undefined
  /** The variable through which jobs share one token. */
  readonly stateVariable: string | undefined
  /** What it writes with: a GitHub App token, created in the run, or a stored token. */
  readonly writesWith: 'app' | 'token'
}

/** What distinguishes the workflow for a second app from the first. */
function suffixOf({ secretName }: SecretTarget): string {
  return secretName === usualName ? '' : `-${secretName.toLowerCase().replaceAll('_', '-')}`
}

const usualName = 'BOX_REFRESH_TOKEN'

/** Where the workflow belongs. */
export function workflowPath(target: SecretTarget): string {
  return `.github/workflows/box-token${suffixOf(target)}.yml`
}

/** Its name, as the Actions page shows it. */
export const workflowName = 'Keep the Box token alive'

/** This action, as a workflow refers to it. */
const action = 'owner/box-token-action@v1'

/** The action that creates the App's token, as a workflow refers to it. */
const appTokenAction = 'actions/create-github-app-token@1b10c78c7865c340bc4f6099eb2f838309f1e8c3 # v3.1.1'

/** The permissions for which `actions/create-github-app-token` has inputs; without any, the token gets all of the App's. */
const narrowable = new Set(['secrets', 'environments', 'organization_secrets', 'actions'])

/** The App's token, as the next step reads it. */
const appToken = '${{ steps.app.outputs.token }}'

/** The step that creates the App's token. */
function appStep(target: SecretTarget, stateVariable: string | undefined): readonly string[] {
  const wanted = Object.entries(appPermissions(target, stateVariable)).filter(([name]) => name !== 'metadata')
  const permissions = wanted.every(([name]) => narrowable.has(name))
    ? wanted.map(([name, level]) => `permission-${name.replaceAll('_', '-')}: ${level}`)
    : ['# no permission- inputs: there is none for variables, and the App has no other permissions']
  return [
    '- id: app',
    `  uses: ${appTokenAction}`,
    '  with:',
    ...[
      `client-id: \${{ vars.${appClientIdName} }}`,
      `private-key: \${{ secrets.${appKeyName} }}`,
      // For all repositories on which it is installed: each write sends the list of those that may use the secret.
      ...(target.organization === undefined ? [] : [`owner: ${quoted(target.organization)}`]),
      ...permissions,
    ].map((line) => `    ${line}`),
  ]
}

/** The whole file. */
export function keepAliveWorkflow({
  target,
  names,
  boxApiUrl,
  stateVariable,
  writesWith,
}: WorkflowOptions): string {
  const { environment, organization, secretName } = target
  const secret = (name: string): string => `\${{ secrets.${name} }}`
  const job = environment === undefined ? [] : [`environment: ${quoted(environment)}`]
  const place = [
    ...(environment === undefined ? [] : [`environment: ${quoted(environment)}`]),
    ...(organization === undefined ? [] : [`organization: ${quoted(organization)}`]),
    ...(secretName === usualName ? [] : [`secret-name: ${quoted(secretName)}`]),
    ...(stateVariable === undefined ? [] : [`state-variable: ${quoted(stateVariable)}`]),
    ...(boxApiUrl === undefined ? [] : [`box-api-url: ${quoted(boxApiUrl)}`]),
  ]
  const indented = (lines: readonly string[], by: number): string =>
    lines.map((line) => `${' '.repeat(by)}${line}\n`).join('')
  return `name: ${workflowName}

on:
  schedule:
    - cron: '17 3 * * 1' # every Monday, not on the hour, when GitHub is busiest
  workflow_dispatch:

permissions: {} # ${writesWith === 'app' ? "the App's token" : names.writeToken} is all it needs

concurrency: box-token${suffixOf(target)} # one run at a time: a refresh token works only once

jobs:
  box:
    runs-on: ubuntu-latest
    timeout-minutes: 15
${indented(job, 4)}    steps:
${writesWith === 'app' ? indented(appStep(target, stateVariable), 6) : ''}      - id: box
        uses: ${action}
        with:
          client-id: ${secret(names.clientId)}
          client-secret: ${secret(names.clientSecret)}
          refresh-token: ${secret(secretName)}
          github-token: ${writesWith === 'app' ? appToken : secret(names.writeToken)}
${indented(place, 10)}          verify: true
`
}

/** A YAML scalar, unquoted only if it cannot be read as anything but text. */
function quoted(text: string): string {
  const plain = /^[A-Za-z][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
  return plain ? text : `'${text.replaceAll("'", "''")}'`
}
