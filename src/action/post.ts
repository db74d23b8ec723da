/**
 * Entry of the post step. After nearly every run there is nothing to do, and that takes no more than a look: the rest is
 * a file of its own.
 */
import { isLeftToDo } from '../journal/step-state.ts'

// GitHub Docs, "Workflow commands", on `STATE_`. What `getState` of `@actions/core` reads, without loading that.
if (isLeftToDo((name) => process.env[`STATE_${name}`] ?? ''))
  void import(/* webpackIgnore: true */ './finish.ts')
