/** The web addresses of the GitHub that an API belongs to. */
import { expect, test } from 'vitest'
import { installUrl, newAppUrl, serverOf, settingsUrl } from '../../../src/github/server.ts'

test.each([
  ['https://api.github.com', 'https://github.com', 'apps'],
  ['https://api.octocorp.ghe.com', 'https://octocorp.ghe.com', 'apps'],
  ['https://github.example.com/api/v3', 'https://github.example.com', 'github-apps'],
  ['https://github.example.com:8443/api/v3', 'https://github.example.com:8443', 'github-apps'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080', 'apps'],
])('web addresses for %s', (apiUrl, url, apps) => {
  const server = serverOf(apiUrl)
  expect(server.url).toBe(url)
  expect(newAppUrl(server, undefined, 'a&b')).toBe(`${url}/settings/apps/new?state=a%26b`)
  expect(newAppUrl(server, 'octo-org', 'S')).toBe(`${url}/organizations/octo-org/settings/apps/new?state=S`)
  expect(installUrl(server, 'box-token')).toBe(`${url}/${apps}/box-token/installations/new`)
  expect(settingsUrl(server, undefined, 'box-token')).toBe(`${url}/settings/apps/box-token`)
  expect(settingsUrl(server, 'octo-org')).toBe(`${url}/organizations/octo-org/settings/apps`)
})
