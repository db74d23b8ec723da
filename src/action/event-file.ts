/** The file in which the runner describes the event that started the run. */
import { readFileSync } from 'node:fs'
import { isRecord } from '../json.ts'

/**
 * Removes `GITHUB_EVENT_PATH` from the environment if its file holds no JSON object: `@actions/github` would throw, with
 * the file's content in the message. The event only helps to name a failure, so a run can do without it.
 *
 * @param environment the process's own
 */
export function withoutBrokenEvent(environment: Record<string, string | undefined>): void {
  const path = environment['GITHUB_EVENT_PATH']
  if (!path) return
  let event: unknown
  try {
    event = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    event = undefined
  }
  if (!isRecord(event)) delete environment['GITHUB_EVENT_PATH']
}
