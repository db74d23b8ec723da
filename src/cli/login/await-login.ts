/** Waits for the person to sign in to Box. */
import { authorizationUrl, type AuthorizationRequest } from '../../box/authorization.ts'
import { awaitAnswer, longestWaitMinutes } from './await-answer.ts'
import { openBrowser } from './browser.ts'
import { boxPath, type Callback, type CallbackServer } from './callback-server.ts'
import type { Terminal, World } from '../command-line.ts'

/** Where to sign in, and what waits for the answer. */
export interface LogIn {
  readonly request: AuthorizationRequest
  readonly server: CallbackServer
  readonly port: number
  /** Whether to open a browser on this machine. */
  readonly browser: boolean
}

/**
 * Sends the person to Box and waits for what comes back.
 *
 * @throws UsageError if nothing does in time
 */
export async function awaitLogIn(terminal: Terminal, world: World, logIn: LogIn): Promise<Callback> {
  const { request, server, port, browser } = logIn
  const { tell, show, interruption } = terminal
  const url = authorizationUrl(request)
  const awaiting = {
    server,
    port,
    path: boxPath,
    service: 'Box',
    subject: 'sign-in',
    state: request.state,
    isLast: true,
    tooLate: () =>
      `nobody signed in within ${longestWaitMinutes} minutes. ${interruption.aftermath} Run this again. If Box showed an error, check the client id and the redirect URIs of your Box app.`,
  }
  return awaitAnswer(terminal, world, awaiting, async () => {
    const opened = browser && (await openBrowser(terminal, world.platform, url))
    tell(
      opened
        ? 'Your browser is opening Box. If it does not open, go to this address:'
        : 'Open this address in a browser and grant access:',
    )
    tell('')
    show(`  ${terminal.bold(url)}`)
    tell('')
    tell(
      `If Box shows "redirect_uri_mismatch", add ${request.redirectUri} to the redirect URIs of your Box app (Developer Console, Configuration), save, and open the address again.`,
    )
    tell(
      `If your browser is on another machine, it ends up at an address that it cannot open (${request.redirectUri}?…). Paste that address here at once: it is valid for only 30 seconds.`,
    )
    tell('Waiting for Box …')
  })
}
