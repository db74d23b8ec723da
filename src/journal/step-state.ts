/** What the main step saves in its state for the post step. Imports nothing: most post steps need no more than this. */

/** Names in the step's state. `claim`: the claim that this step holds. `reported`: the main step has printed its annotation about the token. */
export const stateNames = {
  journal: 'journal',
  progress: 'progress',
  reported: 'reported',
  claim: 'claim',
} as const

/**
 * How far the main step got with what is in the journal. Without a value, not even a write was sent.
 *
 * - `about-to-store`: a write was sent, or about to be sent
 * - `published`: the shared state holds the pair; only the copy in the secret is left
 * - `settled`: nothing is left to do
 */
export type Progress = 'about-to-store' | 'published' | 'settled'

/**
 * Whether the main step left something for the post step to do: a pair that may not be stored, or a claim.
 *
 * @param read gives a value of the step's state; `''` if there is none
 */
export function isLeftToDo(read: (name: string) => string): boolean {
  return isUnsettled(read) || read(stateNames.claim) !== ''
}

/** Whether there is a pair that may not be stored. */
export function isUnsettled(read: (name: string) => string): boolean {
  const settled: Progress = 'settled'
  return read(stateNames.journal) !== '' && read(stateNames.progress) !== settled
}
