/**
 * Every request of a run, with every fault, under every reading of Box's rules: in process, on the virtual clock.
 * matrix.test.ts plays some of these cells on the bundle, and test/slow/matrix.test.ts plays more of them.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { sealingReady } from '../../src/sealing/sealed-box.ts'
import { Stage, type Happenings, type Step } from '../protocol/support.ts'
import { readings, type Reading } from '../sandbox/box.ts'
import { faults, outcome, requests, type Asked, type MatrixFault, type Outcome } from './matrix.ts'

beforeAll(sealingReady)

/** Main with the fault, post while it lasts, post when it is over: what becomes of the token. */
async function play(asked: Asked, fault: MatrixFault, reading: Reading): Promise<[Outcome, Outcome, Step]> {
  const stage = new Stage({ reading })
  const main = await stage.main({ with: { verify: 'true' }, before: begin(stage, asked, fault, 'main') })
  end(stage, asked)
  const post = await stage.post(main, { before: begin(stage, asked, fault, 'post') })
  const ended = { exitCode: main.exitCode, hasJournal: main.state.has('journal') }
  const whileItLasts = outcome(stage, ended, post.log.join('\n'))
  end(stage, asked)
  const later = await stage.post(main)
  return [whileItLasts, outcome(stage, ended, later.log.join('\n')), main]
}

/** From now on, the request meets the fault every time. */
function begin(stage: Stage, asked: Asked, fault: MatrixFault, step: 'main' | 'post'): Happenings {
  if (fault.kind !== 'refuse') {
    // In post, the check before the write is the first look at the secret that matters.
    stage.fault(`${asked.server} ${asked.label}`, fault, { skip: step === 'main' ? asked.skip : 0 })
    return {}
  }
  const awaited = [...(asked.after?.[step] ?? [])]
  if (awaited.length === 0) stage.down.add(asked.server)
  return Object.fromEntries(
    awaited.map((label) => [
      label,
      () => {
        if (awaited[0] === label) awaited.shift()
        if (awaited.length === 0) stage.down.add(asked.server)
      },
    ]),
  )
}

function end(stage: Stage, { server }: Asked): void {
  stage.faults[server].clear()
  stage.down.delete(server)
}

describe.each(readings)('Box read as %s', (reading) => {
  describe.each(requests.map((asked) => [asked.name, asked] as const))('%s', (_request, asked) => {
    test.each(Object.entries(faults))('%s: no token that arrived is lost', async (_name, fault) => {
      const [whileItLasts, onceItIsOver, main] = await play(asked, fault, reading)
      expect([whileItLasts, onceItIsOver]).not.toContain('LOST')
      expect(main.errors.length).toBe(main.exitCode)
    })
  })
})
