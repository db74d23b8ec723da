/** Further rules for every workflow here: least permissions with their reasons, pinned actions. */
import { isMap, isScalar, parseDocument, visit, type Pair } from 'yaml'
import type { ActionManifest } from '../sandbox/runner.ts'
import { thisAction } from './language-service.ts'
import type { Workflow } from './samples.ts'

/** A pinned commit; its version stands in a comment, for people and for the tool that updates it. */
const pinned = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/

/**
 * The faults of a workflow by these rules.
 *
 * @returns one sentence for each fault
 */
export function faultsOf(text: string, manifest: Pick<ActionManifest, 'outputs'>): string[] {
  const document = parseDocument(text)
  const { permissions, jobs } = document.toJS() as Workflow
  const faults: string[] = []
  if (permissions === undefined) faults.push('there are no permissions at the top')
  const lines = text.split('\n')
  const lineOf = (offset: number): string => lines[text.slice(0, offset).split('\n').length - 1] ?? ''

  visit(document, {
    Pair(_key, pair: Pair) {
      const { key, value } = pair
      if (!isScalar(key)) return
      if (key.value === 'permissions' && isMap(value)) {
        for (const { key: scope, value: level } of value.items) {
          const line = isScalar(scope) && scope.range ? lineOf(scope.range[0]) : ''
          if (!/ # \S/.test(line)) faults.push(`${String(scope)}: ${String(level)} has no reason beside it`)
        }
      }
      if (key.value === 'uses' && isScalar(value) && typeof value.value === 'string') {
        const uses = value.value
        if (uses.startsWith('./') || uses === `${thisAction}@v1`) return
        if (!pinned.test(uses)) faults.push(`${uses} is not pinned to a commit`)
        else if (value.range && !/ # v\d+\.\d+\.\d+$/.test(lineOf(value.range[0]))) {
          faults.push(`${uses} does not say which version it is`)
        }
      }
    },
  })

  for (const [name, { 'timeout-minutes': timeout, steps }] of Object.entries(jobs)) {
    if (timeout === undefined) faults.push(`the job ${name} has no timeout-minutes`)
    const own = steps.filter(({ uses }) => uses === './' || uses?.startsWith(`${thisAction}@`))
    for (const { id } of own) {
      if (id === undefined) continue
      for (const [, output = ''] of text.matchAll(new RegExp(`steps\\.${id}\\.outputs\\.([\\w-]+)`, 'g'))) {
        if (!(output in manifest.outputs)) faults.push(`the action has no output ${output}`)
      }
    }
    for (const { run } of steps) {
      if (run?.includes('${{')) faults.push(`there is an expression in a script of the job ${name}: use env`)
    }
  }
  return faults
}
