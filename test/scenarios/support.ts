/** Helpers for the scenarios. */
import { open } from 'tweetnacl-sealedbox-js'
import { expect } from 'vitest'
import type { StepResult } from '../sandbox/runner.ts'
import { encodedForms } from '../../src/encodings.ts'
import { Sandbox, secretName, writeToken, type SandboxOptions } from '../sandbox/sandbox.ts'

/** Opens the stored secret with a library that the action does not use. */
export function openStored(sandbox: Sandbox, name = secretName): string {
  const stored = sandbox.store.secrets.get(name)
  if (!stored) throw new Error(`${name} is not stored`)
  const { publicKey, privateKey } = sandbox.store.key
  const opened = open(Buffer.from(stored.sealed, 'base64'), publicKey, privateKey)
  if (!opened) throw new Error(`${name} does not open`)
  return Buffer.from(opened).toString('utf8')
}

/** Every secret that has existed. */
export function secretsOf(sandbox: Sandbox): string[] {
  const tokens = sandbox.box.pairs.flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken])
  return [sandbox.box.clientSecret, writeToken, ...tokens]
}

/** There is no secret in anything that outlives the step, except in mask commands and the one output. */
export function expectNoSecrets(sandbox: Sandbox, result: StepResult): void {
  const printed = result.stdout
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
  const { 'access-token': handedOut, ...outputs } = result.outputs
  // `export-variable` exports only the token that is handed out.
  const exported = Object.values(result.exported).filter((value) => value !== handedOut)
  const places = {
    stdout: printed,
    stderr: result.stderr,
    summary: result.summary,
    outputs: JSON.stringify(outputs),
    state: JSON.stringify(result.state),
    exported: JSON.stringify(exported),
  }
  for (const secret of secretsOf(sandbox)) {
    for (const form of encodedForms(secret)) {
      for (const [place, text] of Object.entries(places)) {
        expect(text.includes(form), `${place} holds a secret`).toBe(false)
      }
    }
  }
}

/** The end of the sandbox's write token consists of words that also occur in messages. */
const englishWords = squeezed(writeToken.replace(/^.*_/, ''))

/** The letters and digits of a text, in lower case. */
function squeezed(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/**
 * The text contains no piece of a secret from a server's words: 12 letters and digits in a row, plain, in hexadecimal,
 * in base64 of any alignment or as numbers, whatever is between them.
 */
export function expectNoPieces(sandbox: Sandbox, text: string): void {
  const searched = squeezed(text)
  for (const secret of secretsOf(sandbox)) {
    const bytes = Buffer.from(secret)
    const shifted = [0, 1, 2].map((before) =>
      Buffer.concat([Buffer.alloc(before), bytes])
        .toString('base64')
        .slice(before === 0 ? 0 : 4, -4),
    )
    for (const form of [secret, bytes.toString('hex'), [...bytes].join(''), ...shifted].map(squeezed)) {
      for (let at = 0; at + 12 <= form.length; at += 1)
        if (!englishWords.includes(form.slice(at, at + 12)))
          expect(searched, 'a piece of a secret is shown').not.toContain(form.slice(at, at + 12))
    }
  }
}

/** The run worked: the new token is stored and live, the token handed out is good, and nothing leaked. */
export function expectRotated(sandbox: Sandbox, result: StepResult): void {
  expect(result.log).not.toContain('Error: ')
  expect(result.stderr).toBe('')
  expect(result.exitCode).toBe(0)
  expect(openStored(sandbox)).toBe(sandbox.stored)
  expect(sandbox.box.takes(sandbox.stored)).toBe(true)
  expect(sandbox.box.accepts(result.outputs['access-token'] ?? '')).toBe(true)
  expect(result.masks).toContain(result.outputs['access-token'])
  expect(result.masks).toContain(sandbox.stored)
  expect(result.outputs).not.toHaveProperty('error-code')
  expect(result.outputs['refreshed']).toBe('true')
  expectNoSecrets(sandbox, result)
}

/** The run failed as specified: one annotation, the code, nothing handed out, no stack trace, no leak. */
export function expectFailure(sandbox: Sandbox, result: StepResult, code: string): string {
  expect(result.log).toContain('Error: ')
  expect(result.outputs).toEqual({ 'error-code': code })
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toBe('')
  expect(result.errors).toHaveLength(1)
  const [error] = result.errors
  expect(error?.properties['title']).toBe(`Box token (${code})`)
  expect(result.stdout).not.toMatch(/^\s+at .*:\d+/m)
  expect(result.exported).toEqual({})
  expectNoSecrets(sandbox, result)
  return error?.message ?? ''
}

/** How many requests reached Box's token endpoint. */
export function tokenRequests(sandbox: Sandbox): number {
  return sandbox.requests.filter((request) => request === 'box token').length
}

/** Nothing was sent to Box, and the secret is unchanged. */
export function expectNothingSpent(sandbox: Sandbox): void {
  expect(sandbox.requests.filter((request) => request.startsWith('box '))).toEqual([])
  expect(sandbox.stored).toBe(sandbox.firstPair.refreshToken)
  expect(sandbox.box.takes(sandbox.stored)).toBe(true)
}

/**
 * A sandbox whose steps skip pauses that only wait for time to pass: see `Sandbox.skippingPauses`. The result of a run
 * then does not depend on the speed of the machine, and `retry-for` may be long. For one process at a time.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return Sandbox.start({ skipsPauses: true, ...options })
}

/** The job has a token that is good. */
export function expectGood(sandbox: Sandbox, result: StepResult, refreshed: boolean): void {
  expect(result.errors).toEqual([])
  expect(result.outputs['refreshed']).toBe(String(refreshed))
  expect(sandbox.box.accepts(result.outputs['access-token'] ?? '')).toBe(true)
  expectNoSecrets(sandbox, result)
}
