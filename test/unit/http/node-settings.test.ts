import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { keepCertificatesChecked, printsTraffic } from '../../../src/http/node-settings.ts'

const sections = ['http', 'https', 'http2', 'net', 'tls', 'stream']

describe('NODE_DEBUG is read as Node.js reads it', () => {
  test.each(
    // One section, several, patterns, and values that only look like patterns.
    '|http|HTTPS|timer|*|h*|*s|s*m|timer,net|timer, net| tls|net,|http.|h.tp|(http)|^net$|n[e]t|**|ht?p|str|stream2|,|a,*2'.split(
      '|',
    ),
  )('%j', (value) => {
    const script = `const { debuglog } = require('node:util'); console.log(${JSON.stringify(sections)}.some((name) => debuglog(name).enabled))`
    const { stdout } = spawnSync(process.execPath, ['-e', script], {
      env: { ...process.env, NODE_DEBUG: value },
      encoding: 'utf8',
    })
    expect(String(printsTraffic({ NODE_DEBUG: value }))).toBe(stdout.trim())
  })

  test('not set', () => {
    expect(printsTraffic({})).toBe(false)
  })
})

test('certificate checks stay on', () => {
  const environment: Record<string, string | undefined> = { NODE_TLS_REJECT_UNAUTHORIZED: '0', HOME: '/' }
  expect(keepCertificatesChecked(environment)).toContain('is ignored')
  expect(environment).toEqual({ HOME: '/' })
  expect(keepCertificatesChecked({ NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toBeUndefined()
  expect(keepCertificatesChecked({})).toBeUndefined()
})
