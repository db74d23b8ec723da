/** Waits for a service's answer to a person's browser: the browser brings it, or the person pastes the last address. */
import { readAuthorizationResponse } from '../../box/authorization.ts'
import { UsageError, type Terminal, type World } from '../command-line.ts'
import { localUrl, type Awaited, type Callback, type CallbackServer } from './callback-server.ts'

/** How long a person may take, in minutes. */
export const longestWaitMinutes = 15

/** What to wait for, and where. */
export interface Awaiting extends Omit<Awaited, 'read'> {
  readonly server: CallbackServer
  readonly port: number
  /** What the answer has to repeat. */
  readonly state: string
  /** What it belongs to, in words: `sign-in`. */
  readonly subject: string
  /** What to say if nobody answers in time. */
  readonly tooLate: () => string
}

/**
 * Waits for the answer.
 *
 * @param introduce tells the person what to do; called once an answer can be received
 * @throws UsageError if none comes in time
 */
export async function awaitAnswer(
  terminal: Terminal,
  { clock }: World,
  awaiting: Awaiting,
  introduce: () => Promise<void>,
): Promise<Callback> {
  const { server, state, tooLate } = awaiting
  const answer = server.answerAt({ ...awaiting, read: (query) => readAuthorizationResponse(query, state) })
  await introduce()
  const over = new AbortController()
  const late = async (): Promise<never> => {
    await clock.sleep(longestWaitMinutes * 60_000, over.signal)
    throw new UsageError(tooLate())
  }
  try {
    return await Promise.race([answer, pasted(terminal, awaiting, over.signal), late()])
  } finally {
    over.abort()
  }
}

/** Reads pasted lines until one is the answer. It says what is wrong with any other line, and keeps waiting. */
async function pasted(
  { readLines, tell }: Terminal,
  { port, path, state, service, subject }: Awaiting,
  signal: AbortSignal,
): Promise<Callback> {
  for await (const line of readLines(signal)) {
    const text = line.trim()
    if (text === '') continue
    if (!URL.canParse(text)) {
      tell(
        `That is not an address. Paste the whole address from the browser's address bar: ${localUrl(port, path)}?…`,
      )
      continue
    }
    const response = readAuthorizationResponse(new URL(text).searchParams, state)
    if (response.kind === 'forged') {
      tell(
        `That address does not belong to this ${subject} (its "state" is missing or different). Still waiting.`,
      )
    } else if (response.kind === 'incomplete') {
      tell(`That address contains neither a code nor an error from ${service}. Still waiting.`)
    } else {
      return { response, isPasted: true, show: () => Promise.resolve() }
    }
  }
  // Standard input has ended; the browser may still bring the answer.
  return new Promise(() => {})
}
