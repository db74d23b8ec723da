/** Whether a post step has anything to do: most have nothing, and load nothing to find that out. */
import { expect, test } from 'vitest'
import { isLeftToDo, isUnsettled } from '../../../src/journal/step-state.ts'

test.each<[string, Readonly<Record<string, string>>, boolean, boolean]>([
  ['nothing', {}, false, false],
  ['a claim', { claim: '{}' }, true, false],
  ['a claim that is given up', { claim: '' }, false, false],
  ['a pair', { journal: '{}' }, true, true],
  ['a pair that may be stored', { journal: '{}', progress: 'about-to-store' }, true, true],
  ['a pair that is published', { journal: '{}', progress: 'published' }, true, true],
  ['a pair that is settled', { journal: '{}', progress: 'settled' }, false, false],
  ['a pair that is settled, and a claim', { journal: '{}', progress: 'settled', claim: '{}' }, true, false],
  ['a pair and a claim', { journal: '{}', claim: '{}' }, true, true],
])('the main step left %s', (_name, state, left, unsettled) => {
  const read = (name: string): string => state[name] ?? ''
  expect([isLeftToDo(read), isUnsettled(read)]).toEqual([left, unsettled])
})
