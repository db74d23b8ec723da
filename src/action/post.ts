/**
 * Entry of the post step. After nearly every run there is nothing to do, and one check shows that: the rest is in a file of
 * its own, which is only loaded when needed.
 */
import { isLeftToDo } from '../journal/step-state.ts'

// What `getState` of `@actions/core` reads, without loading it (GitHub Docs, "Workflow commands", on `STATE_`).
if (isLeftToDo((name) => process.env[`STATE_${name}`] ?? ''))
  void import(/* webpackIgnore: true */ './finish.ts')
