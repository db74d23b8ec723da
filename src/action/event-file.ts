/** The file in which the runner tells about the event that started the run. */
import { readFileSync } from 'node:fs'
import { isRecord } from '../json.ts'

/**
 * Takes `GITHUB_EVENT_PATH` out of the environment where its file holds no JSON object: `@actions/github` would throw,
 * with what stands there in its message. The event only helps to name a failure, so a run goes on without it.
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
