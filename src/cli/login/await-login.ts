/** Waits for the person to log in: the browser comes back by itself, or its last address is pasted. */
import {
  authorizationUrl,
  readAuthorizationResponse,
  type AuthorizationRequest,
} from '../../box/authorization.ts'
import { openBrowser } from './browser.ts'
import type { Callback, CallbackServer } from './callback-server.ts'
import { UsageError, type Terminal, type World } from '../command-line.ts'

/** How long a person may take, in minutes. */
const longestWaitMinutes = 15

/** Where to log in, and who waits for it. */
export interface LogIn {
  readonly request: AuthorizationRequest
  readonly server: CallbackServer
  /** Whether to open a browser on this machine. */
  readonly browser: boolean
}

/**
 * Sends the person to Box and waits for what comes back.
 *
 * @throws UsageError where nothing does
 */
export async function awaitLogIn(terminal: Terminal, world: World, logIn: LogIn): Promise<Callback> {
  const { request, server, browser } = logIn
  const { tell, show } = terminal
  const url = authorizationUrl(request)
  const opened = browser && (await openBrowser(terminal, world.platform, url))
  tell(
    opened
      ? 'Your browser is opening Box. If it does not, open this address:'
      : 'Open this address in a browser, and grant access:',
  )
  tell('')
  show(`  ${terminal.bold(url)}`)
  tell('')
  tell(
    `If Box shows "redirect_uri_mismatch" there: add ${request.redirectUri} to the redirect URIs of the app (Box Developer Console, Configuration), save, and open the address again.`,
  )
  tell(
    `If the browser is on another machine: it ends on an address that it cannot open, ${request.redirectUri}?…; paste that here, at once, because it is good for 30 seconds.`,
  )
  tell('Waiting for Box …')
  const over = new AbortController()
  try {
    return await Promise.race([
      server.callback,
      pastedCallback(terminal, request, over.signal),
      tooLate(world, over.signal),
    ])
  } finally {
    over.abort()
  }
}

async function tooLate({ clock }: World, signal: AbortSignal): Promise<never> {
  await clock.sleep(longestWaitMinutes * 60_000, signal)
  throw new UsageError(
    `nobody logged in within ${longestWaitMinutes} minutes. Nothing was written. Run this again; if Box showed an error, check the client id and the redirect URIs of the app.`,
  )
}

/** Looks at each line that is pasted until one is the answer; one that is not is told, and does not end anything. */
async function pastedCallback(
  { readLines, tell }: Terminal,
  { redirectUri, state }: AuthorizationRequest,
  signal: AbortSignal,
): Promise<Callback> {
  for await (const line of readLines(signal)) {
    const text = line.trim()
    if (text === '') continue
    if (!URL.canParse(text)) {
      tell(`That is no address. Paste all of it, from the browser's address bar: ${redirectUri}?…`)
      continue
    }
    const response = readAuthorizationResponse(new URL(text).searchParams, state)
    if (response.kind === 'forged') {
      tell(
        'That address does not belong to this log-in (its "state" is missing or another one). Still waiting.',
      )
    } else if (response.kind === 'incomplete') {
      tell('That address has neither a code nor an error of Box in it. Still waiting.')
    } else {
      return { response, show: () => Promise.resolve() }
    }
  }
  // Nothing can be pasted any more; the browser may still come.
  return new Promise(() => {})
}
