/** GitHub accepts action.yml as an action. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diagnose } from './language-service.ts'

const text = await readFile(join(import.meta.dirname, '..', '..', 'action.yml'), 'utf8')

test('action.yml has no fault', async () => {
  expect(await diagnose('action.yml', text)).toEqual([])
})

test('an expression in a description is detected, because the runner rejects such a file', async () => {
  const secret = text.replace('Keep it in a secret.', 'Keep it in ${{ secrets.BOX_CLIENT_SECRET }}.')
  expect(secret).not.toBe(text)
  expect((await diagnose('action.yml', secret)).join()).toContain("Unrecognized named-value: 'secrets'")
})
