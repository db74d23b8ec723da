/**
 * Box's requests under all four readings of its rules. What happens to GitHub's does not depend on them: those under the
 * harshest reading that still lets a client do something. `npm run matrix` plays everything.
 */
import { expect, test } from 'vitest'
import { encodedForms } from '../../src/redact.ts'
import { readings } from '../sandbox/box.ts'
import { faults, playCell, requests } from './matrix.ts'

test.concurrent.each(
  requests.flatMap((asked) =>
    Object.entries(faults).flatMap(([name, fault]) =>
      (asked.server === 'box' ? readings : (['strict'] as const)).map(
        (reading) => [asked.name, name, reading, asked, fault] as const,
      ),
    ),
  ),
)(
  '%s, %s, %s: no token is lost that arrived, and none is shown',
  async (_request, name, reading, asked, fault) => {
    const cell = await playCell(asked, name, fault, reading)
    expect([cell.whileItLasts, cell.onceItIsOver]).not.toContain('LOST')
    for (const { stdout, stderr, summary, state, outputs } of cell.results) {
      const { 'access-token': _, ...others } = outputs
      const printed = stdout
        .split('\n')
        .filter((line) => !line.startsWith('::add-mask::'))
        .join('\n')
      expect(stderr).toBe('')
      expect(stdout).not.toMatch(/^\s+at .*:\d+/m)
      const seen = [printed, summary, JSON.stringify(state), JSON.stringify(others)].join('\n')
      for (const secret of cell.secrets) {
        for (const form of encodedForms(secret)) expect(seen.includes(form), 'a secret is shown').toBe(false)
      }
    }
    if (fault.kind === 'refuse') {
      expect(cell.results[0]?.exitCode).toBe(1)
      // On a slow machine a run may end before it comes to the request; none may get past it, or meet a reset.
      expect(cell.afterRefusal?.filter((request) => request.startsWith(asked.server)) ?? []).toEqual([])
      for (const { log } of cell.results.slice(0, 2)) expect(log).not.toContain('broke off')
    }
    const annotations = cell.results.slice(0, 2).flatMap(({ errors }) => errors)
    expect(annotations.length).toBeLessThanOrEqual(1)
  },
)
