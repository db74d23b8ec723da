/** What the person sees at the end of a sign-in, in the browser and in the terminal. */
import type { BoxUser } from '../../box/users.ts'
import { Failure } from '../../failure.ts'
import { capital, UsageError, type Terminal } from '../command-line.ts'
import { howToMake, writeTokenName } from '../write-token.ts'
import type { Prepared } from './prepare.ts'
import type { CallbackPage } from './callback-page.ts'
import type { Finishing, Outcome } from './store.ts'
import { keepAliveWorkflow, workflowName, workflowPath } from './workflow.ts'

/** What went wrong, in short paragraphs. */
export function inParagraphs(error: unknown): string[] {
  if (error instanceof Failure) return [error.what, error.spent, error.next]
  if (error instanceof UsageError) return [capital(error.message)]
  return ['See the command line for what happened.']
}

/** The page after a successful sign-in. */
export function successPage(place: string, user: BoxUser | undefined): CallbackPage {
  const who = user ? `${user.name} (${user.login}) is signed in to Box` : 'You are signed in to Box'
  return {
    mood: 'good',
    title: 'Signed in to Box',
    paragraphs: [
      `${who}, and the secrets are stored in ${place.replace(/\S+$/, '`$&`')}.`,
      'You can close this page. The command line shows the workflow to copy.',
    ],
  }
}

/** The page after a failure. */
export function failurePage(title: string, words: readonly string[]): CallbackPage {
  return {
    mood: 'bad',
    title,
    paragraphs: [...words, 'You can close this page. The command line says the same.'],
  }
}

/** The workflow is the result; everything else goes to standard error, so that the result can be piped into a file. */
export function printResult(terminal: Terminal, finishing: Finishing, { stored, user }: Outcome): void {
  const { plan, prepared, gitHubApp, json } = finishing
  const { tell, print } = terminal
  const { place } = prepared.refreshToken.secret
  const path = workflowPath(plan.target)
  const usualBox = plan.boxApiUrl === 'https://api.box.com'
  const content = keepAliveWorkflow({
    ...plan,
    boxApiUrl: usualBox ? undefined : plan.boxApiUrl,
    writesWith: prepared.writer.kind,
  })
  const writeToken = stateOf(prepared)
  if (user) tell(`Signed in to Box as ${user.name} (${user.login}).`)
  tell(`Stored in ${place.name}: ${stored.join(', ')}.`)
  if (writeToken === 'kept') {
    tell(
      `${writeTokenName} exists already and stays as it is. To replace it, run this again with the new one in the environment.`,
    )
  }
  if (writeToken === 'missing') {
    tell(`${writeTokenName} is still missing.`)
    howToMake(plan).forEach(tell)
    tell(
      `Then run this again with it in the environment, or store it as the secret ${writeTokenName} of ${place.name}.`,
    )
  }
  tell(
    `Save the workflow as ${path}, commit it, and start it once by hand ("${workflowName}" on the Actions page).`,
  )
  if (json) {
    const workflow = { path, content }
    print(JSON.stringify({ stored, place: place.name, user: user ?? null, writeToken, gitHubApp, workflow }))
  } else {
    tell('')
    print(content.trimEnd())
  }
}

/** What became of the write token. A workflow that writes with an App needs none. */
function stateOf({ writer }: Prepared): 'kept' | 'missing' | 'not-needed' | 'stored' {
  if (writer.kind === 'app') return 'not-needed'
  if (writer.newToken !== undefined) return 'stored'
  return writer.secret.metadata === undefined ? 'missing' : 'kept'
}
